package org.processpool.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** Callbacks to this machine, tried three times in quick succession. */
public final class CallbackPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes",
                "2",
                "process-pool.store.directory",
                "target/test-data/callbacks-${quarkus.uuid}",
                "process-pool.webhooks.allow-insecure",
                "true",
                "process-pool.webhooks.allowed-hosts",
                "127.0.0.1",
                "process-pool.webhooks.secrets.default",
                TestWebhooks.SECRET,
                "process-pool.jobs.webhook-delays",
                "0s,100ms,100ms");
    }
}
