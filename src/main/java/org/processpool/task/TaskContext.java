package org.processpool.task;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * What a task may know of the call it serves. Safe to use from any thread while the call runs;
 * after its end {@code progress} and {@code emit} do nothing.
 */
public interface TaskContext {

    /** Bound to the running call, so that a method reference can reach its context too. */
    ScopedValue<TaskContext> CURRENT = ScopedValue.newInstance();

    /** The context of the call running on this thread, if there is one. */
    static Optional<TaskContext> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /** Number of the call, unique in its pool. */
    long callId();

    /** 1 for the first run of this call, 2 for its first retry, and so on. */
    int attempt();

    /**
     * A number the caller gave the call, to tell it from others of the same work: whoever keeps
     * results can refuse one with a lower token than it has seen. 0 if the caller gave none, and
     * always in a conversation.
     */
    default long fencingToken() {
        return 0;
    }

    /**
     * Process id of this worker, as its pool and the system know it; in a sandbox {@link
     * ProcessHandle} has another.
     */
    long workerPid();

    /**
     * Tells the caller how far the work is; never blocks for long and may be called as often as one
     * likes.
     *
     * @param done units done so far, at least 0
     * @param total all units, or 0 if unknown
     * @param message a short text, or null
     */
    void progress(long done, long total, @Nullable String message);

    /**
     * Sends a part of the result ahead.
     *
     * @param part any value that could be a result
     * @throws IllegalArgumentException if the part cannot be encoded
     */
    void emit(Object part);

    /**
     * Whether the caller has cancelled or the time limit has passed. The running thread is also
     * interrupted; a task that goes on regardless is killed with its process after the grace time.
     */
    boolean cancelled();

    /**
     * Ends a cancelled task.
     *
     * @throws CancellationException if {@link #cancelled()}
     */
    default void checkCancelled() {
        if (cancelled()) {
            throw new CancellationException("call " + callId() + " was cancelled");
        }
    }
}
