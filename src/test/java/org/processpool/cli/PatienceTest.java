package org.processpool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatienceTest {

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "30, PT30S",
        "1.5s, PT1.5S",
        "500ms, PT0.5S",
        "2m, PT2M",
        "1h, PT1H",
        "pt30s, PT30S"
    })
    void reads_what_people_write(String text, Duration duration) {
        assertThat(new Patience().convert(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-1", "PT-1S", "1 s", "1d", "99999999999"})
    void refuses_what_is_no_duration(String text) {
        assertThatThrownBy(() -> new Patience().convert(text)).hasMessageContaining("'" + text);
    }

    @Test
    void is_rounded_up_to_the_seconds_of_the_header() {
        assertThat(Patience.seconds(Duration.ofMillis(1))).isEqualTo(1);
        assertThat(Patience.seconds(Duration.ofSeconds(2))).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 ms",
        "PT0.25S, 250 ms",
        "PT1.5S, 1.5 s",
        "PT59.99S, 59.9 s",
        "PT2M, 2 min",
        "PT2M5S, 2 min 5 s",
        "PT3H20M, 3 h 20 min",
        "PT51H, 2 d 3 h"
    })
    void is_said_in_words(Duration duration, String words) {
        assertThat(Words.duration(duration)).isEqualTo(words);
    }
}
