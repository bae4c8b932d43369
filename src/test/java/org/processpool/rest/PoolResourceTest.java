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
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.processpool.pool.ProcessPool;

@QuarkusTest
@TestProfile(SmallPool.class)
class PoolResourceTest {
    @Inject ProcessPool pool;

    @BeforeEach
    void wait_for_the_workers() throws InterruptedException {
        pool.awaitReady(Duration.ofMinutes(1));
    }

    @Test
    void shows_a_pool_and_its_workers() {
        call().contentType(ContentType.JSON).body("1").post("/v1/tasks/echo:apply");
        when().get("/v1/pools/default")
                .then()
                .statusCode(200)
                .body("name", equalTo("default"))
                .body("state", equalTo("RUNNING"))
                .body("size", equalTo(2))
                .body("minProcesses", equalTo(2))
                .body("queued", equalTo(0))
                .body("queueLimit", equalTo(1000))
                .body("oldestQueuedMillis", equalTo(0))
                .body("ended.done", greaterThanOrEqualTo(1))
                .body("workers.id", everyItem(matchesPattern("default-\\d+")))
                .body("workers.state", everyItem(notNullValue()))
                .body("workers.ageMillis", everyItem(greaterThanOrEqualTo(0)))
                .body("links.workers", equalTo("/v1/pools/default/workers"));
    }

    @Test
    void lists_the_pools() {
        when().get("/v1/pools").then().statusCode(200).body("pools.name", hasItem("default"));
    }

    @Test
    void shows_one_worker() {
        String self =
                when().get("/v1/pools/default/workers")
                        .then()
                        .statusCode(200)
                        .extract()
                        .path("workers[0].links.self");
        when().get(self)
                .then()
                .statusCode(200)
                .body("pid", greaterThan(1))
                .body("startedAt", matchesPattern("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z"))
                .body("links.pool", equalTo("/v1/pools/default"));
    }

    @Test
    void says_which_of_both_is_not_there() {
        when().get("/v1/pools/none/workers/none-1")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/pool-not-found"));
        when().get("/v1/pools/default/workers/default-99")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/worker-not-found"));
    }

    @Test
    void is_healthy_and_says_why() {
        when().get("/q/health/started").then().statusCode(200);
        when().get("/q/health/live").then().statusCode(200).body("status", equalTo("UP"));
        when().get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("checks.name", hasItem("process pools ready"))
                .body("checks.data.default", hasItem(containsString("RUNNING, 2 of 2 workers")));
    }

    @Test
    void is_ready_while_it_is_paused_since_it_takes_calls() {
        call().post("/v1/pools/default:pause").then().statusCode(202);
        try {
            when().get("/q/health/ready")
                    .then()
                    .statusCode(200)
                    .body("checks.data.default", hasItem(containsString("PAUSED, 2 of 2 workers")));
        } finally {
            call().post("/v1/pools/default:resume").then().statusCode(202);
        }
    }

    @Test
    void tells_its_workers_when_it_is_asked_whether_it_is_ready() {
        when().get("/q/health/ready")
                .then()
                .body(
                        "checks.data.'worker default-1'",
                        hasItem(matchesPattern("pid \\d+, \\w+.*, \\d+ calls done.*")));
    }

    @Test
    void has_the_documented_meters_before_anything_has_happened() {
        assertThat(when().get("/q/metrics").asString())
                .contains(
                        "processpool_workers{pool=\"default\",state=\"idle\"}",
                        "processpool_workers{pool=\"default\",state=\"killed\"}",
                        "processpool_queue_calls{pool=\"default\"}",
                        "processpool_worker_memory_bytes{pool=\"default\",stat=\"sum\"}",
                        "processpool_worker_memory_bytes{pool=\"default\",stat=\"max\"}",
                        "processpool_worker_startup_seconds_bucket{pool=\"default\",le=\"0.5\"}",
                        "processpool_worker_exits_total{pool=\"default\",reason=\"heartbeat\"}",
                        "processpool_calls_rejected_total{pool=\"default\",reason=\"broken\"}",
                        "processpool_webhook_deliveries_total{outcome=\"delivered\"}",
                        "processpool_webhook_deliveries_total{outcome=\"failed\"}",
                        "processpool_chat_conversations ",
                        "processpool_chat_waiting ",
                        "processpool_jobs_queued ");
    }

    @Test
    void is_measured() {
        call().contentType(ContentType.JSON).body("1").post("/v1/tasks/echo:apply");
        call().contentType(ContentType.JSON)
                .body("{\"code\":3,\"halt\":false}")
                .post("/v1/tasks/exit:apply");
        await().atMost(Duration.ofMinutes(1)) // the pool tells its caller first
                .untilAsserted(() ->
                        assertThat(when().get("/q/metrics").asString())
                                .contains(
                                        "processpool_workers{pool=\"default\",state=\"idle\"}",
                                        "processpool_queue_calls{pool=\"default\"} 0.0",
                                        "processpool_worker_memory_bytes{pool=\"default\",stat=\"max\"}",
                                        "processpool_call_wait_seconds_bucket{pool=\"default\",task=\"echo\",le=",
                                        "processpool_call_run_seconds_count{outcome=\"done\",pool=\"default\",task=\"echo\"}",
                                        "processpool_worker_startup_seconds_count{pool=\"default\"}",
                                        "processpool_worker_exits_total{pool=\"default\",reason=\"crashed\"}"));
    }

    @Test
    void tells_where_to_begin() {
        given().accept(ContentType.JSON)
                .get("/")
                .then()
                .statusCode(200)
                .body("links.tasks", equalTo("/v1/tasks"))
                .body("links.openapi", equalTo("/q/openapi"));
        given().accept("text/html,application/xhtml+xml,*/*;q=0.8")
                .get("/")
                .then()
                .statusCode(200)
                .contentType("text/html;charset=UTF-8")
                .header("Content-Security-Policy", containsString("default-src 'none'"))
                .body(containsString("href=\"/v1/tasks\""));
    }

    @Test
    void has_a_page_behind_each_problem() {
        when().get("/problems")
                .then()
                .statusCode(200)
                .body("problems.type", hasItems("/problems/queue-full", "/problems/task-failed"))
                .body("problems.meaning", everyItem(not(equalTo(""))));
        when().get("/problems/queue-full").then().statusCode(200).body("status", equalTo(503));
        given().accept(ContentType.HTML)
                .get("/problems/queue-full")
                .then()
                .statusCode(200)
                .contentType("text/html;charset=UTF-8")
                .body(containsString("Retry-After"));
        when().get("/problems/none")
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/not-found"));
    }

    @Test
    void has_a_problem_for_a_path_that_leads_nowhere() {
        for (String path : new String[] {"/nothing", "/v1/nothing", "/q/nothing"}) {
            when().get(path)
                    .then()
                    .statusCode(404)
                    .contentType("application/problem+json")
                    .body("type", equalTo("/problems/not-found"));
        }
    }
}
