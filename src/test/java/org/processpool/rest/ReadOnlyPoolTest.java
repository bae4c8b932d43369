package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.PoolState;
import org.processpool.pool.ProcessPool;

@QuarkusTest
@TestProfile(ReadOnlyPool.class)
class ReadOnlyPoolTest {
    @Inject ProcessPool pool;

    @BeforeEach
    void wait_for_the_worker() throws InterruptedException {
        assertThat(pool.awaitReady(Duration.ofMinutes(1))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":recycle",
                ":pause",
                ":resume",
                ":drain",
                ":terminate",
                "/workers/default-1:recycle",
                "/workers/default-1:kill"
            })
    void refuses_every_order(String order) {
        refused(call().post("/v1/pools/default" + order));
    }

    @Test
    void refuses_every_change() {
        refused(
                call().contentType("application/merge-patch+json")
                        .body("{\"size\":2}")
                        .patch("/v1/pools/default"));
    }

    @Test
    void refuses_to_cancel_a_job() {
        refused(call().post("/v1/jobs/nonsense:cancel"));
    }

    private void refused(Response answer) {
        long pid = pool.snapshot().workers().getFirst().pid();
        answer.then()
                .statusCode(403)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/forbidden"))
                .body("detail", containsString("process-pool.read-only is true"))
                .body("requiredRole", equalTo("operate"));
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.RUNNING);
        assertThat(pool.snapshot().processes()).isEqualTo(1);
        assertThat(pool.snapshot().workers().getFirst().pid()).isEqualTo(pid);
        assertThat(pool.snapshot().workers().getFirst().why()).isEmpty();
    }

    @Test
    void lets_everybody_look_and_call() {
        call().get("/v1/pools/default").then().statusCode(200);
        call().get("/v1/pools/default/workers/default-1/threads").then().statusCode(200);
        call().get("/v1/stats").then().statusCode(200);
        call().contentType(ContentType.JSON)
                .body("1")
                .post("/v1/tasks/echo:apply")
                .then()
                .statusCode(200);
    }

    @Test
    void has_a_page_on_that() {
        call().get("/problems/forbidden").then().statusCode(200).body("status", equalTo(403));
    }
}
