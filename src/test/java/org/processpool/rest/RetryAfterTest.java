package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | PT0S",
                "120 | PT2M",
                "3600 | PT1H",
                "3601 | PT1H",
                "999999999999999999 | PT1H",
                "Wed, 04 Mar 2026 12:00:30 GMT | PT30S",
                "Wed, 04 Mar 2026 11:00:00 GMT | PT0S",
                "Thu, 05 Mar 2026 12:00:00 GMT | PT1H"
            })
    void is_seconds_or_a_date_and_an_hour_at_most(String header, Duration wait) {
        assertThat(RetryAfter.of(header, NOON)).contains(wait);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "soon", "-1", "1.5", "12345678901234567890", "2026-03-04T12:00:30Z"})
    void is_nothing_if_it_is_nonsense(String header) {
        assertThat(RetryAfter.of(header, NOON)).isEmpty();
    }

    @Test
    void is_nothing_if_the_receiver_did_not_say() {
        assertThat(RetryAfter.of(null, NOON)).isEmpty();
    }
}
