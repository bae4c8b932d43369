package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.processpool.rest.Calls.call;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.processpool.rest.WebhookSender.Attempt;

@QuarkusTest
@TestProfile(WebhooksInServiceTest.Insecure.class)
class WebhooksInServiceTest {

    /** Webhooks to this machine, as somebody who develops has them. */
    public static final class Insecure implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "process-pool.pools.default.processes",
                    "1",
                    "process-pool.webhooks.allow-insecure",
                    "true",
                    "process-pool.webhooks.allowed-hosts",
                    "127.0.0.1,[::1]",
                    "process-pool.webhooks.secrets.acme",
                    TestWebhooks.SECRET);
        }
    }

    @Inject WebhookSender sender;

    @Test
    void sends_as_it_is_set_up_and_keeps_the_path_out_of_the_metrics() throws Exception {
        HttpServer receiver =
                HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        receiver.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        Receiver.answer(exchange, 200);
                    }
                });
        receiver.start();
        try {
            URI url =
                    URI.create(
                            "http://127.0.0.1:%d/token-of-the-receiver"
                                    .formatted(receiver.getAddress().getPort()));
            var message = new WebhookMessage("msg_1", url, "acme", "{}".getBytes(UTF_8));
            var sending = new FutureTask<>(() -> sender.send(message));
            Thread.startVirtualThread(sending);
            Attempt attempt = sending.get(1, TimeUnit.MINUTES);
            assertThat(attempt.error()).isEmpty();
            assertThat(attempt.delivered()).isTrue();
            String metrics = call().get("/q/metrics").then().statusCode(200).extract().asString();
            assertThat(metrics).contains("processpool").doesNotContain("token-of-the-receiver");
        } finally {
            receiver.stop(0);
        }
    }
}
