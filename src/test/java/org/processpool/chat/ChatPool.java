package org.processpool.chat;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** A chat of two workers, in which one may talk as fast as one likes. */
public final class ChatPool implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes", "1",
                "process-pool.pools.default.min-processes", "0",
                "process-pool.pools.chat.processes", "2",
                "process-pool.pools.chat.min-processes", "2",
                "process-pool.chat.max-waiting", "3",
                "process-pool.chat.messages-per-minute", "0",
                "process-pool.chat.frames-per-second", "0",
                "process-pool.security.allowed-origins", "https://friend.example");
    }
}
