package org.processpool.rest;

import static org.hamcrest.Matchers.equalTo;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(HastyPool.class)
class HastyPoolTest {

    @Test
    void ends_a_call_that_runs_too_long() {
        call().contentType(ContentType.JSON)
                .body("{\"busy\":false}")
                .post("/v1/tasks/hang:apply")
                .then()
                .statusCode(504)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/task-timeout"))
                .body("limitMillis", equalTo(1000));
    }
}
