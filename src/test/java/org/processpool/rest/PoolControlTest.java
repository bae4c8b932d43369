package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyOrNullString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.ExitReason;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.PoolState;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.Work;

@QuarkusTest
@TestProfile(OperatedPools.class)
class PoolControlTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String DEFAULT = "/v1/pools/default";
    private static final String MERGE_PATCH = "application/merge-patch+json";

    @Inject ProcessPool pool;
    @Inject Pools pools;

    @TestHTTPResource("/v1/tasks/")
    String tasks;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void wait_for_two_idle_workers() {
        await().atMost(LONG)
                .until(() -> pool.snapshot().idle() == 2 && pool.snapshot().workers().size() == 2);
    }

    @AfterEach
    void bring_the_pool_back_to_what_it_was() {
        client.shutdownNow();
        pool.resume();
        pool.reconfigure(pool.initial());
        pool.snapshot().workers().stream()
                .filter(worker -> worker.state().equals("busy"))
                .forEach(worker -> pool.kill(worker.id()));
    }

    private CompletableFuture<HttpResponse<String>> send(String task, String input) {
        return client.sendAsync(
                HttpRequest.newBuilder(URI.create(tasks + task + ":apply"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(input))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String answer(CompletableFuture<HttpResponse<String>> call) throws Exception {
        return call.get(60, TimeUnit.SECONDS).body();
    }

    private Set<Long> pids() {
        return pool.snapshot().workers().stream()
                .map(PoolSnapshot.Worker::pid)
                .collect(Collectors.toSet());
    }

    private PoolSnapshot.Worker busyWorker() {
        await().atMost(LONG).until(() -> pool.snapshot().busy() == 1);
        return pool.snapshot().workers().stream()
                .filter(worker -> worker.state().equals("busy"))
                .findAny()
                .orElseThrow();
    }

    private static ValidatableResponse post(String path) {
        return call().post(path).then();
    }

    private static ValidatableResponse patch(String body) {
        return call().contentType(MERGE_PATCH).body(body).patch(DEFAULT).then();
    }

    private static void isProblem(ValidatableResponse answer, int status, String slug) {
        answer.statusCode(status)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/" + slug))
                .body("status", equalTo(status));
    }

    // Looking

    @Test
    void a_pool_has_an_etag_and_is_not_sent_to_who_has_it() {
        String tag =
                call().get(DEFAULT)
                        .then()
                        .statusCode(200)
                        .header("ETag", matchesPattern("\"[0-9a-f]{24}\""))
                        .header("Cache-Control", "no-cache")
                        .extract()
                        .header("ETag");
        for (String known : new String[] {tag, "\"other\", " + tag, "*"}) {
            call().header("If-None-Match", known)
                    .get(DEFAULT)
                    .then()
                    .statusCode(304)
                    .header("ETag", tag)
                    .body(emptyOrNullString());
        }
        call().header("If-None-Match", "\"other\"")
                .get(DEFAULT)
                .then()
                .statusCode(200)
                .header("ETag", tag);
        call().head(DEFAULT).then().statusCode(200).header("ETag", tag);
    }

    @Test
    void the_etag_is_another_once_something_has_happened() {
        String before = call().get(DEFAULT).header("ETag");
        call().contentType(ContentType.JSON).body("1").post("/v1/tasks/echo:apply");
        call().header("If-None-Match", before)
                .get(DEFAULT)
                .then()
                .statusCode(200)
                .header("ETag", not(equalTo(before)));
    }

    @Test
    void a_worker_shows_what_it_uses_and_the_pool_its_last_exit() {
        long killed = pool.snapshot().workers().getFirst().pid();
        String name = pool.snapshot().workers().getFirst().id();
        pool.kill(killed);
        await().atMost(LONG)
                .untilAsserted(() ->
                        call().get(DEFAULT)
                                .then()
                                .statusCode(200)
                                .body("lastExit.worker", equalTo(name))
                                .body("lastExit.pid", equalTo((int) killed))
                                .body("lastExit.reason", equalTo("killed"))
                                .body("lastExit.exitCode", equalTo(137))
                                .body("lastExit.at", matchesPattern("\\d{4}-.*Z"))
                                .body("idle", equalTo(2)));
        call().get(DEFAULT + "/workers")
                .then()
                .statusCode(200)
                .body("workers", hasSize(2))
                .body("workers.residentBytes", everyItem(greaterThan(10 << 20)))
                .body("workers.cpuMillis", everyItem(greaterThanOrEqualTo(10)))
                .body("workers[0]", hasKey("heapBytes"))
                .body("workers[0]", hasKey("lastExit"))
                .body("workers.links.threads", everyItem(startsWith(DEFAULT + "/workers/")));
    }

    @Test
    void stats_are_flat_numbers() throws Exception {
        post(DEFAULT + ":pause").statusCode(202);
        CompletableFuture<HttpResponse<String>> waiting = send("echo", "1");
        await().atMost(LONG).until(() -> pool.snapshot().oldestWait().toMillis() > 0);
        call().get("/v1/stats")
                .then()
                .statusCode(200)
                .contentType(ContentType.JSON)
                .header("Cache-Control", "no-store")
                .body("queued", equalTo(1))
                .body("running", equalTo(0))
                .body("workers", greaterThanOrEqualTo(2))
                .body("idle", greaterThanOrEqualTo(2))
                .body("oldestQueuedMillis", greaterThan(0))
                .body("waitingChats", equalTo(0))
                .body("utilization", equalTo(0f))
                .body("restarts", greaterThanOrEqualTo(0));
        pool.resume();
        assertThat(answer(waiting)).isEqualTo("1");
        long restarts = call().get("/v1/stats").jsonPath().getLong("restarts");
        CompletableFuture<HttpResponse<String>> running = send("hang", "{\"busy\":false}");
        PoolSnapshot.Worker busy = busyWorker();
        call().get("/v1/stats")
                .then()
                .body("running", equalTo(1))
                .body("utilization", greaterThan(0f));
        pool.kill(busy.id());
        assertThat(answer(running)).contains("worker-crashed");
        await().atMost(LONG)
                .untilAsserted(() ->
                        call().get("/v1/stats")
                                .then()
                                .body("restarts", equalTo((int) restarts + 1)));
    }

    // Changing

    @Test
    void a_patch_changes_the_pool_and_null_takes_it_back() {
        String tag = call().get(DEFAULT).header("ETag");
        patch("{\"size\":3,\"minProcesses\":1,\"maxTasksPerWorker\":1000,\"queueLimit\":7}")
                .statusCode(200)
                .header("ETag", not(equalTo(tag)))
                .body("size", equalTo(3))
                .body("minProcesses", equalTo(1))
                .body("maxTasksPerWorker", equalTo(1000))
                .body("queueLimit", equalTo(7));
        patch("{}").statusCode(200).body("size", equalTo(3)).body("queueLimit", equalTo(7));
        patch(
                        "{\"size\":null,\"minProcesses\":null,\"maxTasksPerWorker\":null,"
                                + "\"queueLimit\":null}")
                .statusCode(200)
                .body("size", equalTo(2))
                .body("minProcesses", equalTo(2))
                .body("maxTasksPerWorker", equalTo(0))
                .body("queueLimit", equalTo(500));
    }

    @Test
    void a_larger_size_starts_workers() {
        patch("{\"size\":3}").statusCode(200).body("minProcesses", equalTo(3));
        await().atMost(LONG).until(() -> pool.snapshot().idle() == 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'sise':3}           | /sise              | did you mean 'size'?",
                "{'a/b~c':3}          | /a~1b~0c           | is unknown",
                "{'size':'3'}         | /size              | must be an integer from 1 to 4096",
                "{'size':2.0}         | /size              | must be an integer from 1 to 4096",
                "{'size':true}        | /size              | must be an integer from 1 to 4096",
                "{'size':99999999999} | /size              | from 1 to 4096, was 99999999999",
                "{'size':0}           | /size              | from 1 to 4096, was 0",
                "{'size':4097}        | /size              | from 1 to 4096, was 4097",
                "{'minProcesses':-1}  | /minProcesses      | from 0 to 4096, was -1",
                "{'minProcesses':3}   | /minProcesses      | must not be over the pool's size",
                "{'minProcesses':5,'size':4} | /minProcesses | must not be over the pool's size",
                "{'size':1,'minProcesses':null} | /minProcesses | must not be over",
                "{'maxTasksPerWorker':-1} | /maxTasksPerWorker | at least 0, was -1",
                "{'queueLimit':-1}    | /queueLimit        | at least 0, was -1",
                "[1]                  | ''                 | must be an object",
                "null                 | ''                 | must be an object"
            })
    void a_patch_that_cannot_be_is_refused_with_a_pointer_and_changes_nothing(
            String body, String pointer, String message) {
        ValidatableResponse answer = patch(body.replace('\'', '"'));
        isProblem(answer, 400, "invalid-request");
        answer.body("violations", hasSize(1))
                .body("violations[0].pointer", equalTo(pointer))
                .body("violations[0].message", containsString(message));
        assertThat(pool.snapshot().processes()).isEqualTo(2);
        assertThat(pool.snapshot().minProcesses()).isEqualTo(2);
        assertThat(pool.snapshot().queueLimit()).isEqualTo(500);
    }

    @Test
    void a_reader_of_chinese_is_told_in_chinese() {
        call().contentType(MERGE_PATCH)
                .header("Accept-Language", "zh-CN")
                .body("{\"minProcesses\":3}")
                .patch(DEFAULT)
                .then()
                .statusCode(400)
                .body("violations[0].message", equalTo("不得大于进程池的大小（size）"));
    }

    @Test
    void a_patch_tells_all_that_is_wrong_with_it() {
        ValidatableResponse answer = patch("{\"size\":0,\"queueLimit\":\"7\",\"minProcesses\":1}");
        isProblem(answer, 400, "invalid-request");
        answer.body("violations.pointer", containsInAnyOrder("/size", "/queueLimit"));
        assertThat(pool.snapshot().minProcesses()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"size\":", "", "size=8"})
    void a_patch_that_is_no_json_is_refused(String body) {
        isProblem(patch(body), 400, "malformed-json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json-patch+json", "text/plain"})
    void a_body_of_another_media_type_is_refused(String type) {
        ValidatableResponse answer =
                call().contentType(type).body("{\"size\":3}").patch(DEFAULT).then();
        isProblem(answer, 415, "unsupported-media-type");
        answer.header("Accept-Patch", MERGE_PATCH).body("supported", contains(MERGE_PATCH));
        assertThat(pool.snapshot().processes()).isEqualTo(2);
    }

    @Test
    void a_patch_on_condition_is_applied_only_to_the_pool_it_means() {
        String tag = call().get(DEFAULT).header("ETag");
        String next =
                call().contentType(MERGE_PATCH)
                        .header("If-Match", tag)
                        .body("{\"queueLimit\":7}")
                        .patch(DEFAULT)
                        .then()
                        .statusCode(200)
                        .body("queueLimit", equalTo(7))
                        .extract()
                        .header("ETag");
        for (String old : new String[] {tag, "W/" + next, "\"other\""}) {
            ValidatableResponse late =
                    call().contentType(MERGE_PATCH)
                            .header("If-Match", old)
                            .body("{\"queueLimit\":8}")
                            .patch(DEFAULT)
                            .then();
            isProblem(late, 412, "precondition-failed");
            late.header("ETag", next);
        }
        ValidatableResponse unread =
                call().contentType(MERGE_PATCH)
                        .header("If-Match", "tag")
                        .body("{\"queueLimit\":8}")
                        .patch(DEFAULT)
                        .then();
        isProblem(unread, 400, "invalid-header");
        unread.body("header", equalTo("If-Match"));
        assertThat(pool.snapshot().queueLimit()).isEqualTo(7);
        for (String fits : new String[] {"\"other\", " + next, "*"}) {
            call().contentType(MERGE_PATCH)
                    .header("If-Match", fits)
                    .body("{\"queueLimit\":7}")
                    .patch(DEFAULT)
                    .then()
                    .statusCode(200);
        }
    }

    // Orders to a pool

    @Test
    void pausing_holds_calls_and_resuming_runs_them() throws Exception {
        post(DEFAULT + ":pause")
                .statusCode(202)
                .header("ETag", notNullValue())
                .body("state", equalTo("PAUSED"));
        post(DEFAULT + ":pause").statusCode(202).body("state", equalTo("PAUSED"));
        CompletableFuture<HttpResponse<String>> call = send("echo", "[7]");
        await().atMost(LONG).until(() -> pool.snapshot().queued() == 1);
        call().get(DEFAULT).then().body("idle", equalTo(2)).body("queued", equalTo(1));
        assertThat(call).isNotDone();
        post(DEFAULT + ":resume").statusCode(202).body("state", equalTo("RUNNING"));
        assertThat(answer(call)).isEqualTo("[7]");
        post(DEFAULT + ":resume").statusCode(202).body("state", equalTo("RUNNING"));
    }

    @Test
    void recycling_replaces_every_worker() {
        Set<Long> before = pids();
        post(DEFAULT + ":recycle").statusCode(202).body("workers.why", hasItem("recycled"));
        await().atMost(LONG)
                .until(() -> pids().stream().noneMatch(before::contains) && pids().size() == 2);
    }

    @Test
    void draining_lets_calls_finish_and_ends_the_pool_for_good() throws Exception {
        ProcessPool drained = pools.named("drained").orElseThrow();
        AsyncResult<Object> running = drained.applyAsync(Work.named("sleep"), 1500L);
        AsyncResult<Object> waiting = drained.applyAsync(Work.named("echo"), "late");
        post("/v1/pools/drained:pause").statusCode(202);
        post("/v1/pools/drained:drain").statusCode(202).body("state", equalTo("CLOSED"));
        isProblem(post("/v1/pools/drained:drain"), 409, "pool-closed");
        for (String order : new String[] {":pause", ":resume", ":recycle"}) {
            isProblem(post("/v1/pools/drained" + order), 409, "pool-closed");
        }
        isProblem(post("/v1/pools/drained/workers/drained-1:recycle"), 409, "pool-closed");
        isProblem(
                call().contentType(MERGE_PATCH)
                        .body("{\"size\":3}")
                        .patch("/v1/pools/drained")
                        .then(),
                409,
                "pool-closed");
        assertThat(((Number) running.get(LONG)).longValue()).isGreaterThanOrEqualTo(1500);
        assertThat(waiting.get(LONG)).as("held back by the pause").isEqualTo("late");
        assertThat(drained.join(LONG)).isTrue();
        call().get("/v1/pools/drained")
                .then()
                .statusCode(200)
                .body("state", equalTo("TERMINATED"))
                .body("workers", hasSize(0));
        isProblem(post("/v1/pools/drained:terminate"), 409, "pool-closed");
    }

    @Test
    void terminating_gives_up_calls_also_in_a_pool_that_is_being_drained() throws Exception {
        ProcessPool terminated = pools.named("terminated").orElseThrow();
        AsyncResult<Object> running = terminated.applyAsync(Work.named("sleep"), 600_000L);
        post("/v1/pools/terminated:drain").statusCode(202);
        post("/v1/pools/terminated:terminate").statusCode(202).body("state", equalTo("TERMINATED"));
        assertThatExceptionOfType(CallException.Abandoned.class)
                .isThrownBy(() -> running.get(LONG));
        assertThat(terminated.join(LONG)).isTrue();
        assertThat(terminated.snapshot().state()).isEqualTo(PoolState.TERMINATED);
        isProblem(post("/v1/pools/terminated:terminate"), 409, "pool-closed");
    }

    // Orders to a worker

    @Test
    void killing_a_busy_worker_ends_its_call_as_crashed_and_only_that() throws Exception {
        CompletableFuture<HttpResponse<String>> victim = send("hang", "{\"busy\":false}");
        PoolSnapshot.Worker busy = busyWorker();
        post(DEFAULT + "/workers/" + busy.id() + ":kill")
                .statusCode(202)
                .body("id", equalTo(busy.id()))
                .body("pid", equalTo((int) busy.pid()));
        HttpResponse<String> crashed = victim.get(60, TimeUnit.SECONDS);
        assertThat(crashed.statusCode()).isEqualTo(502);
        assertThat(crashed.body())
                .contains("\"/problems/worker-crashed\"", "was killed on request", "" + busy.pid());
        assertThat(answer(send("echo", "[7]"))).isEqualTo("[7]");
        await().atMost(LONG).until(() -> pool.snapshot().idle() == 2);
    }

    @Test
    void recycling_a_busy_worker_lets_its_call_finish() throws Exception {
        CompletableFuture<HttpResponse<String>> call = send("sleep", "1500");
        PoolSnapshot.Worker busy = busyWorker();
        long recycled = pool.snapshot().exits().getOrDefault(ExitReason.RECYCLED, 0L);
        post(DEFAULT + "/workers/" + busy.id() + ":recycle")
                .statusCode(202)
                .body("pid", equalTo((int) busy.pid()))
                .body("why", equalTo("recycled"));
        assertThat(Long.parseLong(answer(call))).isGreaterThanOrEqualTo(1500);
        await().atMost(LONG)
                .until(() ->
                        pool.snapshot().exits().getOrDefault(ExitReason.RECYCLED, 0L)
                                == recycled + 1);
        assertThat(pids()).doesNotContain(busy.pid());
    }

    @Test
    void the_threads_of_a_busy_worker_show_what_it_is_at() {
        var running = send("sleep", "600000");
        PoolSnapshot.Worker busy = busyWorker();
        await().atMost(LONG) // it is busy as soon as it has the call
                .untilAsserted(() ->
                        call().header("Prefer", "wait=20")
                                .get(DEFAULT + "/workers/" + busy.id() + "/threads")
                                .then()
                                .statusCode(200)
                                .contentType("text/plain;charset=UTF-8")
                                .header("Cache-Control", "no-store")
                                .header("Preference-Applied", "wait=20")
                                .body(startsWith("\"main\""))
                                .body(containsString("at org.processpool.sample.Sleep.run(")));
        assertThat(running).isNotDone();
        isProblem(
                call().accept(ContentType.JSON)
                        .get(DEFAULT + "/workers/" + busy.id() + "/threads")
                        .then(),
                406,
                "not-acceptable");
    }

    @Test
    void a_worker_that_is_stopped_does_not_tell_its_threads() throws Exception {
        PoolSnapshot.Worker worker = pool.snapshot().workers().getFirst();
        assertThat(new ProcessBuilder("kill", "-s", "STOP", "" + worker.pid()).start().waitFor())
                .isZero();
        Path stat = Path.of("/proc/" + worker.pid() + "/stat");
        await().until(() -> Files.readString(stat).contains(") T ")); // takes a while if busy
        ValidatableResponse late =
                call().header("Prefer", "wait=1")
                        .get(DEFAULT + "/workers/" + worker.id() + "/threads")
                        .then();
        isProblem(late, 504, "wait-exceeded");
        late.header("Preference-Applied", "wait=1").body("waitedMillis", equalTo(1000));
        pool.kill(worker.id());
    }

    // What is not there

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":recycle",
                ":pause",
                ":resume",
                ":drain",
                ":terminate",
                "/workers/none-1:kill",
                "/workers/none-1:recycle"
            })
    void orders_to_a_pool_that_is_not_there_are_refused(String order) {
        isProblem(post("/v1/pools/none" + order), 404, "pool-not-found");
    }

    @Test
    void orders_to_a_worker_that_is_not_there_are_refused() {
        isProblem(post(DEFAULT + "/workers/default-99:kill"), 404, "worker-not-found");
        isProblem(post(DEFAULT + "/workers/default-99:recycle"), 404, "worker-not-found");
        isProblem(
                call().get(DEFAULT + "/workers/default-99/threads").then(),
                404,
                "worker-not-found");
        isProblem(call().get("/v1/pools/none/workers/x/threads").then(), 404, "pool-not-found");
        isProblem(
                call().contentType(MERGE_PATCH).body("{}").patch("/v1/pools/none").then(),
                404,
                "pool-not-found");
        isProblem(post(DEFAULT + ":explode"), 404, "not-found");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/pools/default | GET, HEAD, OPTIONS, PATCH",
                "/v1/pools/default:pause | OPTIONS, POST",
                "/v1/pools/default/workers/default-1:kill | OPTIONS, POST",
                "/v1/stats | GET, HEAD, OPTIONS"
            })
    void a_wrong_method_is_told_the_right_ones(String path, String allowed) {
        ValidatableResponse answer = call().delete(path).then();
        isProblem(answer, 405, "method-not-allowed");
        answer.header("Allow", allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pool-closed", "precondition-failed", "forbidden"})
    void there_is_a_page_on_every_new_problem(String slug) {
        call().accept(ContentType.HTML)
                .get("/problems/" + slug)
                .then()
                .statusCode(200)
                .body(containsString(slug));
    }

    @Test
    void openapi_tells_of_every_order_with_its_problems() {
        call().accept(ContentType.JSON)
                .get("/q/openapi?format=json")
                .then()
                .statusCode(200)
                .body("paths.'/v1/pools/{pool}'.patch.responses", hasKey("412"))
                .body("paths.'/v1/pools/{pool}'.patch.requestBody.content", hasKey(MERGE_PATCH))
                .body("paths.'/v1/pools/{pool}'.get.responses", hasKey("304"))
                .body("paths.'/v1/pools/{pool}:pause'.post.responses", hasKey("409"))
                .body("paths.'/v1/pools/{pool}:drain'.post.responses", hasKey("202"))
                .body(
                        "paths.'/v1/pools/{pool}/workers/{worker}:kill'.post.responses",
                        hasKey("403"))
                .body(
                        "paths.'/v1/pools/{pool}/workers/{worker}/threads'.get.responses.'200'.content",
                        hasKey("text/plain"))
                .body("paths.'/v1/stats'.get.responses", hasKey("200"));
    }
}
