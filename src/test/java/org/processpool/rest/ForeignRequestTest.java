package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.PoolState;
import org.processpool.pool.ProcessPool;

/** What a page of somebody else can have a browser do here: nothing. */
@QuarkusTest
class ForeignRequestTest {

    @TestHTTPResource("/")
    URI root;

    @Inject ProcessPool pool;

    private String ask(String request) throws Exception {
        try (Socket socket = new Socket(root.getHost(), root.getPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:8080",
                "localhost.evil.example",
                "192.168.1.1:8080",
                "169.254.169.254"
            })
    void answers_to_no_foreign_name(String host) throws Exception {
        for (String path :
                new String[] {"/", "/v1/tasks", "/v1/pools", "/chat.html", "/q/openapi"}) {
            assertThat(ask("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(path, host)))
                    .as(path)
                    .contains(" 421 ");
        }
        assertThat(ask("GET /v1/tasks HTTP/1.0\r\n\r\n")).contains(" 421 ");
        assertThat(
                        ask(
                                "GET http://evil.example/v1/tasks HTTP/1.1\r\nHost: %s\r\n\r\n"
                                        .formatted(host)))
                .contains(" 421 ");
    }

    @Test
    void answers_probes_whatever_they_call_it() throws Exception {
        for (String path : new String[] {"/q/health/live", "/q/metrics"}) {
            assertThat(ask("GET %s HTTP/1.1\r\nHost: 10.1.2.3:8080\r\n\r\n".formatted(path)))
                    .contains(" 200 ");
            assertThat(ask("GET %s HTTP/1.1\r\nHost: evil.example\r\n\r\n".formatted(path)))
                    .contains(" 421 ");
        }
    }

    @Test
    void does_nothing_for_a_page_of_another_origin() {
        for (String origin : new String[] {"https://evil.example", "null", "http://localhost:1"}) {
            call().header("Origin", origin)
                    .post("/v1/pools/default:pause")
                    .then()
                    .statusCode(403)
                    .contentType("application/problem+json")
                    .body("type", equalTo("/problems/foreign-origin"));
            call().header("Origin", origin)
                    .contentType(ContentType.JSON)
                    .body("[1]")
                    .post("/v1/tasks/fib:apply")
                    .then()
                    .statusCode(403);
        }
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.RUNNING);
    }

    @Test
    void serves_its_own_pages() {
        call().header("Origin", root.toString().replaceAll("/$", ""))
                .contentType(ContentType.JSON)
                .body("[10]")
                .post("/v1/tasks/fib:apply")
                .then()
                .statusCode(200)
                .body(equalTo("55"));
    }

    @Test
    void lets_go_of_a_client_whose_body_it_does_not_want() throws Exception {
        List<String> head =
                List.of(
                        "POST /v1/tasks/fib:apply HTTP/1.1",
                        "Host: evil.example",
                        "Content-Type: application/json",
                        "Content-Length: 1000000",
                        "",
                        "x".repeat(1000));
        assertThat(ask(String.join("\r\n", head))).contains(" 421 ");
    }

    @Test
    void has_browsers_do_nothing_with_what_is_no_page() {
        call().get("/v1/tasks")
                .then()
                .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Resource-Policy", "same-origin");
        call().get("/v1/jobs/none")
                .then()
                .statusCode(404)
                .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
}
