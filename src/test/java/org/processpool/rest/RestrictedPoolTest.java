package org.processpool.rest;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(RestrictedPool.class)
class RestrictedPoolTest {

    @Test
    void refuses_who_comes_too_often_and_says_when_to_come_again() {
        apply().statusCode(200)
                .header(
                        "RateLimit-Policy",
                        "\"requests\";q=3;w=60, \"queue\";q=7;qu=\"concurrent-requests\"")
                .header("RateLimit", matchesPattern("\"requests\";r=2;t=\\d+, \"queue\";r=7"));
        apply().statusCode(200);
        apply().statusCode(200);
        ValidatableResponse refused =
                apply().statusCode(429)
                        .contentType("application/problem+json")
                        .header("RateLimit-Policy", containsString("\"requests\";q=3;w=60"))
                        .header("RateLimit", containsString("\"requests\";r=0;t="))
                        .body(
                                "type",
                                equalTo(
                                        "https://iana.org/assignments/http-problem-types#quota-exceeded"))
                        .body("violated-policies", equalTo(List.of("requests")));
        assertThat(refused.extract().headers().getValues("Retry-After"))
                .singleElement()
                .asString()
                .containsPattern("^([1-9]|1\\d|20)$");
        when().get("/v1/tasks/echo").then().statusCode(200).header("RateLimit", nullValue());
    }

    @Test
    void names_problems_as_it_is_told_to() {
        when().get("/v1/pools/none")
                .then()
                .statusCode(404)
                .body("type", equalTo("https://api.example.com/pool/problems/pool-not-found"));
        given().accept(ContentType.JSON)
                .get("/problems/pool-not-found")
                .then()
                .statusCode(200)
                .body("type", equalTo("https://api.example.com/pool/problems/pool-not-found"));
        given().accept(ContentType.JSON)
                .get("/problems/quota-exceeded")
                .then()
                .statusCode(200)
                .body("status", equalTo(429));
    }

    private static ValidatableResponse apply() {
        return call().contentType(ContentType.JSON).body("1").post("/v1/tasks/echo:apply").then();
    }
}
