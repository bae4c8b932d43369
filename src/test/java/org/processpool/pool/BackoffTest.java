package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long to wait before trying again. */
class BackoffTest {

    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30));

    @ParameterizedTest
    @CsvSource({"1, 100", "2, 200", "3, 400", "4, 800", "9, 25600"})
    void doubles_with_every_failure_give_or_take_a_fifth(int failures, long millis) {
        assertThat(BACKOFF.delay(failures).toMillis())
                .isBetween(millis * 8 / 10 - 1, millis * 12 / 10 + 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 31, 32, 64, 1000, Integer.MAX_VALUE})
    void never_waits_longer_than_its_most_and_a_fifth(int failures) {
        assertThat(BACKOFF.delay(failures))
                .isBetween(Duration.ofSeconds(24), Duration.ofSeconds(36));
    }

    @RepeatedTest(20)
    void is_never_shorter_than_four_fifths_of_its_least() {
        assertThat(BACKOFF.delay(1)).isGreaterThanOrEqualTo(Duration.ofMillis(80));
    }

    @Test
    void does_not_let_all_try_at_once() {
        assertThat(BACKOFF.delay(5)).isNotEqualTo(BACKOFF.delay(5));
    }
}
