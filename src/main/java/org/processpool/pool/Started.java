package org.processpool.pool;

import java.time.Duration;

/**
 * A call was handed to a worker to be run.
 *
 * @param worker name of the worker's slot, such as {@code default-3}
 * @param pid the worker's process id
 * @param attempt 1 for the first run, 2 for the first retry, and so on
 * @param waited time since the submission
 */
public record Started(String worker, long pid, int attempt, Duration waited) {}
