package org.processpool.rest;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.processpool.pool.ProcessPool;

/** What is wrong with a request is said so that a stranger can mend it. */
@QuarkusTest
@TestProfile(SmallPool.class)
class BadInputTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @Inject ProcessPool pool;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"busy\": | 1 | 9",
                "{\"busy\":true}} | 1 | 14",
                "{\\n\"busy\": yes} | 2 | 13",
            })
    void malformed_json_has_line_and_column(String json, int line, int column) {
        for (String task : List.of("hang", "echo")) {
            problem(apply(task, json.replace("\\n", "\n")), 400, "malformed-json")
                    .body("line", equalTo(line))
                    .body("column", equalTo(column));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "hang | {\"busy\":\"very\"} | /busy |"
                        + " must be true or false, was the string \"very\"",
                "hang | {\"busi\":true,\"busy\":true} | /busi | is unknown; there are: busy",
                "hang | {} | `` | member \"busy\" is missing",
                "hang | [1] | /0 | must be true or false, was 1",
                "hang | [true,1] | `` | must have at most 1 elements, had 2",
                "hang | null | `` | must be an object, was null",
                "fib | \"30\" | `` | must be an integer, was the string \"30\"",
                "fib | 30.0 | `` | must be an integer, was 30.0",
                "fib | 3000000000 | `` | must be at most 2147483647, was 3000000000",
                "fib | [\"30\"] | /0 | must be an integer, was the string \"30\"",
                "gunzip | \"?\" | `` | must be bytes in base64"
            })
    void what_does_not_fit_is_refused_before_it_is_queued(
            String task, String json, String pointer, String message) {
        long calls = calls();
        problem(apply(task, json), 422, "invalid-arguments")
                .body("violations", hasSize(1))
                .body("violations[0].pointer", equalTo(pointer))
                .body("violations[0].message", equalTo(message))
                .body("detail", containsString(message))
                .body("schema", equalTo("/v1/tasks/" + task));
        assertThat(calls()).isEqualTo(calls);
    }

    @Test
    void an_array_of_one_stands_for_its_element() {
        apply("fib", "[30]").statusCode(200).body(equalTo("832040"));
        apply("wordcount", "[\"a\"]").statusCode(200).body(equalTo("{\"a\":1}"));
        apply("regex-match", "[\"a+\", \"caat\"]").statusCode(200);
    }

    @Test
    void plain_text_is_a_string() {
        problem(
                        call().contentType("text/plain;charset=UTF-8")
                                .body("30")
                                .post("/v1/tasks/fib:apply")
                                .then(),
                        422,
                        "invalid-arguments")
                .body(
                        "violations[0].message",
                        equalTo("must be an integer, was the string \"30\""));
    }

    @Test
    void an_unknown_task_is_answered_with_similar_names() {
        problem(apply("fbi", "30"), 404, "task-not-found").body("suggestions", hasItem("fib"));
    }

    @Test
    void another_method_is_answered_with_those_there_are() {
        problem(call().put("/v1/tasks/fib:apply").then(), 405, "method-not-allowed")
                .header("Allow", "OPTIONS, POST");
        problem(when().post("/v1/pools").then(), 405, "method-not-allowed")
                .header("Allow", "GET, HEAD, OPTIONS");
    }

    @Test
    void another_media_type_is_answered_with_those_there_are() {
        problem(
                        call().contentType("application/xml")
                                .body("<n>30</n>")
                                .post("/v1/tasks/fib:apply")
                                .then(),
                        415,
                        "unsupported-media-type")
                .header("Accept-Post", "application/json, application/octet-stream, text/plain");
    }

    @Test
    void what_was_wished_is_told_in_the_language_that_was_wished() {
        problem(
                        call().header("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")
                                .contentType(ContentType.JSON)
                                .body("{\"busy\":\"很\"}")
                                .post("/v1/tasks/hang:apply")
                                .then(),
                        422,
                        "invalid-arguments")
                .header("Content-Language", "zh")
                .header("Vary", containsString("Accept-Language"))
                .body("title", equalTo("Invalid arguments"))
                .body("detail", equalTo("输入不符合任务“hang”的要求：在 /busy 处：应为布尔值（true 或 false），实际为字符串“很”"))
                .body("violations[0].message", equalTo("应为布尔值（true 或 false），实际为字符串“很”"));
        problem(when().get("/v1/pools/none").then(), 404, "pool-not-found")
                .header("Content-Language", "en")
                .body("detail", equalTo("there is no pool 'none'"));
        problem(given().header("Accept-Language", "zh").get("/nowhere").then(), 404, "not-found")
                .header("Content-Language", "zh")
                .body("detail", equalTo("/nowhere 处没有任何资源"));
    }

    @Test
    void a_problem_has_the_number_of_the_trace() {
        problem(
                        given().header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
                                .get("/v1/pools/none")
                                .then(),
                        404,
                        "pool-not-found")
                .body("traceId", equalTo(TRACE));
        problem(
                        given().header("traceparent", "00-nonsense").get("/nowhere").then(),
                        404,
                        "not-found")
                .body("traceId", matchesPattern("[0-9a-f]{32}"));
    }

    @Test
    void an_answer_says_how_much_room_there_is() {
        apply("echo", "1")
                .statusCode(200)
                .header("RateLimit-Policy", "\"queue\";q=1000;qu=\"concurrent-requests\"")
                .header("RateLimit", matchesPattern("\"queue\";r=\\d+"));
        apply("fib", "\"x\"")
                .statusCode(422)
                .header("RateLimit", matchesPattern("\"queue\";r=\\d+"));
    }

    @Test
    void a_media_type_that_is_none_is_the_clients_mistake() {
        for (String none : new String[] {"/", "no type"}) {
            call().header("Content-Type", none)
                    .get("/problems")
                    .then()
                    .statusCode(400)
                    .body("type", equalTo("/problems/invalid-header"));
        }
        call().header("Accept", ";")
                .contentType("application/json")
                .body("1")
                .post("/v1/tasks/echo:apply")
                .then()
                .statusCode(400)
                .body("type", equalTo("/problems/invalid-header"));
    }

    @Test
    void each_problem_has_a_page() {
        given().accept(ContentType.JSON)
                .get("/problems")
                .then()
                .statusCode(200)
                .body(
                        "problems.type",
                        hasItems(
                                "/problems/invalid-header",
                                "/problems/invalid-page-token",
                                "/problems/malformed-line",
                                "/problems/job-not-found",
                                "/problems/job-not-finished",
                                "/problems/idempotency-in-progress",
                                "/problems/idempotency-key-reused",
                                "/problems/result-expired",
                                "/problems/callback-not-allowed",
                                "/problems/insufficient-storage"));
        for (ProblemType type : ProblemType.values()) {
            given().accept(ContentType.HTML)
                    .get(type.path())
                    .then()
                    .statusCode(200)
                    .body(containsString(type.title()));
        }
    }

    private long calls() {
        return pool.snapshot().ended().values().stream().mapToLong(Long::longValue).sum();
    }

    private static ValidatableResponse apply(String task, String json) {
        return call().contentType(ContentType.JSON)
                .body(json)
                .post("/v1/tasks/" + task + ":apply")
                .then();
    }

    private static ValidatableResponse problem(
            ValidatableResponse response, int status, String slug) {
        return response.statusCode(status)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/" + slug))
                .body("status", equalTo(status))
                .body("traceId", matchesPattern("[0-9a-f]{32}"));
    }
}
