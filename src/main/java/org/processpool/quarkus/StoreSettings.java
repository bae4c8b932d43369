package org.processpool.quarkus;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;

/** Where jobs are kept. */
@ConfigMapping(prefix = "process-pool.store")
public interface StoreSettings {

    /**
     * The folder of the embedded store, made if need be and used by one service at a time; default
     * {@code process-pool-data} below the folder the service is started in.
     */
    Path directory();
}
