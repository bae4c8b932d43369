/**
 * The child process: hears calls, runs user code, answers.
 *
 * <p>Start reading at {@link org.processpool.worker.WorkerMain}, then {@code WorkerLoop} and {@code
 * Inbox}; {@code TaskRunner} turns one call into one answer. Start-up time is what this room is
 * built for: no framework, and little is loaded before it is needed. It must not know who calls,
 * nor anything of pools.
 */
@NullMarked
package org.processpool.worker;

import org.jspecify.annotations.NullMarked;
