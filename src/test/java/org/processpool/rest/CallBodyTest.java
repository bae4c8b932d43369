package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import jakarta.ws.rs.core.MediaType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.task.Payload;

class CallBodyTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "Application/JSON; charset=utf-8",
                "application/merge-patch+json"
            })
    void json_travels_as_it_came(String type) {
        byte[] body = " [1, 2] ".getBytes(UTF_8);
        Payload input = CallBody.read(body, MediaType.valueOf(type));
        assertThat(input.encoding()).isEqualTo(Payload.Encoding.JSON);
        assertThat(input.bytes()).isSameAs(body);
    }

    @Test
    void a_body_of_no_type_is_taken_for_json() {
        assertThat(CallBody.read("1".getBytes(UTF_8), null)).isEqualTo(Payload.json("1"));
    }

    @Test
    void no_body_is_null() {
        assertThat(CallBody.read(new byte[0], null)).isEqualTo(Payload.json("null"));
        assertThat(CallBody.read(new byte[0], MediaType.APPLICATION_FORM_URLENCODED_TYPE))
                .isEqualTo(Payload.json("null"));
    }

    @Test
    void bytes_and_text_travel_as_they_are_even_if_empty() {
        byte[] body = {0, -1};
        assertThat(CallBody.read(body, MediaType.APPLICATION_OCTET_STREAM_TYPE))
                .isEqualTo(Payload.bytes(body));
        assertThat(CallBody.read(new byte[0], MediaType.TEXT_PLAIN_TYPE))
                .isEqualTo(new Payload(Payload.Encoding.TEXT, new byte[0]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/xml", "text/html", "text/plain;charset=UTF-16", "text/csv"})
    void another_type_is_refused_with_those_there_are(String type) {
        var refused =
                catchThrowableOfType(
                        ProblemException.class,
                        () -> CallBody.read(new byte[] {'x'}, MediaType.valueOf(type)));
        assertThat(refused.problem().type()).isEqualTo(ProblemType.UNSUPPORTED_MEDIA_TYPE);
        assertThat(refused.headers().get("Accept-Post"))
                .isEqualTo("application/json, application/octet-stream, text/plain");
    }
}
