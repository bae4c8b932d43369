package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** Two workers that may not grow large, and plenty of time for each call. */
public final class SmallPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes",
                "2",
                "process-pool.pools.default.hard-memory",
                "256M",
                "process-pool.rest.timeout",
                "60s");
    }
}
