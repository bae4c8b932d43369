package org.processpool.pool;

import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskName;

/**
 * Sole use of one worker for a while; give it back with {@link #close}. Calls of a lease go to its
 * worker in order and do not wait in the pool's line. When the worker dies its calls end as any
 * would and the lease is over: {@link #lost()}.
 */
public interface Lease extends AutoCloseable {

    /** Name of the worker's slot, such as {@code default-3}. */
    String worker();

    /** The worker's process id. */
    long pid();

    /**
     * Runs code in the leased worker and waits for the result.
     *
     * @throws CallException if there is none
     * @throws IllegalStateException if the lease is over
     */
    <I extends @Nullable Object, O extends @Nullable Object> O apply(Work<I, O> work, I input)
            throws InterruptedException;

    /** As {@link #apply(Work, Object)}. */
    default <I extends @Nullable Object, O extends @Nullable Object> O apply(
            RemoteFunction<I, O> code, I input) throws InterruptedException {
        return apply(Work.of(code), input);
    }

    /**
     * Runs code in the leased worker.
     *
     * @throws IllegalStateException if the lease is over
     */
    <I extends @Nullable Object, O extends @Nullable Object> AsyncResult<O> applyAsync(
            Work<I, O> work, I input);

    /**
     * Opens a conversation in the leased worker; several may be open in it at once.
     *
     * @throws CallException if the worker knows none of that name or it refuses to open
     * @throws IllegalStateException if the lease is over
     */
    OpenConversation converse(TaskName conversation) throws InterruptedException;

    /** Whether the worker has died or was given back. */
    boolean lost();

    /**
     * Calls the listener once when the worker has died before the lease was closed, on the pool's
     * callback threads; at once if it has.
     */
    void onLost(Runnable listener);

    /**
     * Gives the worker back; calls still running in it are cancelled. Idempotent, does not wait.
     */
    @Override
    void close();
}
