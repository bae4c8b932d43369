package org.processpool.quarkus;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.processpool.job.JobEvent;
import org.processpool.job.JobEvents;
import org.processpool.pool.ExitReason;
import org.processpool.pool.PoolListener;
import org.processpool.pool.PoolState;

/**
 * Tells those who listen over HTTP what happens in a pool.
 *
 * @param pool its name
 * @param events where to tell
 */
record PoolEvents(String pool, JobEvents events) implements PoolListener {

    @Override
    public void workerStarted(String worker, long pid) {
        worker("worker.started", worker, pid, Optional.empty());
    }

    @Override
    public void workerReady(String worker, long pid, Duration startup) {
        worker("worker.ready", worker, pid, Optional.empty());
    }

    @Override
    public void workerGone(String worker, long pid, int exitCode, ExitReason reason) {
        worker("worker.gone", worker, pid, Optional.of(reason.word()));
    }

    @Override
    public void poolState(PoolState state, String why) {
        events.publish(new JobEvent.PoolChanged(pool, state.name(), why));
    }

    private void worker(String type, String worker, long pid, Optional<String> reason) {
        events.publish(
                new JobEvent.WorkerChanged(
                        type,
                        pool,
                        worker,
                        pid < 0 ? OptionalLong.empty() : OptionalLong.of(pid),
                        reason));
    }
}
