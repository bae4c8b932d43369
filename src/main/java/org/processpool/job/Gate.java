package org.processpool.job;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

/**
 * Lets as many jobs into a pool as it has workers for, the most urgent first and of those the one
 * that was accepted first, chunk by chunk, so that a job that is called running does not wait in
 * the pool's own line. How many that is may change at any time.
 *
 * <p>Invariant: at most as many are inside as the capacity was when the last one of them entered.
 */
final class Gate {

    private final IntSupplier capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final PriorityQueue<Waiting> line =
            new PriorityQueue<>(
                    Comparator.comparingInt(Waiting::priority)
                            .reversed()
                            .thenComparing(Waiting::job)
                            .thenComparingInt(Waiting::chunk)
                            .thenComparingLong(Waiting::number));
    private long next;
    private int inside;
    private boolean closed;

    /** Ids of jobs are in the order in which they were made. */
    private record Waiting(int priority, String job, int chunk, long number) {}

    Gate(IntSupplier capacity) {
        this.capacity = capacity;
    }

    /**
     * Waits for its turn and enters.
     *
     * @param priority of the job, the highest first
     * @param job its id
     * @param chunk which part of the job, from 0; -1 if it has none
     * @return whether it is inside; false once nobody is let in any more
     */
    boolean enter(int priority, JobId job, int chunk) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Waiting place = new Waiting(priority, job.toString(), chunk, next++);
            line.add(place);
            try {
                while (!closed && (!place.equals(line.peek()) || inside >= capacity.getAsInt())) {
                    moved.await();
                }
                if (closed) {
                    return false;
                }
                inside++;
                return true;
            } finally {
                line.remove(place);
                moved.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes room for another. */
    void leave() {
        lock.lock();
        try {
            inside--;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets nobody in any more, those who wait included. */
    void close() {
        lock.lock();
        try {
            closed = true;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Looks again how many there is room for. */
    void look() {
        lock.lock();
        try {
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
