package org.processpool.rest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How long a client may keep a connection open, how often it may come, and how it is told. */
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

    /**
     * What stands before {@code /problems/...} in the type of a problem, such as {@code
     * https://api.example.com}: an absolute http or https URI that does not end in a slash. Default
     * none, which makes types relative.
     */
    Optional<String> problemBase();

    /**
     * Most requests of one client address in a minute that ask for work, at least 0; default 0, no
     * limit. An IPv6 client is known by the first 64 bits of its address.
     */
    @WithDefault("0")
    int requestsPerMinute();
}
