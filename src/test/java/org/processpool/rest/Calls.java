package org.processpool.rest;

import static io.restassured.RestAssured.given;

import io.restassured.specification.RequestSpecification;

/** Requests as curl makes them. */
final class Calls {

    private Calls() {}

    /** REST Assured would write the colon before {@code apply} as {@code %3A}. */
    static RequestSpecification call() {
        return given().urlEncodingEnabled(false);
    }
}
