package org.processpool.pool;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A call under way, as Python's {@code AsyncResult}. Safe for use by any number of threads.
 *
 * @param <O> the result's type
 */
public interface AsyncResult<O extends @Nullable Object> {

    /**
     * Waits for the end of the call as long as it takes.
     *
     * @return its result
     * @throws CallException if it did not return one
     * @throws InterruptedException if this thread is interrupted; the call goes on
     */
    O get() throws InterruptedException;

    /**
     * Waits for the end of the call.
     *
     * @param patience how long to wait; zero looks once
     * @return its result
     * @throws CallException if it did not return one
     * @throws TimeoutException if it has not ended by then; the call goes on
     * @throws InterruptedException if this thread is interrupted; the call goes on
     */
    O get(Duration patience) throws InterruptedException, TimeoutException;

    /**
     * Waits for the end of the call and tells nothing of it: Python's {@code wait}.
     *
     * @return whether it has ended
     */
    boolean await(Duration patience) throws InterruptedException;

    /** Whether the call has ended, in any way. */
    boolean ready();

    /**
     * Whether the call returned a result.
     *
     * @throws IllegalStateException if it has not ended
     */
    boolean successful();

    /**
     * Cancels the call. One that waits never starts. One that runs is asked to give up; if it does
     * not within {@code cancelGrace}, its process is told to end, and killed after {@code
     * killGrace}. Returns at once.
     *
     * @return whether the call had not ended yet
     */
    default boolean cancel() {
        return cancel(CancelMode.KILL);
    }

    /** Cancels the call: as {@link #cancel()}, or only asking. */
    boolean cancel(CancelMode mode);

    /**
     * As {@link #cancel(CancelMode)}, with another time to give up than the pool's {@code
     * cancelGrace}. Of several cancellations the one that grants the call the least time counts.
     *
     * @param grace how long the call may take to give up by itself before its process is told to
     *     end, at least zero; without meaning for {@link CancelMode#SOFT}, which ends no process
     * @throws IllegalArgumentException if it is negative or longer than 3,650 days
     */
    boolean cancel(CancelMode mode, Duration grace);

    /** How far a cancellation goes. */
    enum CancelMode {
        /** Only asks: a task that does not listen runs to its end, and then its result counts. */
        SOFT,
        /** Asks, then ends the process. */
        KILL
    }

    /**
     * Calls one of the two exactly once when the call has ended (at once if it has), on a thread of
     * its own: a slow or throwing callback delays and breaks nothing else.
     *
     * @return this
     */
    AsyncResult<O> callback(
            @Nullable Consumer<? super O> callback,
            @Nullable Consumer<? super CallException> errorCallback);

    /**
     * The same as a future: completed with the result or exceptionally with a {@link
     * CallException}, on the pool's callback threads. Cancelling the future cancels the call.
     */
    CompletableFuture<O> toCompletableFuture();
}
