package org.processpool.rest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long a client may keep a connection open for one call. */
@ConfigMapping(prefix = "process-pool.rest")
public interface CallLimits {

    /** Longest run of a call whose task sets no limit itself; positive, default 30 s. */
    @WithDefault("30s")
    Duration timeout();

    /**
     * Longest wait for an answer, the wait for a worker included, whatever task and client wish;
     * positive, default 60 s.
     */
    @WithDefault("60s")
    Duration longestWait();
}
