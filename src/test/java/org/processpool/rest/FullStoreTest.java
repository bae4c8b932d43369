package org.processpool.rest;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** FAULTS 18: a full store takes no job that it could not keep, and goes on once there is room. */
@QuarkusTest
@TestProfile(FullStoreTest.Small.class)
class FullStoreTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    /** A store of two megabytes. */
    public static final class Small implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "process-pool.pools.default.processes",
                    "1",
                    "process-pool.store.directory",
                    "target/test-data/full-${quarkus.uuid}",
                    "process-pool.store.max-size",
                    "2M");
        }
    }

    private static Response submit() {
        return given().contentType(ContentType.JSON)
                .body("{\"task\":\"sha256\",\"args\":[\"" + "x".repeat(100_000) + "\"]}")
                .post("/v1/jobs");
    }

    @Test
    void refuses_what_it_cannot_keep_and_goes_on_once_there_is_room() {
        List<String> accepted = new ArrayList<>();
        Response answer = submit();
        while (answer.statusCode() == 202) {
            accepted.add(answer.path("id"));
            assertThat(accepted).as("a store with a limit").hasSizeLessThan(100);
            answer = submit();
        }
        answer.then()
                .statusCode(507)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/insufficient-storage"));
        call().contentType(ContentType.JSON)
                .body("[10]")
                .post("/v1/tasks/fib:apply")
                .then()
                .statusCode(200)
                .body(equalTo("55"));
        assertThat(accepted).isNotEmpty();
        accepted.removeIf(id -> {
            boolean done = when().get("/v1/jobs/" + id).then().extract().path("done");
            return done && when().delete("/v1/jobs/" + id).statusCode() == 204;
        });
        for (String id : accepted) {
            await().atMost(LONG)
                    .until(() -> when().get("/v1/jobs/" + id).then().extract().path("done"));
            when().get("/v1/jobs/" + id).then().body("state", equalTo("SUCCEEDED"));
        }
        await().atMost(LONG)
                .until(() -> {
                    Response again = submit();
                    return again.statusCode() == 202;
                });
    }
}
