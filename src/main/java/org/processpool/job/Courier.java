package org.processpool.job;

import java.time.Duration;
import java.util.Optional;

/** Carries webhooks. */
public interface Courier {

    /** Tries once; blocks until it is known how that went, at most some seconds. */
    Receipt deliver(JobStore.Delivery delivery, Job job);

    /**
     * How a try went.
     *
     * @param attempt what to write down
     * @param delivered whether the other side has it
     * @param gone whether the other side wants no more
     * @param retryAfter how long the other side wants to be left alone
     */
    record Receipt(
            JobStore.Attempt attempt,
            boolean delivered,
            boolean gone,
            Optional<Duration> retryAfter) {}
}
