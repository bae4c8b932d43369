package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.processpool.fault.RunningService;

/** For examples that leave jobs behind, which nobody else is to run. */
public final class DocumentedPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        try {
            return Map.of(
                    "process-pool.chat.tcp.port",
                    "" + RunningService.freePort(),
                    "process-pool.pools.default.processes",
                    "2",
                    "process-pool.store.directory",
                    "target/test-data/documented-${quarkus.uuid}");
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
    }
}
