package org.processpool.quarkus;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolListener;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.PoolState;
import org.processpool.pool.RunningCall;
import org.processpool.wire.Target;

/**
 * Several listeners as one; each hears everything, in order.
 *
 * @param all the listeners
 */
record Listeners(List<PoolListener> all) implements PoolListener {

    Listeners {
        all = List.copyOf(all);
    }

    @Override
    public void workerStarted(String worker, long pid) {
        all.forEach(one -> one.workerStarted(worker, pid));
    }

    @Override
    public void workerReady(String worker, long pid, Duration startup) {
        all.forEach(one -> one.workerReady(worker, pid, startup));
    }

    @Override
    public void workerGone(String worker, long pid, int exitCode, ExitReason reason) {
        all.forEach(one -> one.workerGone(worker, pid, exitCode, reason));
    }

    @Override
    public void callStarted(Target target, String worker, long pid, Duration waited) {
        all.forEach(one -> one.callStarted(target, worker, pid, waited));
    }

    @Override
    public void callEnded(Target target, Outcome outcome, Duration waited, Duration ran) {
        all.forEach(one -> one.callEnded(target, outcome, waited, ran));
    }

    @Override
    public void callRejected(PoolRejectedException why) {
        all.forEach(one -> one.callRejected(why));
    }

    @Override
    public void workerSaid(String worker, long pid, Optional<RunningCall> call, String line) {
        all.forEach(one -> one.workerSaid(worker, pid, call, line));
    }

    @Override
    public void poolState(PoolState state, String why) {
        all.forEach(one -> one.poolState(state, why));
    }
}
