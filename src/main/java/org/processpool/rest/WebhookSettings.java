package org.processpool.rest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where callbacks may go and how they are signed. A value that cannot be stops the start. */
@ConfigMapping(prefix = "process-pool.webhooks")
public interface WebhookSettings {

    /**
     * Hosts that callbacks may name; none by default, and then there are no callbacks. Either a
     * name, or {@code *.example.com} for all names below {@code example.com}, itself not included.
     * A port may follow, as in {@code hooks.example.com:8443}; without one it is 443.
     */
    Optional<List<String>> allowedHosts();

    /**
     * Secrets by the name that a callback's {@code secretRef} has; {@code default} signs for
     * callbacks that name none. Each is {@code whsec_} and 24 to 64 bytes in Base64, as Standard
     * Webhooks has it.
     */
    Map<String, String> secrets();

    /**
     * Longest time of one attempt, from the look-up of the host to the end of the answer; 1 ms to 5
     * minutes, default 15 s.
     */
    @WithDefault("15s")
    Duration timeout();

    /**
     * For development only: lets callbacks have {@code http}, address literals, any port where
     * {@link #allowedHosts} names none, and hosts in private networks. Hosts have to be allowed all
     * the same. Default false; true is warned of at the start.
     */
    @WithDefault("false")
    boolean allowInsecure();
}
