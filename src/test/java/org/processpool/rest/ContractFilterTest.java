package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service that breaks its promises, each test in another way. */
class ContractFilterTest {

    private static final String PROBLEM =
            """
            {"type":"/problems/%s","title":"%s","status":%d,"detail":"as the test wants it"}\
            """;

    private static final String NOT_THERE =
            PROBLEM.formatted("task-not-found", "No such task", 404);

    private final ContractFilter filter = new ContractFilter();
    private final Map<String, String> headers = new LinkedHashMap<>();
    private int status = 200;
    private String type = "application/json";
    private String body = "{\"name\":\"a\",\"pid\":null,\"size\":\"SMALL\"}";
    private HttpServer service;

    @BeforeEach
    void start() throws IOException {
        byte[] document;
        try (var stream = getClass().getResourceAsStream("promises.json")) {
            document = stream.readAllBytes();
        }
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    boolean asked = exchange.getRequestURI().getPath().equals("/q/openapi");
                    byte[] bytes = asked ? document : body.getBytes(UTF_8);
                    if (!asked) {
                        headers.forEach(exchange.getResponseHeaders()::set);
                    }
                    if (!type.isEmpty()) {
                        exchange.getResponseHeaders()
                                .set("Content-Type", asked ? "application/json" : type);
                    }
                    exchange.sendResponseHeaders(
                            asked ? 200 : status, bytes.length == 0 ? -1 : bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        service.start();
    }

    @AfterEach
    void stop() {
        service.stop(0);
    }

    @Test
    void lets_pass_what_is_as_promised() {
        assertThat(get("/v1/things/a").statusCode()).isEqualTo(200);
        type = "application/json;charset=UTF-8";
        body = "{\"name\":\"a\",\"pid\":12,\"size\":\"LARGE\"}";
        assertThat(get("/v1/things/a?x=1").body().asString()).isEqualTo(body);
        type = "application/problem+json";
        body = NOT_THERE;
        status = 404;
        headers.put("Cache-Control", "no-store");
        assertThat(get("/v1/things/b").statusCode()).isEqualTo(404);
        assertThat(get("/v1/nothing").statusCode()).isEqualTo(404);
        type = "text/html";
        status = 200;
        assertThat(get("/page").statusCode()).isEqualTo(200);
        assertThat(get("/q/health").statusCode()).isEqualTo(200);
    }

    @Test
    void tells_verbs_after_a_colon_from_the_thing_itself() {
        type = "";
        body = "";
        status = 202;
        headers.put("Location", "/v1/things/a");
        assertThat(call().post("/v1/things/a:start").statusCode()).isEqualTo(202);
        breach("POST", "/v1/things/a").hasMessageContaining("POST is not documented");
    }

    @Test
    void catches_a_path_nobody_documented() {
        breach("GET", "/v1/others").hasMessageContaining("the path is not documented");
    }

    @Test
    void catches_a_method_nobody_documented() {
        breach("DELETE", "/v1/things/a")
                .hasMessageContaining("DELETE is not documented for /v1/things/{thing}");
        status = 405;
        type = "application/problem+json";
        body = PROBLEM.formatted("method-not-allowed", "Method not allowed", 405);
        headers.put("Allow", "OPTIONS");
        breach("DELETE", "/v1/things/a")
                .hasMessageContaining("Allow: OPTIONS does not name all of");
        headers.put("Allow", "GET, OPTIONS");
        assertThat(call().delete("/v1/things/a").statusCode()).isEqualTo(405);
    }

    @Test
    void catches_a_status_nobody_documented() {
        status = 201;
        breach("GET", "/v1/things/a").hasMessageContaining("status 201 is not documented");
    }

    @Test
    void catches_a_media_type_nobody_documented() {
        type = "text/plain";
        breach("GET", "/v1/things/a").hasMessageContaining("media type 'text/plain' is none");
        type = "";
        breach("GET", "/v1/things/a").hasMessageContaining("media type '' is none");
    }

    @Test
    void catches_a_body_that_does_not_fit() {
        body = "{\"name\":\"a\",\"pid\":\"12\",\"size\":\"SMALL\"}";
        breach("GET", "/v1/things/a").hasMessageContaining("/pid");
        body = "{\"name\":\"a\",\"pid\":1,\"size\":\"HUGE\"}";
        breach("GET", "/v1/things/a").hasMessageContaining("/size");
        body = "{\"name\":\"a\",\"pid\":1}";
        breach("GET", "/v1/things/a").hasMessageContaining("required property 'size'");
        body = "{\"name\":\"a\",\"pid\":1,\"size\":\"SMALL\",\"secret\":1}";
        breach("GET", "/v1/things/a").hasMessageContaining("secret");
        body = "{\"name\":";
        breach("GET", "/v1/things/a").hasMessageContaining("no JSON");
        body = "{\"name\":\"a\",\"pid\":1,\"size\":\"SMALL\"} {}";
        breach("GET", "/v1/things/a").hasMessageContaining("no JSON");
        body = "";
        breach("GET", "/v1/things/a").hasMessageContaining("there is no JSON value");
    }

    @Test
    void catches_a_body_where_there_should_be_none() {
        status = 202;
        headers.put("Location", "/v1/things/a");
        breach("POST", "/v1/things/a:start").hasMessageContaining("where none is documented");
    }

    @Test
    void catches_a_missing_header() {
        type = "";
        body = "";
        status = 202;
        breach("POST", "/v1/things/a:start").hasMessageContaining("header Location is missing");
    }

    @Test
    void catches_a_problem_that_is_none_of_the_services_or_not_of_this_operation() {
        headers.put("Cache-Control", "no-store");
        status = 404;
        type = "application/problem+json";
        body = PROBLEM.formatted("no-luck", "No luck", 404);
        breach("GET", "/v1/things/a").hasMessageContaining("no type of problem of the service");
        body = PROBLEM.formatted("pool-not-found", "No such pool", 404);
        breach("GET", "/v1/things/a").hasMessageContaining("/type");
    }

    @Test
    void catches_a_problem_that_is_not_as_rfc_9457_has_it() {
        headers.put("Cache-Control", "no-store");
        status = 404;
        type = "application/problem+json";
        body = "{\"type\":\"/problems/task-not-found\",\"title\":\"No such task\",\"status\":404}";
        breach("GET", "/v1/things/a").hasMessageContaining("required property 'detail'");
        body = PROBLEM.formatted("task-not-found", "No such task", 410);
        breach("GET", "/v1/things/a").hasMessageContaining("member status 410 and HTTP status 404");
        body = PROBLEM.formatted("task-not-found", "Gone fishing", 404);
        breach("GET", "/v1/things/a").hasMessageContaining("another title");
        body = "oops";
        breach("GET", "/v1/things/a").hasMessageContaining("the problem is no JSON");
        body = NOT_THERE;
        headers.clear();
        breach("GET", "/v1/things/a").hasMessageContaining("header Cache-Control is missing");
    }

    @Test
    void catches_a_bad_line_of_a_stream() {
        type = "application/x-ndjson";
        body = "{\"index\":1}\n\n{\"index\":2}\n";
        assertThat(get("/v1/things").statusCode()).isEqualTo(200);
        body = "{\"index\":1}\n{\"index\":\"2\"}\n";
        breach("GET", "/v1/things").hasMessageContaining("/index");
        body = "{\"index\":1}\n{\"ind";
        breach("GET", "/v1/things").hasMessageContaining("no JSON");
    }

    @Test
    void catches_a_bad_event_when_it_is_read() {
        type = "text/event-stream";
        body = ": hello\n\nid: 1\nevent: one\ndata: {\"index\":1}\n\n";
        assertThat(get("/v1/things").asString()).isEqualTo(body);
        body = "data: {\"index\":true}\n\n";
        assertThatThrownBy(() -> get("/v1/things").asString())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("/index");
        body = "{\"index\":1}\n\n";
        assertThatThrownBy(() -> get("/v1/things").asString())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no line of server-sent events");
    }

    private Response get(String path) {
        return call().get(path);
    }

    private RequestSpecification call() {
        return Calls.call()
                .baseUri("http://127.0.0.1:" + service.getAddress().getPort())
                .filter(filter);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> breach(String method, String path) {
        return assertThatThrownBy(() -> call().request(method, path))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("breaks the contract")
                .hasMessageContaining("%s %s answered %d".formatted(method, path, status));
    }
}
