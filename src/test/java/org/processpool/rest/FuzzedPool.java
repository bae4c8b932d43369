package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** Two workers, short lines, and calls that end soon whatever they are asked. */
public final class FuzzedPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes",
                "2",
                "process-pool.pools.default.hard-memory",
                "256M",
                "process-pool.store.directory",
                "target/test-data/fuzzed-${quarkus.uuid}",
                "process-pool.rest.timeout",
                "1s",
                "process-pool.rest.longest-wait",
                "2s");
    }
}
