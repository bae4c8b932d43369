package org.processpool.pool;

import java.time.Duration;
import java.util.Optional;
import org.processpool.wire.Target;

/**
 * Hears what happens in a pool. Called without a lock held, on the thread where it happened, so
 * methods must be short and must not block; what they throw is logged and otherwise ignored.
 */
public interface PoolListener {

    /** Hears nothing. */
    PoolListener SILENT = new PoolListener() {};

    /** A process was started; it is not ready yet. */
    default void workerStarted(String worker, long pid) {}

    /** A worker is ready for calls, so long after its start. */
    default void workerReady(String worker, long pid, Duration startup) {}

    /** A worker process has ended; {@code pid} and {@code exitCode} are -1 if it never started. */
    default void workerGone(String worker, long pid, int exitCode, ExitReason reason) {}

    /** A call was sent to a worker. */
    default void callStarted(Target target, String worker, long pid, Duration waited) {}

    /** A call has ended, in whichever way. */
    default void callEnded(Target target, Outcome outcome, Duration waited, Duration ran) {}

    /** A submission was refused. */
    default void callRejected(PoolRejectedException why) {}

    /** A line a worker wrote to its standard error or output. */
    default void workerSaid(String worker, long pid, String line) {}

    /**
     * The same with the call the worker had when the line came, if any: of several at once the
     * first, and of what was printed just before a call's end perhaps the next one. Unless
     * overridden it tells the shorter method.
     */
    default void workerSaid(String worker, long pid, Optional<RunningCall> call, String line) {
        workerSaid(worker, pid, line);
    }

    /** The pool is in another state; {@code why} may be empty. */
    default void poolState(PoolState state, String why) {}
}
