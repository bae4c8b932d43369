package org.processpool.quarkus;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** Where jobs are kept. */
@ConfigMapping(prefix = "process-pool.store")
public interface StoreSettings {

    /**
     * The folder of the embedded store, made if need be and used by one service at a time; default
     * {@code process-pool-data} below the folder the service is started in.
     */
    Path directory();

    /**
     * Most bytes of the embedded store's file, so that it cannot fill the disk; over it new jobs
     * are refused with 507. 0, the default, is no limit but the disk's.
     */
    @WithDefault("0")
    MemorySize maxSize();
}
