package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNamesTest {
    private static final List<String> TASKS =
            List.of("crash", "echo", "fib", "sha256", "wordcount");

    @Test
    void finds_what_was_probably_meant() {
        assertThat(NearestNames.like("wordcont", TASKS)).containsExactly("wordcount");
        assertThat(NearestNames.like("sha", List.of("sha1", "sha256", "shout")))
                .containsExactly("sha1");
    }

    @Test
    void suggests_nothing_far_fetched() {
        assertThat(NearestNames.like("resize-image", TASKS)).isEmpty();
        assertThat(NearestNames.like("e".repeat(100_000), TASKS)).isEmpty();
    }

    @Test
    void prefers_the_more_similar_and_then_the_alphabet() {
        assertThat(NearestNames.like("fob", List.of("foo", "fib", "fab", "bob", "fob2")))
                .containsExactly("bob", "fab", "fib");
    }

    @Test
    void names_the_nearest_however_far() {
        assertThat(NearestNames.nearest("resize", TASKS)).isEqualTo("crash");
    }
}
