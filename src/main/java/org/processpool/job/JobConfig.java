package org.processpool.job;

import java.time.Duration;
import java.util.List;

/**
 * How jobs are treated. A value out of its range refuses the start.
 *
 * @param owner name of this process in the store
 * @param maxQueued most jobs that may be queued, at least 0
 * @param maxQueuedPerTenant most of them that one tenant may have, at least 0; 0 is no limit of its
 *     own
 * @param maxLosses how often a job may be lost with the service before it fails; at least 0
 * @param resultTtl how long a result is kept if its job does not say; positive
 * @param longestResultTtl how long a job may wish it to be kept; at least {@code resultTtl}
 * @param retention how long a job is known after its end; positive
 * @param keyTtl how long an idempotency key is known; positive
 * @param logLimit characters of a job's output that are kept; 1,024 to 16,777,216
 * @param webhookDelays waits before the tries of a webhook; at least one
 */
public record JobConfig(
        String owner,
        int maxQueued,
        int maxQueuedPerTenant,
        int maxLosses,
        Duration resultTtl,
        Duration longestResultTtl,
        Duration retention,
        Duration keyTtl,
        int logLimit,
        List<Duration> webhookDelays) {

    /**
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public JobConfig {
        if (maxQueued < 0) {
            throw new IllegalArgumentException("maxQueued must be at least 0, was " + maxQueued);
        }
        if (maxQueuedPerTenant < 0) {
            throw new IllegalArgumentException(
                    "maxQueuedPerTenant must be at least 0, was " + maxQueuedPerTenant);
        }
        if (maxLosses < 0) {
            throw new IllegalArgumentException("maxLosses must be at least 0, was " + maxLosses);
        }
        positive("resultTtl", resultTtl);
        positive("retention", retention);
        positive("keyTtl", keyTtl);
        if (longestResultTtl.compareTo(resultTtl) < 0) {
            throw new IllegalArgumentException(
                    "longestResultTtl must be at least resultTtl (%s), was %s"
                            .formatted(resultTtl, longestResultTtl));
        }
        if (logLimit < 1 << 10 || logLimit > 1 << 24) {
            throw new IllegalArgumentException(
                    "logLimit must be from 1024 to 16777216, was " + logLimit);
        }
        webhookDelays = List.copyOf(webhookDelays);
        if (webhookDelays.isEmpty()) {
            throw new IllegalArgumentException("webhookDelays must have at least one");
        }
        for (Duration delay : webhookDelays) {
            if (delay.isNegative()) {
                throw new IllegalArgumentException(
                        "webhookDelays must not be negative, was " + delay);
            }
        }
    }

    private static void positive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "%s must be positive, was %s".formatted(what, value));
        }
    }
}
