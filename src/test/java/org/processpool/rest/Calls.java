package org.processpool.rest;

import static io.restassured.RestAssured.given;
import static io.restassured.config.EncoderConfig.encoderConfig;

import io.restassured.RestAssured;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;

/** Requests as curl makes them. */
final class Calls {

    /** Lines of JSON are sent as the text they are. */
    static final RestAssuredConfig NDJSON =
            RestAssured.config()
                    .encoderConfig(
                            encoderConfig()
                                    .encodeContentTypeAs("application/x-ndjson", ContentType.TEXT));

    private Calls() {}

    /** REST Assured would write the colon before {@code apply} as {@code %3A}. */
    static RequestSpecification call() {
        return given().urlEncodingEnabled(false);
    }
}
