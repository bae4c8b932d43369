package org.processpool.rest;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings as a test has them. */
record TestWebhooks(
        Optional<List<String>> allowedHosts,
        Map<String, String> secrets,
        Duration timeout,
        boolean allowInsecure)
        implements WebhookSettings {

    /** 32 bytes, for nobody else. */
    static final String SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    static TestWebhooks allowing(String... hosts) {
        return new TestWebhooks(
                Optional.of(List.of(hosts)),
                Map.of("default", SECRET),
                Duration.ofSeconds(30),
                false);
    }

    TestWebhooks secret(String name, String text) {
        return new TestWebhooks(allowedHosts, Map.of(name, text), timeout, allowInsecure);
    }

    TestWebhooks timeout(Duration other) {
        return new TestWebhooks(allowedHosts, secrets, other, allowInsecure);
    }

    TestWebhooks insecure() {
        return new TestWebhooks(allowedHosts, secrets, timeout, true);
    }
}
