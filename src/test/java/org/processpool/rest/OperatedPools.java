package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** Pools to be operated, two of them to be closed for ever. */
public final class OperatedPools implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes",
                "2",
                "process-pool.pools.default.queue-limit",
                "500",
                "process-pool.pools.drained.processes",
                "1",
                "process-pool.pools.terminated.processes",
                "1",
                "process-pool.rest.timeout",
                "60s");
    }
}
