package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** Three requests a minute, and problems with an address of their own. */
public final class RestrictedPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes",
                "1",
                "process-pool.pools.default.queue-limit",
                "7",
                "process-pool.rest.requests-per-minute",
                "3",
                "process-pool.rest.problem-base",
                "https://api.example.com/pool");
    }
}
