package org.processpool.rest;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(JobPool.class)
class JobResourceTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    // ---- submitting

    @Test
    void takes_a_job_and_says_where_it_is() {
        String id =
                post("{\"task\":\"fib\",\"args\":[30]}")
                        .statusCode(202)
                        .header("Location", matchesPattern("/v1/jobs/[0-9a-f-]{36}"))
                        .header("Retry-After", notNullValue())
                        .header("Cache-Control", "no-store")
                        .header("Vary", containsString("Prefer"))
                        .header("RateLimit-Policy", containsString("queue"))
                        .body("kind", equalTo("apply"))
                        .body("task", equalTo("fib"))
                        .body("pool", equalTo("default"))
                        .body("createdAt", matchesPattern("\\d{4}-.*\\.\\d{3}Z"))
                        .body("links.self", startsWith("/v1/jobs/"))
                        .extract()
                        .path("id");
        ended(id)
                .body("state", equalTo("SUCCEEDED"))
                .body("done", equalTo(true))
                .body("result", equalTo(832_040))
                .body("error", nullValue())
                .body("attempt", equalTo(1))
                .body("worker.pid", greaterThan(0))
                .body("progress.total", equalTo(1))
                .body("progress.done", equalTo(1))
                .body("timing.runMillis", greaterThanOrEqualTo(0))
                .body("timing.queuedMillis", greaterThanOrEqualTo(0))
                .body("finishedAt", notNullValue())
                .body("resultExpiresAt", notNullValue());
    }

    @Test
    void waits_for_the_end_if_the_client_prefers() {
        prefer("wait=20", "{\"task\":\"fib\",\"args\":[10]}")
                .statusCode(200)
                .header("Preference-Applied", "wait=20")
                .header("Content-Location", startsWith("/v1/jobs/"))
                .body("result", equalTo(55));
        String id =
                prefer("wait=0", "{\"task\":\"sleep\",\"args\":[60000]}")
                        .statusCode(202)
                        .body("done", equalTo(false))
                        .extract()
                        .path("id");
        cancel(id, "").statusCode(200);
    }

    @Test
    void leaves_out_the_body_if_the_client_prefers() {
        prefer("return=minimal", "{\"task\":\"fib\",\"args\":[10]}")
                .statusCode(202)
                .header("Preference-Applied", containsString("return=minimal"))
                .header("Location", startsWith("/v1/jobs/"))
                .body(equalTo(""));
    }

    @Test
    void takes_named_arguments_and_labels_and_priority() {
        prefer(
                        "wait=20",
                        """
                        {"task":"steps","kwargs":{"count":2,"millis":1},"priority":9,
                         "labels":{"tenant":"acme","run":"7"},"retries":1,"timeoutMillis":5000}\
                        """)
                .statusCode(200)
                .body("result", equalTo(2))
                .body("priority", equalTo(9))
                .body("labels.tenant", equalTo("acme"));
    }

    @Test
    void refuses_what_it_does_not_understand_and_says_where() {
        problem(post("{\"task\":\"fib\",\"args\":[1],\"timeoutMilis\":5}"), 400, "invalid-request")
                .body("violations[0].pointer", equalTo("/timeoutMilis"))
                .body("violations[0].message", containsString("timeoutMillis"));
        problem(
                        post("{\"task\":7,\"priority\":10,\"retries\":\"two\",\"labels\":[]}"),
                        400,
                        "invalid-request")
                .body(
                        "violations.pointer",
                        equalTo(List.of("/task", "/priority", "/retries", "/labels")));
        problem(post("[]"), 400, "invalid-request");
        problem(post("{\"args\":[1]}"), 400, "invalid-request")
                .body("violations[0].pointer", equalTo("/task"));
        problem(post("{\"task\":\"fib\",\"items\":[1],\"args\":[1]}"), 400, "invalid-request");
        problem(post("{\"task\":\"fib\",\"args\":[1],\n\"pool\" 7}"), 400, "malformed-json")
                .body("line", equalTo(2))
                .body("column", greaterThan(1));
        problem(post("{\"task\":\"fib\",\"args\":[1],\"pool\":\"none\"}"), 404, "pool-not-found");
        problem(post("{\"task\":\"fibb\",\"args\":[1]}"), 404, "task-not-found")
                .body("suggestions", hasItem("fib"));
        problem(post("{\"task\":\"fib\",\"args\":[\"x\"]}"), 422, "invalid-arguments")
                .body("violations[0].pointer", startsWith("/args"))
                .body("schema", equalTo("/v1/tasks/fib"));
        problem(post("{\"task\":\"fib\",\"items\":[1,\"x\",3]}"), 422, "invalid-arguments")
                .body("violations[0].pointer", equalTo("/items/1"));
        problem(
                given().contentType("text/csv").body("a,b").post("/v1/jobs").then(),
                415,
                "unsupported-media-type");
        problem(when().put("/v1/jobs").then(), 405, "method-not-allowed")
                .header("Allow", containsString("POST"));
        problem(
                given().contentType(ContentType.JSON)
                        .header("Idempotency-Key", "\"un\"even\"")
                        .body("{\"task\":\"fib\",\"args\":[1]}")
                        .post("/v1/jobs")
                        .then(),
                400,
                "invalid-header");
    }

    @Test
    void refuses_callbacks_while_no_host_is_allowed() {
        problem(
                        post(
                                "{\"task\":\"fib\",\"args\":[1],\"callback\":\"https://example.com/\"}"),
                        422,
                        "callback-not-allowed")
                .body("reason", equalTo("callbacks-off"));
    }

    // ---- idempotency

    @Test
    void runs_a_repeated_submission_once() {
        String key = UUID.randomUUID().toString();
        String body = "{\"task\":\"fib\",\"args\":[20]}";
        String first = keyed("\"" + key + "\"", body).statusCode(202).extract().path("id");
        keyed(key, body)
                .statusCode(202)
                .header("Idempotency-Replayed", "true")
                .body("id", equalTo(first));
        problem(keyed(key, "{\"task\":\"fib\",\"args\":[21]}"), 422, "idempotency-key-reused");
    }

    @Test
    void makes_one_job_of_fifty_submissions_at_once_under_one_key() throws Exception {
        String key = UUID.randomUUID().toString();
        List<Callable<Response>> submissions = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            submissions.add(() ->
                    given().contentType(ContentType.JSON)
                            .header("Idempotency-Key", key)
                            .body("{\"task\":\"fib\",\"args\":[22]}")
                            .post("/v1/jobs"));
        }
        Set<String> ids = new HashSet<>();
        int replayed = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(50)) {
            for (Future<Response> answer : threads.invokeAll(submissions)) {
                assertThat(answer.get().statusCode()).isEqualTo(202);
                ids.add(answer.get().path("id"));
                replayed += answer.get().header("Idempotency-Replayed") == null ? 0 : 1;
            }
        }
        assertThat(ids).hasSize(1);
        assertThat(replayed).isEqualTo(49);
    }

    @Test
    void gives_a_keyed_call_its_result_again() {
        String key = UUID.randomUUID().toString();
        for (int i = 0; i < 2; i++) {
            call().contentType(ContentType.JSON)
                    .header("Idempotency-Key", key)
                    .body("[25]")
                    .post("/v1/tasks/fib:apply")
                    .then()
                    .statusCode(200)
                    .header("Idempotency-Replayed", i == 0 ? nullValue() : equalTo("true"))
                    .body(equalTo("75025"));
        }
    }

    @Test
    void says_so_while_a_keyed_call_is_still_under_way() {
        String key = UUID.randomUUID().toString();
        problem(
                call().contentType(ContentType.JSON)
                        .header("Idempotency-Key", key)
                        .header("Prefer", "wait=0")
                        .body("60000")
                        .post("/v1/tasks/sleep:apply")
                        .then(),
                504,
                "wait-exceeded");
        String instance =
                problem(
                                call().contentType(ContentType.JSON)
                                        .header("Idempotency-Key", key)
                                        .header("Prefer", "wait=0")
                                        .body("60000")
                                        .post("/v1/tasks/sleep:apply")
                                        .then(),
                                409,
                                "idempotency-in-progress")
                        .header("Retry-After", notNullValue())
                        .extract()
                        .path("instance");
        cancel(instance.substring("/v1/jobs/".length()), "").statusCode(200);
    }

    @Test
    void makes_a_job_of_a_call_that_shall_not_be_waited_for() {
        String location =
                call().contentType(ContentType.JSON)
                        .header("Prefer", "respond-async")
                        .body("[26]")
                        .post("/v1/tasks/fib:apply")
                        .then()
                        .statusCode(202)
                        .header("Preference-Applied", "respond-async")
                        .extract()
                        .header("Location");
        ended(location.substring("/v1/jobs/".length())).body("result", equalTo(121_393));
    }

    // ---- reading

    @Test
    void knows_no_job_that_is_none() {
        problem(when().get("/v1/jobs/nonsense").then(), 404, "job-not-found");
        problem(when().get("/v1/jobs/" + UUID.randomUUID()).then(), 404, "job-not-found");
        problem(cancel("nonsense", ""), 404, "job-not-found");
        problem(when().delete("/v1/jobs/" + UUID.randomUUID()).then(), 404, "job-not-found");
    }

    @Test
    void answers_not_modified_to_who_has_the_same() {
        String id = submit("{\"task\":\"fib\",\"args\":[5]}");
        String tag = ended(id).extract().header("ETag");
        given().header("If-None-Match", tag)
                .get("/v1/jobs/" + id)
                .then()
                .statusCode(304)
                .header("ETag", tag)
                .body(equalTo(""));
        given().header("If-None-Match", "\"other\"").get("/v1/jobs/" + id).then().statusCode(200);
    }

    @Test
    void holds_back_its_answer_until_something_changes() {
        String id = submit("{\"task\":\"sleep\",\"args\":[600]}");
        await().atMost(LONG).until(() -> get(id).extract().path("state").equals("RUNNING"));
        given().header("Prefer", "wait=30")
                .get("/v1/jobs/" + id)
                .then()
                .statusCode(200)
                .body("state", equalTo("SUCCEEDED"));
    }

    @Test
    void gives_the_result_alone() {
        String id = submit("{\"task\":\"wordcount\",\"args\":[\"a b a\"]}");
        given().header("Prefer", "wait=20")
                .get("/v1/jobs/" + id + "/result")
                .then()
                .statusCode(200)
                .contentType(ContentType.JSON)
                .body(equalTo("{\"a\":2,\"b\":1}"));
    }

    @Test
    void says_that_the_result_is_not_there_yet() {
        String id = submit("{\"task\":\"sleep\",\"args\":[60000]}");
        when().get("/v1/jobs/" + id + "/result")
                .then()
                .statusCode(202)
                .header("Retry-After", notNullValue())
                .body("id", equalTo(id));
        cancel(id, "").statusCode(200);
        ended(id);
        problem(when().get("/v1/jobs/" + id + "/result").then(), 409, "job-cancelled")
                .body("instance", equalTo("/v1/jobs/" + id));
    }

    @Test
    void has_the_problem_of_a_failed_job_where_its_result_would_be() {
        String id = submit("{\"task\":\"fib\",\"args\":[-1]}");
        ended(id)
                .statusCode(200)
                .body("state", equalTo("FAILED"))
                .body("error.type", equalTo("/problems/task-failed"))
                .body("error.instance", equalTo("/v1/jobs/" + id))
                .body("error.exception.message", containsString("was -1"));
        problem(when().get("/v1/jobs/" + id + "/result").then(), 500, "task-failed")
                .body("instance", equalTo("/v1/jobs/" + id));
    }

    @Test
    void keeps_a_large_result_in_pieces() {
        String text = "x".repeat(1_000_000);
        String id =
                given().contentType(ContentType.JSON)
                        .body("{\"task\":\"echo\",\"args\":[\"" + text + "\"]}")
                        .post("/v1/jobs")
                        .then()
                        .statusCode(202)
                        .extract()
                        .path("id");
        ended(id).body("state", equalTo("SUCCEEDED")).body("result", nullValue());
        String result =
                when().get("/v1/jobs/" + id + "/result")
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString();
        assertThat(result).hasSize(1_000_002).startsWith("\"xxx");
    }

    @Test
    void lists_jobs_page_by_page() {
        String run = UUID.randomUUID().toString();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.addFirst(
                    submit(
                            "{\"task\":\"fib\",\"args\":[1],\"labels\":{\"run\":\"%s\"}}"
                                    .formatted(run)));
        }
        List<String> seen = new ArrayList<>();
        String path = "/v1/jobs?label=run:" + run + "&pageSize=2";
        while (path != null) {
            Response page = call().get(path);
            assertThat(page.statusCode()).isEqualTo(200);
            seen.addAll(page.path("jobs.id"));
            String token = page.path("nextPageToken");
            String link = page.header("Link");
            assertThat(link == null).isEqualTo(token == null);
            path = link == null ? null : link.substring(1, link.indexOf('>'));
        }
        assertThat(seen).isEqualTo(ids);
        call().get("/v1/jobs?sort=createdAt&label=run:" + run)
                .then()
                .body("jobs.id", equalTo(ids.reversed()));
        ids.forEach(this::ended);
        call().get("/v1/jobs?state=succeeded&label=run:" + run).then().body("jobs", hasSize(5));
        call().get("/v1/jobs?state=FAILED&label=run:" + run).then().body("jobs", hasSize(0));
        call().get("/v1/jobs?createdAfter=2999-01-01T00:00:00Z").then().body("jobs", hasSize(0));
        call().get("/v1/jobs?task=fib&pool=default")
                .then()
                .body("jobs.task", everyItem(equalTo("fib")));
    }

    @Test
    void refuses_a_query_it_does_not_understand() {
        problem(call().get("/v1/jobs?stat=FAILED").then(), 400, "invalid-request")
                .body("violations[0].parameter", equalTo("stat"))
                .body("violations[0].message", containsString("state"));
        for (String query :
                List.of(
                        "state=LOST",
                        "pageSize=0",
                        "pageSize=x",
                        "sort=name",
                        "label=x",
                        "createdAfter=yesterday",
                        "task=NO")) {
            problem(call().get("/v1/jobs?" + query).then(), 400, "invalid-request");
        }
        problem(call().get("/v1/jobs?pageToken=xyz").then(), 400, "invalid-page-token");
    }

    // ---- maps

    @Test
    void runs_a_map_and_keeps_the_order() {
        String id = submit("{\"task\":\"fib\",\"items\":[10,20,5,1],\"chunkSize\":2}");
        ended(id)
                .body("kind", equalTo("map"))
                .body("state", equalTo("SUCCEEDED"))
                .body("progress.total", equalTo(4))
                .body("progress.done", equalTo(4))
                .body("progress.failed", equalTo(0));
        when().get("/v1/jobs/" + id + "/result")
                .then()
                .statusCode(200)
                .contentType(ContentType.JSON)
                .body(equalTo("[55,6765,5,1]"));
        assertThat(
                        given().accept("application/x-ndjson")
                                .get("/v1/jobs/" + id + "/result")
                                .then()
                                .statusCode(200)
                                .extract()
                                .asString()
                                .lines())
                .containsExactly(
                        "{\"index\":0,\"ok\":true,\"result\":55}",
                        "{\"index\":1,\"ok\":true,\"result\":6765}",
                        "{\"index\":2,\"ok\":true,\"result\":5}",
                        "{\"index\":3,\"ok\":true,\"result\":1}",
                        "{\"end\":true,\"jobId\":\"%s\",\"total\":4,\"succeeded\":4,\"failed\":0}"
                                .formatted(id));
    }

    @Test
    void runs_the_other_items_of_a_map_when_one_fails() {
        String id = submit("{\"task\":\"fib\",\"items\":[10,-1,5]}");
        ended(id)
                .body("state", equalTo("FAILED"))
                .body("error.type", equalTo("/problems/task-failed"))
                .body("progress.done", equalTo(3))
                .body("progress.failed", equalTo(1));
        call().get("/v1/jobs/" + id + "/items?state=failed")
                .then()
                .statusCode(200)
                .body("items.index", equalTo(List.of(1)))
                .body("items[0].error.exception.message", containsString("was -1"));
        call().get("/v1/jobs/" + id + "/items?from=1&limit=1")
                .then()
                .body("items.index", equalTo(List.of(1)))
                .body("nextFrom", equalTo(2));
        assertThat(
                        given().accept("application/x-ndjson")
                                .get("/v1/jobs/" + id + "/result")
                                .asString())
                .contains("\"index\":1,\"ok\":false,\"error\":{");
        problem(when().get("/v1/jobs/" + id + "/result").then(), 500, "task-failed");
    }

    @Test
    void stops_a_map_at_the_first_failure_if_told_to() {
        StringBuilder items = new StringBuilder("-1"); // which is among the first, if not the first
        items.repeat(",2000", 50);
        String id =
                submit(
                        "{\"task\":\"sleep\",\"items\":[%s],\"onError\":\"stop\",\"chunkSize\":1}"
                                .formatted(items));
        await().atMost(LONG)
                .until(() ->
                        call().get("/v1/jobs/" + id + "/items?state=cancelled&limit=1000")
                                        .<List<?>>path("items")
                                        .size()
                                >= 30);
        ended(id).body("state", equalTo("FAILED"));
    }

    @Test
    void has_an_empty_map_succeed_at_once() {
        post("{\"task\":\"fib\",\"items\":[]}")
                .statusCode(202)
                .body("state", equalTo("SUCCEEDED"))
                .body("progress.total", equalTo(0));
    }

    @Test
    void stores_a_map_posted_to_its_task() {
        call().contentType(ContentType.JSON)
                .header("Prefer", "wait=30")
                .body("[1,2,3]")
                .post("/v1/tasks/fib:map")
                .then()
                .statusCode(200)
                .header("Preference-Applied", "wait=30")
                .body(equalTo("[1,1,2]"));
        call().contentType(ContentType.JSON)
                .body("[1,2,3]")
                .post("/v1/tasks/fib:map")
                .then()
                .statusCode(202)
                .header("Location", startsWith("/v1/jobs/"))
                .body("kind", equalTo("map"));
        call().config(Calls.NDJSON)
                .contentType("application/x-ndjson")
                .accept(ContentType.JSON)
                .header("Prefer", "wait=30")
                .body("4\n\n5\n")
                .post("/v1/tasks/fib:map?chunk=2")
                .then()
                .statusCode(200)
                .body(equalTo("[3,5]"));
    }

    // ---- ending

    @Test
    void cancels_a_job_that_waits_before_it_starts() {
        List<String> busy = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            busy.add(submit("{\"task\":\"sleep\",\"args\":[60000],\"priority\":9}"));
        }
        busy.forEach(id ->
                await().atMost(LONG)
                        .until(() -> get(id).extract().path("state").equals("RUNNING")));
        String waiting = submit("{\"task\":\"fib\",\"args\":[3],\"priority\":0}");
        get(waiting).body("state", equalTo("QUEUED"));
        cancel(waiting, "{\"mode\":\"soft\"}")
                .statusCode(200)
                .body("state", equalTo("CANCELLED"))
                .body("startedAt", nullValue());
        cancel(waiting, "").statusCode(200).body("state", equalTo("CANCELLED"));
        busy.forEach(id -> cancel(id, "").statusCode(200));
        busy.forEach(id -> ended(id).body("state", equalTo("CANCELLED")));
    }

    @Test
    void kills_the_worker_of_a_cancelled_job_that_does_not_listen() {
        String id = submit("{\"task\":\"hang\",\"args\":[{\"busy\":true}]}");
        await().atMost(LONG).until(() -> get(id).extract().path("worker.pid") != null);
        cancel(id, "{\"mode\":\"kill\",\"graceMillis\":0}")
                .statusCode(200)
                .body("state", equalTo("CANCELLING"));
        ended(id).body("state", equalTo("CANCELLED"));
        problem(cancel(id, "{\"mode\":\"hard\"}"), 400, "invalid-request");
        problem(cancel(id, "{\"grace\":1}"), 400, "invalid-request");
    }

    @Test
    void ends_a_job_over_its_time() {
        String id = submit("{\"task\":\"hang\",\"args\":[{\"busy\":true}],\"timeoutMillis\":300}");
        ended(id)
                .body("state", equalTo("FAILED"))
                .body("error.type", equalTo("/problems/task-timeout"))
                .body("error.limitMillis", equalTo(300));
    }

    @Test
    void gives_up_a_job_that_waits_longer_than_it_may() {
        List<String> busy = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            busy.add(submit("{\"task\":\"sleep\",\"args\":[60000],\"priority\":9}"));
        }
        busy.forEach(id ->
                await().atMost(LONG)
                        .until(() -> get(id).extract().path("state").equals("RUNNING")));
        String waiting =
                submit("{\"task\":\"fib\",\"args\":[3],\"priority\":0,\"queueTimeoutMillis\":100}");
        ended(waiting)
                .body("state", equalTo("FAILED"))
                .body("error.type", equalTo("/problems/queue-timeout"))
                .body("startedAt", nullValue());
        busy.forEach(id -> cancel(id, "").statusCode(200));
        busy.forEach(this::ended);
    }

    @Test
    void tries_again_when_the_worker_dies_and_fails_in_the_end() {
        String id = submit("{\"task\":\"crash\",\"args\":[\"KILL\"],\"retries\":2}");
        ended(id)
                .body("state", equalTo("FAILED"))
                .body("attempt", equalTo(3))
                .body("error.type", equalTo("/problems/worker-crashed"))
                .body("error.signal", equalTo("SIGKILL"));
        call().get("/v1/jobs/" + id + "/logs").then().body(containsString("attempt 3"));
    }

    @Test
    void ends_a_job_over_its_memory() {
        String id =
                submit(
                        """
                        {"task":"hog","kwargs":{"kind":"native","mebibytes":4096,"hold":true},
                         "memoryMiB":150}\
                        """);
        ended(id)
                .body("state", equalTo("FAILED"))
                .body("error.type", equalTo("/problems/memory-limit"))
                .body("error.limitMiB", equalTo(150));
    }

    @Test
    void repeats_a_job() {
        String id = submit("{\"task\":\"fib\",\"args\":[12],\"labels\":{\"a\":\"b\"}}");
        ended(id);
        String again =
                call().post("/v1/jobs/" + id + ":retry")
                        .then()
                        .statusCode(202)
                        .body("retryOf", equalTo(id))
                        .body("labels.a", equalTo("b"))
                        .body("id", not(equalTo(id)))
                        .extract()
                        .path("id");
        ended(again).body("result", equalTo(144));
    }

    @Test
    void neither_repeats_nor_forgets_a_job_that_has_not_ended() {
        String id = submit("{\"task\":\"sleep\",\"args\":[60000]}");
        problem(call().post("/v1/jobs/" + id + ":retry").then(), 409, "job-not-finished");
        problem(when().delete("/v1/jobs/" + id).then(), 409, "job-not-finished");
        cancel(id, "").statusCode(200);
        ended(id);
        when().delete("/v1/jobs/" + id).then().statusCode(204);
        problem(when().get("/v1/jobs/" + id).then(), 404, "job-not-found");
    }

    @Test
    void forgets_a_result_when_its_time_is_up() {
        String id = submit("{\"task\":\"fib\",\"args\":[3],\"resultTtlMillis\":1}");
        ended(id);
        problem(when().get("/v1/jobs/" + id + "/result").then(), 410, "result-expired")
                .body("expiredAt", notNullValue());
    }

    // ---- progress and logs

    @Test
    void shows_how_far_it_is_and_what_it_prints() {
        String id = submit("{\"task\":\"steps\",\"kwargs\":{\"count\":40,\"millis\":50}}");
        await().atMost(LONG).until(() -> get(id).extract().<Integer>path("progress.done") > 2);
        get(id).body("progress.total", equalTo(40))
                .body("progress.message", startsWith("step "))
                .body("worker.id", startsWith("default-"));
        call().get("/v1/jobs/" + id + "/logs?stream=stdout")
                .then()
                .statusCode(200)
                .contentType("text/plain;charset=UTF-8")
                .body(containsString("step 1 of 40\n"));
        ended(id);
        String log = call().get("/v1/jobs/" + id + "/logs").asString();
        assertThat(log.lines()).hasSize(40).endsWith("step 40 of 40");
        call().get("/v1/jobs/" + id + "/logs?stream=stderr").then().body(equalTo(""));
        problem(call().get("/v1/jobs/" + id + "/logs?stream=x").then(), 400, "invalid-request");
    }

    @Test
    void keeps_the_end_of_a_long_log() {
        String id = submit("{\"task\":\"steps\",\"kwargs\":{\"count\":2000,\"millis\":0}}");
        ended(id);
        String log = call().get("/v1/jobs/" + id + "/logs").asString();
        assertThat(log).endsWith("step 2000 of 2000\n");
        assertThat(log.length()).isBetween(1000, 4096);
    }

    private static String submit(String json) {
        return post(json).statusCode(202).extract().path("id");
    }

    private static ValidatableResponse post(String json) {
        return given().contentType(ContentType.JSON).body(json).post("/v1/jobs").then();
    }

    private static ValidatableResponse prefer(String wish, String json) {
        return given().contentType(ContentType.JSON)
                .header("Prefer", wish)
                .body(json)
                .post("/v1/jobs")
                .then();
    }

    private static ValidatableResponse keyed(String key, String json) {
        return given().contentType(ContentType.JSON)
                .header("Idempotency-Key", key)
                .body(json)
                .post("/v1/jobs")
                .then();
    }

    private static ValidatableResponse cancel(String id, String json) {
        return call().contentType(ContentType.JSON)
                .body(json)
                .post("/v1/jobs/" + id + ":cancel")
                .then();
    }

    private static ValidatableResponse get(String id) {
        return when().get("/v1/jobs/" + id).then();
    }

    private ValidatableResponse ended(String id) {
        await().atMost(LONG).until(() -> get(id).extract().path("done"));
        return get(id);
    }

    private static ValidatableResponse problem(
            ValidatableResponse response, int status, String slug) {
        return response.statusCode(status)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/" + slug))
                .body("status", equalTo(status))
                .body("detail", not(equalTo("")));
    }
}
