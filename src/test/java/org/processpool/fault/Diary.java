package org.processpool.fault;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolListener;
import org.processpool.wire.Target;

/** Remembers what happened in a pool. */
final class Diary implements PoolListener {

    /** The end of a worker. */
    record Death(long pid, int exitCode, ExitReason reason) {}

    private final List<Long> starts = new CopyOnWriteArrayList<>();
    private final List<Death> deaths = new CopyOnWriteArrayList<>();
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final ConcurrentMap<String, AtomicLong> ends = new ConcurrentHashMap<>();

    @Override
    public void workerStarted(String worker, long pid) {
        starts.add(pid);
    }

    @Override
    public void workerGone(String worker, long pid, int exitCode, ExitReason reason) {
        deaths.add(new Death(pid, exitCode, reason));
    }

    @Override
    public void workerSaid(String worker, long pid, String line) {
        said.add(line);
    }

    @Override
    public void callEnded(Target target, Outcome outcome, Duration waited, Duration ran) {
        ends.computeIfAbsent(outcome.word(), _ -> new AtomicLong()).incrementAndGet();
    }

    /** The processes started so far. */
    List<Long> starts() {
        return starts;
    }

    List<Death> deaths() {
        return deaths;
    }

    /** Why the worker is gone; empty while it is not. */
    List<ExitReason> reasonsOf(long pid) {
        return deaths.stream().filter(death -> death.pid() == pid).map(Death::reason).toList();
    }

    /** The lines the workers printed. */
    List<String> said() {
        return said;
    }

    /** How many calls have ended, in whichever way. */
    long callsEnded() {
        return ends.values().stream().mapToLong(AtomicLong::get).sum();
    }
}
