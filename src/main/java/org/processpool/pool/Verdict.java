package org.processpool.pool;

/**
 * What has been decided on the call a worker runs, before the worker knows: it has timed out or was
 * cancelled. The call ends so whether the worker gives up in time or has to be killed.
 *
 * @param decided how the call will have ended
 * @param reason why the worker will be gone, if it has to be killed
 * @param since when it was asked to give up, by the pool's ticker
 */
record Verdict(Outcome decided, ExitReason reason, long since) {

    /** The outcome with what the worker told of its threads meanwhile. */
    Outcome outcome(WorkerHandle worker) {
        return decided instanceof Outcome.TimedOut(var limit, long pid, _)
                ? new Outcome.TimedOut(limit, pid, worker.threads)
                : decided;
    }
}
