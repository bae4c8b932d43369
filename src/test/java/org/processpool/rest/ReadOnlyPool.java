package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** A pool that nobody may operate. */
public final class ReadOnlyPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.read-only", "true", "process-pool.pools.default.processes", "1");
    }
}
