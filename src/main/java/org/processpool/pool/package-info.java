/**
 * The library: worker processes kept alive, calls handed out, every call ended.
 *
 * <p>Start reading at {@link org.processpool.pool.ProcessPool}. Inside, a {@code Dispatcher} pairs
 * waiting calls with workers under one lock, a {@code WorkerHandle} is the parent's side of one
 * process, and a {@code Supervisor} starts, watches and replaces processes. The room must not know
 * of frameworks, configuration files, HTTP or what a task does.
 */
@NullMarked
package org.processpool.pool;

import org.jspecify.annotations.NullMarked;
