package org.processpool.job;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Says when a stored job, chunk or webhook is due, and to nobody else at the same time. What was
 * handed out to a process that then died is handed out again: here after its heartbeat was missed,
 * or at once if the store belongs to this process alone.
 */
public interface JobQueue {

    /**
     * Begins to hand out.
     *
     * @param lanes one per pool: how many of its jobs are handed out at once
     * @param handler who runs them, on virtual threads
     */
    void start(List<Lane> lanes, Handler handler);

    /**
     * A pool's share.
     *
     * @param pool name of the pool
     * @param slots most of its jobs and chunks that are handed out at once; at least 1
     */
    record Lane(String pool, int slots) {}

    /** Who runs what is due. Each method blocks until it is done with it. */
    interface Handler {

        /** Runs a job. @return when it is to be handed out again, or empty if it is done with */
        Optional<Instant> job(String pool, JobId id);

        /** Runs a chunk of a map. @return as {@link #job} */
        Optional<Instant> chunk(String pool, JobId id, int number);

        /** Sends a webhook. @return as {@link #job} */
        Optional<Instant> webhook(long key);
    }

    /** Something is due in this lane: look now rather than at the next turn. */
    void wake(String pool);

    /** Webhooks are due: look now rather than at the next turn. */
    void wakeWebhooks();

    /** Hands out no more; returns at once. */
    void pause();

    /**
     * Hands out no more and waits for those who run, then interrupts them. What they have not ended
     * stays due.
     */
    void stop(Duration grace);
}
