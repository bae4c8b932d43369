package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.processpool.rest.Calls.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.standardwebhooks.Webhook;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** FAULTS 25: whatever the receiver does, jobs are unharmed and deliveries tell. */
@QuarkusTest
@TestProfile(CallbackPool.class)
class CallbackTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Heard(Map<String, List<String>> headers, String body) {}

    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final AtomicInteger answer = new AtomicInteger(204);
    private HttpServer receiver;

    @BeforeEach
    void listen() throws IOException {
        receiver =
                HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        receiver.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        heard.add(
                                new Heard(
                                        Map.copyOf(exchange.getRequestHeaders()),
                                        new String(
                                                exchange.getRequestBody().readAllBytes(), UTF_8)));
                        exchange.sendResponseHeaders(answer.get(), -1);
                    }
                });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:%d/hook".formatted(receiver.getAddress().getPort());
    }

    private static String submit(String json) {
        return call().contentType(ContentType.JSON)
                .body(json)
                .post("/v1/jobs")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static Response deliveries(String id) {
        return call().get("/v1/jobs/" + id + "/deliveries");
    }

    private static void awaitState(String id, String state) {
        await().atMost(LONG)
                .until(() -> List.of(state).equals(deliveries(id).path("deliveries.state")));
    }

    @Test
    void tells_of_success_signed_and_once() throws Exception {
        String id =
                submit(
                        "{\"task\":\"fib\",\"args\":[10],\"callback\":\"%s\",\"errorCallback\":\"%s\"}"
                                .formatted(url(), url()));
        awaitState(id, "delivered");
        assertThat(heard).hasSize(1);
        Heard call = heard.getFirst();
        new Webhook(TestWebhooks.SECRET)
                .verify(call.body(), HttpHeaders.of(call.headers(), (_, _) -> true));
        JsonNode body = JSON.readTree(call.body());
        assertThat(body.path("type").asText()).isEqualTo("job.succeeded");
        assertThat(body.path("data").path("id").asText()).isEqualTo(id);
        assertThat(body.path("data").path("result").asInt()).isEqualTo(55);
        assertThat(deliveries(id).<List<Integer>>path("deliveries[0].attempts.status"))
                .containsExactly(204);
    }

    @Test
    void tells_of_failure_and_cancellation_to_whom_it_may_concern() throws Exception {
        String failed =
                submit(
                        "{\"task\":\"fib\",\"args\":[-1],\"callback\":\"%s\",\"errorCallback\":{\"url\":\"%s\"}}"
                                .formatted(url(), url()));
        awaitState(failed, "delivered");
        assertThat(JSON.readTree(heard.getFirst().body()).path("type").asText())
                .isEqualTo("job.failed");
        String cancelled =
                submit(
                        "{\"task\":\"sleep\",\"args\":[60000],\"errorCallback\":{\"url\":\"%s\",\"events\":[\"job.cancelled\"]}}"
                                .formatted(url()));
        call().post("/v1/jobs/" + cancelled + ":cancel").then().statusCode(200);
        awaitState(cancelled, "delivered");
        assertThat(JSON.readTree(heard.getLast().body()).path("type").asText())
                .isEqualTo("job.cancelled");
    }

    @Test
    void tries_again_gives_up_and_tries_again_on_request() {
        answer.set(500);
        String id = submit("{\"task\":\"fib\",\"args\":[10],\"callback\":\"%s\"}".formatted(url()));
        awaitState(id, "failed");
        assertThat(deliveries(id).<List<Integer>>path("deliveries[0].attempts.status"))
                .containsExactly(500, 500, 500);
        assertThat(heard.stream().map(call -> call.headers().get("Webhook-id")).distinct())
                .as("the same message each time")
                .hasSize(1);
        answer.set(200);
        call().post("/v1/jobs/" + id + "/deliveries/1:redeliver").then().statusCode(202);
        awaitState(id, "delivered");
        call().post("/v1/jobs/" + id + "/deliveries/7:redeliver").then().statusCode(404);
    }

    @Test
    void leaves_alone_a_receiver_that_is_gone() {
        answer.set(410);
        String id = submit("{\"task\":\"fib\",\"args\":[10],\"callback\":\"%s\"}".formatted(url()));
        awaitState(id, "failed");
        assertThat(heard).hasSize(1);
    }

    @Test
    void survives_a_receiver_that_is_down() {
        String url = url();
        receiver.stop(0);
        String id = submit("{\"task\":\"fib\",\"args\":[10],\"callback\":\"%s\"}".formatted(url));
        awaitState(id, "failed");
        call().get("/v1/jobs/" + id).then().statusCode(200);
        assertThat(deliveries(id).<List<Integer>>path("deliveries[0].attempts.status"))
                .containsExactly(null, null, null);
    }
}
