package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** Two workers, a store of its own, and results that may be wished away at once. */
public final class JobPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes",
                "2",
                "process-pool.pools.default.hard-memory",
                "512M",
                "process-pool.store.directory",
                "target/test-data/jobs-${quarkus.uuid}",
                "process-pool.jobs.log-limit",
                "4096");
    }
}
