package org.processpool.job;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What happened lately: a ring of the last {@value #SIZE} events. Whoever publishes never waits for
 * readers; a reader that falls behind the ring is told that it missed something, and costs nothing
 * while it sleeps. Safe for use by any number of threads.
 *
 * <p>Invariant: the ring holds the events numbered {@code next - SIZE} to {@code next - 1}, as far
 * as there were so many.
 */
public final class JobEvents {

    /** Events that are remembered. */
    public static final int SIZE = 1024;

    private final @Nullable JobEvent[] ring = new JobEvent[SIZE];
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private long next = 1;
    private boolean closed;

    /**
     * What a reader gets.
     *
     * @param events in order; none if nothing happened in time
     * @param last number to read on from
     * @param gap whether events before these were missed
     * @param closed whether nothing more will come
     */
    public record Batch(List<JobEvent> events, long last, boolean gap, boolean closed) {}

    /** Tells everybody; never blocks for long. */
    public void publish(JobEvent.What what) {
        Instant now = Instant.now();
        lock.lock();
        try {
            ring[(int) (next % SIZE)] = new JobEvent(next, now, what);
            next++;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The number of the last event; 0 if there was none. */
    public long last() {
        lock.lock();
        try {
            return next - 1;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads on, and waits if there is nothing yet.
     *
     * @param after number of the last event that was read; one that never was is a gap
     * @param wanted which events; others are passed over
     * @param patience how long to wait
     */
    public Batch read(long after, Predicate<JobEvent.What> wanted, Duration patience)
            throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            boolean gap = after > next - 1 || after < next - 1 - SIZE;
            long from = gap ? Math.max(1, next - SIZE) : after + 1;
            while (true) {
                List<JobEvent> found = new ArrayList<>();
                if (from < next - SIZE) {
                    gap = true;
                    from = next - SIZE;
                }
                for (; from < next; from++) {
                    JobEvent event = ring[(int) (from % SIZE)];
                    if (event != null && wanted.test(event.what())) {
                        found.add(event);
                    }
                }
                if (!found.isEmpty() || gap || closed || left <= 0) {
                    return new Batch(found, from - 1, gap, closed);
                }
                left = more.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** No more comes: readers are let go. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
