package org.processpool.pool;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before trying again: doubled each time up to a most, give or take a fifth so
 * that many do not try at once.
 *
 * @param least wait before the first retry
 * @param most longest wait, before the jitter
 */
record Backoff(Duration least, Duration most) {

    /** Between starts of workers that fail. */
    static final Backoff START = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30));

    /** Between runs of a call whose worker died. */
    static final Backoff RETRY = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(5));

    /**
     * @param failures how often it has failed, at least 1
     */
    Duration delay(int failures) {
        int doublings = Math.min(failures - 1, 30);
        long nanos = Math.min(most.toNanos(), least.toNanos() << Math.min(doublings, 20));
        return Duration.ofNanos((long) (nanos * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }
}
