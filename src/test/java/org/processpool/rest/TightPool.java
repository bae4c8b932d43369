package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** One worker, no room to wait, and small bodies. */
public final class TightPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes",
                "1",
                "process-pool.pools.default.queue-limit",
                "0",
                "process-pool.rest.timeout",
                "60s",
                "process-pool.rest.max-body",
                "64K");
    }
}
