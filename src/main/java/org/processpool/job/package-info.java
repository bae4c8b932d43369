/**
 * What a client asked for over time: its states, its history, its callbacks.
 *
 * <p>Start reading at {@link org.processpool.job.JobService}, which takes jobs, has them run by a
 * pool and writes down how they end. What a job is while nobody runs it stands in the {@link
 * org.processpool.job.JobStore}; when it is to be run the {@link org.processpool.job.JobQueue}
 * says. The room must not know of HTTP nor of databases.
 */
@NullMarked
package org.processpool.job;

import org.jspecify.annotations.NullMarked;
