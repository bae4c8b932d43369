package org.processpool.rest;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.processpool.pool.ProcessPool;

@QuarkusTest
@TestProfile(TightPool.class)
class TightPoolTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @Inject ProcessPool pool;

    @TestHTTPResource("/v1/tasks/")
    String tasks;

    @BeforeEach
    void wait_for_an_idle_worker() {
        await().atMost(LONG).until(() -> pool.snapshot().idle() == 1);
    }

    @Test
    void refuses_a_call_that_would_have_to_wait_and_cancels_one_nobody_waits_for()
            throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var request =
                    HttpRequest.newBuilder(URI.create(tasks + "sleep:apply"))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString("60000"))
                            .build();
            var answer = client.sendAsync(request, BodyHandlers.ofString());
            await().atMost(LONG).until(() -> pool.snapshot().busy() == 1);
            call().contentType(ContentType.JSON)
                    .body("1")
                    .post("/v1/tasks/echo:apply")
                    .then()
                    .statusCode(503)
                    .contentType("application/problem+json")
                    .header("Retry-After", "1")
                    .body("type", equalTo("/problems/queue-full"))
                    .body("queued", equalTo(0))
                    .body("limit", equalTo(0));
            answer.cancel(true);
            client.shutdownNow();
        }
        await().atMost(LONG)
                .until(() -> pool.snapshot().ended().getOrDefault("cancelled", 0L) == 1);
    }

    @Test
    void refuses_a_body_over_the_limit_whether_it_tells_its_length_or_not() {
        byte[] body = new byte[100_000];
        call().contentType("application/octet-stream")
                .body(body)
                .post("/v1/tasks/echo:apply")
                .then()
                .statusCode(413)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/content-too-large"))
                .body("limitBytes", equalTo(65_536));
        call().contentType("application/octet-stream")
                .body(new ByteArrayInputStream(body)) // in chunks
                .post("/v1/tasks/echo:apply")
                .then()
                .statusCode(413)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/content-too-large"));
    }
}
