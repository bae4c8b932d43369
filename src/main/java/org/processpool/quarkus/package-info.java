/**
 * The plain pool as a good Quarkus citizen: settings in, health and meters out, a clean end.
 *
 * <p>Start reading at {@link org.processpool.quarkus.PoolProducer}, which starts the pools that
 * {@link org.processpool.quarkus.PoolSettings} describes and ends them with the service. The room
 * must not know how a pool does its work, and no other room may know this one.
 */
@NullMarked
package org.processpool.quarkus;

import org.jspecify.annotations.NullMarked;
