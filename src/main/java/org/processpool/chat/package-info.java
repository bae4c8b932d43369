/**
 * Conversations on leased workers: people who talk with each other and each with a worker, over
 * WebSocket and plain TCP.
 *
 * <p>Start reading at the network's end with {@link org.processpool.chat.TextSocket}, which makes
 * whole text messages of a WebSocket's frames. The room must not know of jobs, of stores nor of
 * REST, and not how pools are configured.
 */
@NullMarked
package org.processpool.chat;

import org.jspecify.annotations.NullMarked;
