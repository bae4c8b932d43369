package org.processpool.rest;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(SmallPool.class)
class TaskResourceTest {

    @Test
    void lists_the_tasks_with_schemas_and_examples() {
        when().get("/v1/tasks")
                .then()
                .statusCode(200)
                .contentType(ContentType.JSON)
                .body("tasks.name", hasItems("echo", "fib", "wordcount"))
                .body("tasks.name", not(hasItem("talk")))
                .body("tasks.summary", everyItem(not(equalTo(""))))
                .body("tasks.inputSchema", everyItem(notNullValue()))
                .body("tasks.outputSchema", everyItem(notNullValue()));
    }

    @Test
    void describes_one_task() {
        when().get("/v1/tasks/wordcount")
                .then()
                .statusCode(200)
                .body("name", equalTo("wordcount"))
                .body("inputSchema.type", equalTo("string"))
                .body("outputSchema.type", equalTo("object"))
                .body("example", equalTo("to be or not to be"))
                .body("timeoutMillis", equalTo(60_000))
                .body("links.self", equalTo("/v1/tasks/wordcount"))
                .body("links.apply", equalTo("/v1/tasks/wordcount:apply"));
    }

    @Test
    void names_similar_tasks_where_there_is_none() {
        problem(when().get("/v1/tasks/wordcont").then(), 404, "task-not-found")
                .body("suggestions", equalTo(List.of("wordcount")));
        problem(apply("wordcont", "1"), 404, "task-not-found")
                .body("suggestions", hasItem("wordcount"));
        problem(when().get("/v1/tasks/No Task!").then(), 404, "task-not-found");
    }

    @Test
    void answers_with_the_bare_result() {
        apply("wordcount", "\"to be or not to be\"")
                .statusCode(200)
                .contentType(ContentType.JSON)
                .header("Cache-Control", "no-store")
                .header("Vary", containsString("Prefer"))
                .body(equalTo("{\"be\":2,\"to\":2,\"not\":1,\"or\":1}"));
        apply("fib", "30").statusCode(200).body(equalTo("832040"));
    }

    @Test
    void takes_json_of_any_kind() {
        for (String json : new String[] {"null", "1.50", "\"进程\"", "[1,[2]]", "{\"a\":{}}"}) {
            apply("echo", json).statusCode(200).body(equalTo(json));
        }
        call().post("/v1/tasks/echo:apply").then().statusCode(200).body(equalTo("null"));
    }

    @Test
    void takes_and_gives_bytes() {
        call().contentType("application/octet-stream")
                .body("abc".getBytes(UTF_8))
                .post("/v1/tasks/sha256-bytes:apply")
                .then()
                .statusCode(200)
                .contentType(ContentType.JSON)
                .body(startsWith("\"ba7816bf8f01cfea"));
        call().contentType("text/plain;charset=UTF-8")
                .body("to be")
                .post("/v1/tasks/wordcount:apply")
                .then()
                .statusCode(200)
                .body(equalTo("{\"be\":1,\"to\":1}"));
    }

    @Test
    void refuses_malformed_json_with_its_place() {
        problem(apply("wordcount", "[\"a\",\n oops]"), 400, "malformed-json")
                .body("line", equalTo(2))
                .body("column", greaterThan(1));
    }

    @Test
    void refuses_a_body_of_another_type_with_those_there_are() {
        problem(
                        call().contentType("application/xml")
                                .body("<a/>")
                                .post("/v1/tasks/echo:apply")
                                .then(),
                        415,
                        "unsupported-media-type")
                .header("Accept-Post", containsString("application/json"))
                .body("supported", hasItem("application/json"));
    }

    @Test
    void refuses_to_answer_in_a_type_it_does_not_have() {
        problem(
                        call().accept("text/csv")
                                .contentType(ContentType.JSON)
                                .body("1")
                                .post("/v1/tasks/echo:apply")
                                .then(),
                        406,
                        "not-acceptable")
                .body("supported", hasItem("application/json"));
        problem(given().accept("application/xml").get("/v1/tasks").then(), 406, "not-acceptable");
    }

    @Test
    void has_one_method_only() {
        problem(call().get("/v1/tasks/echo:apply").then(), 405, "method-not-allowed")
                .header("Allow", "OPTIONS, POST");
        problem(when().delete("/v1/tasks").then(), 405, "method-not-allowed")
                .header("Allow", "GET, HEAD, OPTIONS");
    }

    @Test
    void says_where_the_input_does_not_fit() {
        problem(apply("hang", "{\"busy\":\"very\"}"), 422, "invalid-arguments")
                .body("violations[0].pointer", equalTo("/busy"))
                .body("violations[0].message", not(equalTo("")));
    }

    @Test
    void tells_what_the_task_threw_and_no_stack() {
        problem(apply("fib", "-1"), 500, "task-failed")
                .body("exception.type", equalTo("java.lang.IllegalArgumentException"))
                .body("exception.message", equalTo("fib takes a number from 0 to 100000, was -1"))
                .body("exception.stack", nullValue());
    }

    @Test
    void tells_of_a_result_that_cannot_be_sent() {
        problem(apply("unencodable", "null"), 502, "invalid-result");
    }

    @Test
    void survives_a_worker_that_exits() {
        problem(apply("exit", "{\"code\":3,\"halt\":false}"), 502, "worker-crashed")
                .body("exitCode", equalTo(3))
                .body("pid", greaterThan(1))
                .body("reason", equalTo("crashed"));
        apply("echo", "1").statusCode(200);
    }

    @Test
    void survives_a_worker_that_dies_by_a_signal() {
        problem(apply("crash", "\"KILL\""), 502, "worker-crashed")
                .body("exitCode", equalTo(137))
                .body("signal", equalTo("SIGKILL"));
        apply("echo", "1").statusCode(200);
    }

    @Test
    void survives_a_worker_that_eats_memory() {
        problem(
                        apply("hog", "{\"kind\":\"native\",\"mebibytes\":4096,\"hold\":true}"),
                        502,
                        "memory-limit")
                .body("limitMiB", equalTo(256));
        problem(
                apply("hog", "{\"kind\":\"heap\",\"mebibytes\":0,\"hold\":false}"),
                502,
                "memory-limit");
        apply("echo", "1").statusCode(200);
    }

    @Test
    void waits_no_longer_than_the_client_wishes() {
        problem(
                        call().contentType(ContentType.JSON)
                                .header("Prefer", "wait=1")
                                .body("60000")
                                .post("/v1/tasks/sleep:apply")
                                .then(),
                        504,
                        "wait-exceeded")
                .header("Preference-Applied", "wait=1")
                .body("waitedMillis", equalTo(1000));
    }

    @Test
    void says_which_wish_it_granted() {
        call().contentType(ContentType.JSON)
                .header("Prefer", "unknown-wish, wait=3600")
                .body("1")
                .post("/v1/tasks/echo:apply")
                .then()
                .statusCode(200)
                .header("Preference-Applied", "wait=60");
        apply("echo", "1").header("Preference-Applied", nullValue());
    }

    @Test
    void documents_itself() {
        given().accept(ContentType.JSON)
                .get("/q/openapi")
                .then()
                .statusCode(200)
                .body("paths", hasKey("/v1/tasks/{task}:apply"));
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
                .header("Cache-Control", "no-store")
                .body("type", equalTo("/problems/" + slug))
                .body("status", equalTo(status))
                .body("title", not(equalTo("")))
                .body("detail", not(equalTo("")));
    }
}
