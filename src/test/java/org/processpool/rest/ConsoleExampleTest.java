package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleExampleTest {

    @Test
    void are_the_commands_of_console_blocks_with_what_they_write() {
        List<ConsoleExample> examples =
                ConsoleExample.of(
                        """
                        Text
                        ```console
                        $ echo a \\
                            b
                        a b
                        $ true
                        ```
                        ```sh
                        $ not this
                        ```
                        """);
        assertThat(examples)
                .containsExactly(
                        new ConsoleExample(3, "echo a \\\n    b", List.of("a b")),
                        new ConsoleExample(6, "true", List.of()));
    }

    @Test
    void fit_only_what_they_say() {
        var exact = new ConsoleExample(1, "x", List.of("a.c"));
        assertThat(exact.fits(List.of("a.c"))).isTrue();
        assertThat(exact.fits(List.of("abc"))).isFalse();
        assertThat(exact.fits(List.of("a.c", "more"))).isFalse();
        assertThat(exact.fits(List.of())).isFalse();
    }

    @Test
    void take_three_dots_for_anything() {
        var within = new ConsoleExample(1, "x", List.of("{\"id\":\"...\",\"done\":...}"));
        assertThat(within.fits(List.of("{\"id\":\"0199\",\"done\":true}"))).isTrue();
        assertThat(within.fits(List.of("{\"id\":\"0199\"}"))).isFalse();
        var between = new ConsoleExample(1, "x", List.of("first", "...", "last"));
        assertThat(between.fits(List.of("first", "last"))).isTrue();
        assertThat(between.fits(List.of("first", "and", "more", "last"))).isTrue();
        assertThat(between.fits(List.of("first", "and"))).isFalse();
    }

    @Test
    void run_in_one_shell_that_keeps_variables() throws Exception {
        try (var shell = new Shell()) {
            Duration soon = Duration.ofMinutes(1);
            assertThat(shell.run("ID=42", soon)).isEmpty();
            assertThat(shell.run("printf 'id %s' $ID", soon)).containsExactly("id 42");
            assertThat(shell.run("echo a; echo b >&2", soon)).containsExactly("a", "b");
        }
    }
}
