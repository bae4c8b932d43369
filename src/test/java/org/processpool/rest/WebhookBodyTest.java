package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookBodyTest {
    private static final Instant NOON = Instant.parse("2026-03-04T12:00:00.25Z");

    @Test
    void has_type_and_timestamp_and_the_data_as_they_are() throws Exception {
        byte[] body = WebhookBody.of("job.succeeded", NOON, "{\"text\": \"é\"}".getBytes(UTF_8));
        assertThat(new String(body, UTF_8))
                .isEqualTo(
                        "{\"type\":\"job.succeeded\",\"timestamp\":\"2026-03-04T12:00:00.250Z\","
                                + "\"data\":{\"text\": \"é\"}}");
        assertThat(new ObjectMapper().readTree(body).at("/data/text").textValue()).isEqualTo("é");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "job.", ".job", "Job.done", "job\",\"x\":\"", "job done"})
    void refuses_a_type_that_is_none(String type) {
        assertThatThrownBy(() -> WebhookBody.of(type, NOON, new byte[] {'1'}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("type must be words");
    }

    @Test
    void is_shown_by_no_message_and_neither_is_the_path() {
        var message =
                new WebhookMessage(
                        "msg_1",
                        URI.create("https://me/token"),
                        null,
                        "\"secret\"".getBytes(UTF_8));
        assertThat(message).hasToString("webhook msg_1 to me, 8 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "msg.1", "msg 1", "msg\r\nX-Other: 1"})
    void is_in_no_message_whose_id_could_be_taken_for_more(String id) {
        assertThatThrownBy(
                        () -> new WebhookMessage(id, URI.create("https://me/"), null, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("id must be");
    }

    @Test
    void is_in_no_message_unless_it_is_text_and_can_be_signed_as_such() {
        byte[] broken = {'"', (byte) 0xc3, '"'};
        assertThatThrownBy(() -> new WebhookMessage("m", URI.create("https://me/"), null, broken))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("body must be UTF-8");
    }
}
