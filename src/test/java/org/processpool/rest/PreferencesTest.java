package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreferencesTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wait=10",
                "Wait = 10",
                "wait=\"10\"",
                "respond-async, wait=10",
                "return=minimal; foo=1,wait=10; bar",
                "wait=10, wait=20"
            })
    void finds_the_wait_among_other_wishes(String header) {
        assertThat(Preferences.of(List.of(header)).waitUpTo(MINUTE))
                .contains(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wait", "wait=", "wait=soon", "wait=-1", "wait=1.5", "await=10"})
    void passes_over_what_it_does_not_understand(String header) {
        assertThat(Preferences.of(List.of(header)).waitUpTo(MINUTE)).isEmpty();
    }

    @Test
    void grants_no_more_than_the_longest_wait() {
        assertThat(Preferences.of(List.of("wait=999999999")).waitUpTo(MINUTE)).contains(MINUTE);
    }

    @Test
    void a_comma_in_quotes_parts_no_wishes() {
        var wishes =
                Preferences.of(List.of("note=\"a, wait=5, \\\"b\", wait=10, x=\"open, wait=1"));
        assertThat(wishes.patience()).contains(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"respond-async", "wait=1,Respond-Async", "respond-async; x=1"})
    void finds_the_wish_not_to_wait(String header) {
        assertThat(Preferences.of(List.of(header)).respondAsync()).isTrue();
        assertThat(Preferences.of(List.of("respond-asynchronously, wait")).respondAsync())
                .isFalse();
    }

    @Test
    void finds_how_much_the_answer_should_have() {
        assertThat(Preferences.of(List.of("wait=1, return=minimal")).returns())
                .contains(Preferences.Return.MINIMAL);
        assertThat(Preferences.of(List.of("return=\"representation\", return=minimal")).returns())
                .contains(Preferences.Return.REPRESENTATION);
        assertThat(Preferences.of(List.of("return=little, return")).returns()).isEmpty();
    }

    @Test
    void wishes_nothing_without_the_header() {
        assertThat(Preferences.of(List.of()).waitUpTo(MINUTE)).isEmpty();
    }
}
