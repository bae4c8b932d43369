package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** For examples that leave jobs behind, which nobody else is to run. */
public final class DocumentedPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes",
                "2",
                "process-pool.store.directory",
                "target/test-data/documented-${quarkus.uuid}");
    }
}
