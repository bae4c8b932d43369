package org.processpool.rest;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.ProcessPool;

@QuarkusTest
@TestProfile(SmallPool.class)
@Timeout(120)
class MapResourceTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String NDJSON = "application/x-ndjson";

    @Inject ProcessPool pool;

    @TestHTTPResource("/")
    String base;

    @BeforeEach
    void wait_until_all_workers_are_idle() {
        await().atMost(LONG).until(() -> pool.snapshot().idle() == 2);
    }

    private RawCall stream(String taskAndQuery) throws IOException {
        return new RawCall(
                base, "/v1/tasks/" + taskAndQuery, "Content-Type: " + NDJSON, "Accept: " + NDJSON);
    }

    private static String ok(long index, Object result) {
        return "{\"index\":%d,\"ok\":true,\"result\":%s}".formatted(index, result);
    }

    private static String end(int succeeded, int failed) {
        return "{\"end\":true,\"total\":%d,\"succeeded\":%d,\"failed\":%d}"
                .formatted(succeeded + failed, succeeded, failed);
    }

    private static ValidatableResponse map(String taskAndQuery, String type, String body) {
        return call().contentType(type)
                .accept(NDJSON)
                .body(body.getBytes(UTF_8))
                .post("/v1/tasks/" + taskAndQuery)
                .then();
    }

    private static List<String> lines(ValidatableResponse answer) {
        return answer.statusCode(200).extract().asString().lines().toList();
    }

    private static ValidatableResponse problem(
            ValidatableResponse answer, int status, String slug) {
        return answer.statusCode(status)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/" + slug));
    }

    // What comes back

    @Test
    void answers_each_line_with_its_index_and_ends_with_a_count() {
        ValidatableResponse answer = map("fib:map", NDJSON, "1\n\r\n30\r\n-1\n10");
        List<String> lines = lines(answer);
        answer.contentType(containsString(NDJSON))
                .header("Cache-Control", "no-store")
                .header("Vary", containsString("Accept"))
                .header("X-Accel-Buffering", "no");
        assertThat(lines).hasSize(5);
        assertThat(lines.subList(0, 2)).containsExactly(ok(0, 1), ok(1, 832040));
        assertThat(lines.get(2))
                .startsWith(
                        "{\"index\":2,\"ok\":false,\"error\":{\"type\":\"/problems/task-failed\"")
                .contains("was -1");
        assertThat(lines.subList(3, 5)).containsExactly(ok(3, 55), end(3, 1));
    }

    @Test
    void takes_an_array_too_and_leaves_items_as_they_are() {
        assertThat(lines(map("echo:map", "application/json", "[1.50, \"进程\",{\"a\":[]},null]")))
                .containsExactly(
                        ok(0, "1.50"),
                        ok(1, "\"进程\""),
                        ok(2, "{\"a\":[]}"),
                        ok(3, "null"),
                        end(4, 0));
        assertThat(lines(map("echo:map", "application/json", "[]"))).containsExactly(end(0, 0));
        assertThat(lines(map("echo:map", NDJSON, ""))).containsExactly(end(0, 0));
    }

    @Test
    void sends_server_sent_events_if_asked_to() {
        String events =
                call().contentType(NDJSON)
                        .accept("text/event-stream")
                        .body("1\n2\n".getBytes(UTF_8))
                        .post("/v1/tasks/echo:map")
                        .then()
                        .statusCode(200)
                        .contentType(containsString("text/event-stream"))
                        .extract()
                        .asString();
        assertThat(events)
                .isEqualTo(
                        "event: item\ndata: %s\n\nevent: item\ndata: %s\n\nevent: end\ndata: %s\n\n"
                                .formatted(ok(0, 1), ok(1, 2), end(2, 0)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?chunk=100", "?order=completion&chunk=7"})
    void gives_100_000_items_each_once(String query) {
        int count = 100_000;
        String body =
                IntStream.range(0, count)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining("\n"));
        List<String> lines = lines(map("echo:map" + query, NDJSON, body));
        assertThat(lines.getLast()).isEqualTo(end(count, 0));
        Stream<String> expected = IntStream.range(0, count).mapToObj(i -> ok(i, i));
        List<String> items = lines.subList(0, count);
        if (query.contains("completion")) {
            assertThat(items.stream().sorted())
                    .containsExactlyElementsOf(expected.sorted().toList());
        } else {
            assertThat(items).isEqualTo(expected.toList());
        }
    }

    // Full duplex

    @ParameterizedTest
    @ValueSource(strings = {"", "?chunk=50", "?order=completion"})
    void gives_a_result_before_the_next_item_is_sent(String query) throws IOException {
        try (RawCall call = stream("echo:map" + query)) {
            for (int i = 0; i < 20; i++) {
                call.send(i + "\n");
                assertThat(call.line()).isEqualTo(ok(i, i));
            }
            assertThat(call.status()).isEqualTo(200);
            call.end();
            assertThat(call.rest()).containsExactly(end(20, 0));
        }
    }

    @Test
    void gives_what_is_done_first_if_order_does_not_count() throws IOException {
        try (RawCall call = stream("sleep:map?order=completion")) {
            call.send("30000\n1\n");
            assertThat(call.line()).startsWith("{\"index\":1,\"ok\":true");
        }
    }

    @Test
    void uses_the_connection_again() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < 3; i++) {
                assertThat(
                                client.send(
                                                HttpRequest.newBuilder(
                                                                URI.create(
                                                                        base + "v1/tasks/echo:map"))
                                                        .header("Content-Type", NDJSON)
                                                        .header("Accept", NDJSON)
                                                        .POST(
                                                                HttpRequest.BodyPublishers.ofString(
                                                                        "1\n"))
                                                        .build(),
                                                BodyHandlers.ofString())
                                        .body())
                        .isEqualTo(ok(0, 1) + "\n" + end(1, 0) + "\n");
            }
        }
    }

    // Options

    @Test
    void stops_at_the_first_failure_if_told_to() throws IOException {
        try (RawCall call = stream("fib:map?onError=stop")) {
            call.send("1\n-1\n2\n3\n");
            List<String> lines = call.rest(); // the body has no end
            assertThat(lines).hasSize(3);
            assertThat(lines.get(1)).startsWith("{\"index\":1,\"ok\":false");
            assertThat(lines.get(2))
                    .isEqualTo(
                            "{\"end\":true,\"total\":2,\"succeeded\":1,\"failed\":1,\"stopped\":true}");
        }
    }

    @Test
    void with_star_an_item_that_is_no_array_is_refused_at_its_place() {
        List<String> lines = lines(map("echo:map?star=true", NDJSON, "[1,2]\n3\n[5]\n"));
        assertThat(lines.get(0)).isEqualTo(ok(0, "[1,2]"));
        assertThat(lines.get(1))
                .startsWith("{\"index\":1,\"ok\":false")
                .contains("/problems/invalid-arguments");
        assertThat(lines.subList(2, 4)).containsExactly(ok(2, 5), end(2, 1));
    }

    @ParameterizedTest
    @CsvSource({
        "order=random, order",
        "chunk=0, chunk",
        "chunk=many, chunk",
        "chunk=100000, chunk",
        "onError=ignore, onError",
        "star=1, star",
        "detach=yes, detach",
        "chunks=5, chunks"
    })
    void refuses_a_bad_parameter_by_its_name(String query, String parameter) {
        problem(map("echo:map?" + query, NDJSON, "1"), 400, "invalid-request")
                .body("violations[0].parameter", equalTo(parameter))
                .body("violations[0].message", not(equalTo("")));
    }

    // Negotiation

    @Test
    void refuses_what_apply_refuses() {
        problem(map("ech:map", NDJSON, "1"), 404, "task-not-found")
                .body("suggestions", hasItem("echo"));
        problem(map("echo:map", "application/xml", "<a/>"), 415, "unsupported-media-type")
                .header("Accept-Post", containsString(NDJSON))
                .body("supported", hasItems(NDJSON, "application/json"));
        problem(
                        call().contentType(NDJSON)
                                .accept("text/csv")
                                .body("1".getBytes(UTF_8))
                                .post("/v1/tasks/echo:map")
                                .then(),
                        406,
                        "not-acceptable")
                .body("supported", hasItems(NDJSON, "text/event-stream"));
        problem(call().get("/v1/tasks/echo:map").then(), 405, "method-not-allowed")
                .header("Allow", "OPTIONS, POST");
    }

    @Test
    void documents_itself() {
        given().accept(ContentType.JSON)
                .get("/q/openapi")
                .then()
                .statusCode(200)
                .body("paths.'/v1/tasks/{task}:map'.post.requestBody.content", hasKey(NDJSON))
                .body(
                        "paths.'/v1/tasks/{task}:map'.post.parameters.name",
                        hasItems("task", "order", "chunk", "onError", "star", "detach"))
                .body("paths.'/v1/tasks/{task}:map'.post.responses", hasKey("413"));
    }

    // Malformed

    @Test
    void a_malformed_line_before_the_first_result_is_a_problem() {
        problem(map("echo:map", NDJSON, "1\n\n[1,\n"), 400, "malformed-line")
                .body("lineNumber", equalTo(3));
        problem(map("echo:map", "application/json", "[1,\n 2 3]"), 400, "malformed-json")
                .body("line", equalTo(2));
        problem(map("echo:map", "application/json", "{\"a\":1}"), 400, "malformed-json");
        problem(
                        map("echo:map", NDJSON, "\"" + "x".repeat(2 << 20) + "\""),
                        413,
                        "content-too-large")
                .body("limitBytes", equalTo(1 << 20))
                .body("lineNumber", equalTo(1));
    }

    @Test
    void a_malformed_line_after_it_is_told_in_the_last_line() throws IOException {
        try (RawCall call = stream("echo:map")) {
            call.send("1\n");
            assertThat(call.line()).isEqualTo(ok(0, 1));
            call.send("2\noops\n3\n");
            assertThat(call.line()).isEqualTo(ok(1, 2));
            assertThat(call.line())
                    .startsWith("{\"end\":true,\"total\":2,\"succeeded\":2,\"failed\":0,\"error\":")
                    .contains("/problems/malformed-line")
                    .contains("\"lineNumber\":3");
            assertThat(call.line()).isNull();
        }
    }

    // Who goes away

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancels_what_is_left_when_the_client_goes(boolean bodyEnded) throws IOException {
        try (RawCall call = stream("sleep:map")) {
            call.send("60000\n60000\n60000\n");
            if (bodyEnded) {
                call.end();
            }
            await().atMost(LONG).until(() -> pool.snapshot().busy() == 2);
        }
        await().atMost(LONG).until(() -> pool.snapshot().idle() == 2);
        assertThat(pool.snapshot().queued()).isZero();
    }

    @Test
    void lets_detached_items_run_to_their_end() throws IOException {
        long before = pool.snapshot().ended().getOrDefault("done", 0L);
        try (RawCall call = stream("sleep:map?detach=true")) {
            call.send("1000\n1001\n1002\n1003\n");
            await().atMost(LONG).until(() -> pool.snapshot().busy() == 2);
        }
        await().atMost(LONG)
                .until(() -> pool.snapshot().ended().getOrDefault("done", 0L) == before + 4);
    }

    @Test
    void a_reader_who_does_not_read_stops_an_endless_body() throws Exception {
        String many = String.join("\n", Collections.nCopies(1000, "\"" + "y".repeat(100) + "\""));
        var sent = new AtomicLong();
        CompletableFuture<Void> sending;
        try (RawCall call = stream("echo:map?chunk=10")) {
            sending =
                    CompletableFuture.runAsync(() -> {
                        try {
                            while (true) {
                                call.send(many + "\n");
                                sent.addAndGet(many.length());
                            }
                        } catch (IOException closed) {
                            // as planned
                        }
                    });
            var last = new AtomicLong(-1);
            await().atMost(LONG)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> last.getAndSet(sent.get()) == sent.get() && sent.get() > 0);
            assertThat(sending.isDone()).as("whether the connection was closed").isFalse();
            assertThat(sent.get()).isLessThan(64 << 20);
            assertThat(pool.snapshot().idle()).isEqualTo(2);
            assertThat(call.line()).startsWith("{\"index\":0,\"ok\":true");
            assertThat(call.status()).isEqualTo(200);
        }
        sending.get();
        assertThat(lines(map("echo:map", NDJSON, "1"))).containsExactly(ok(0, 1), end(1, 0));
    }
}
