package org.processpool.rest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** How jobs are treated. */
@ConfigMapping(prefix = "process-pool.jobs")
public interface JobSettings {

    /**
     * Longest run of one call of a job, if neither the job nor its task says; of a map, of one
     * item. Not negative, 0 s is no limit; default 1 h.
     */
    @WithDefault("1h")
    Duration timeout();

    /** Most jobs that may be queued, at least 0; default 100,000. */
    @WithDefault("100000")
    int maxQueued();

    /**
     * Most of them that one tenant may have, so that none takes the place of all; at least 0. 0,
     * the default, is no limit of its own.
     */
    @WithDefault("0")
    int maxQueuedPerTenant();

    /** Most items of a map that is stored, at least 1; default 1,000,000. */
    @WithDefault("1000000")
    int maxItems();

    /**
     * How often a job may be lost because the service died while it ran, before it fails; at least
     * 0, default 100. Such a loss is none of the job's own {@code retries}.
     */
    @WithDefault("100")
    int maxLosses();

    /** How long a result is kept if its job does not say; positive, default 1 day. */
    @WithDefault("1d")
    Duration resultTtl();

    /** How long a job may wish its result to be kept; default 30 days. */
    @WithDefault("30d")
    Duration longestResultTtl();

    /** How long a job is known after its end; positive, default 7 days. */
    @WithDefault("7d")
    Duration retention();

    /** How long an idempotency key is known; positive, default 24 h. */
    @WithDefault("24h")
    Duration idempotencyTtl();

    /** Characters of what a job prints that are kept, the last ones; 1,024 to 16,777,216. */
    @WithDefault("262144")
    int logLimit();

    /** Waits before the tries of a webhook; after the last one it is given up. */
    @WithDefault("0s,5s,30s,5m,30m")
    List<Duration> webhookDelays();
}
