package org.processpool.rest;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much a client may send. */
@ConfigMapping(prefix = "process-pool.rest")
public interface BodyLimits {

    /**
     * Largest body of a request, except that of a stream of items, which may have no end; positive,
     * default 10 MiB.
     */
    @WithDefault("10M")
    MemorySize maxBody();

    /** Largest item of such a stream, a line or an element of an array; positive, default 1 MiB. */
    @WithDefault("1M")
    MemorySize maxLine();
}
