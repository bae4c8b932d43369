package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The line that shows how far a map is, under a clock turned by hand. */
class ProgressTest {

    private static final long SECOND = 1_000_000_000L;

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private long now;

    private Progress progress(long total, Map<String, String> environment) {
        var terminal =
                new Terminal(
                        new ByteArrayInputStream(new byte[0]),
                        OutputStream.nullOutputStream(),
                        screen,
                        false,
                        true,
                        true,
                        environment);
        return new Progress(terminal, total, () -> now);
    }

    private String drawn() {
        String text = screen.toString(UTF_8);
        screen.reset();
        return text;
    }

    @Test
    void shows_a_bar_a_rate_and_what_is_left_if_the_total_is_known() {
        Progress progress = progress(1000, Map.of());
        drawn();
        now = 10 * SECOND;
        for (int i = 0; i < 250; i++) {
            progress.count(i >= 2);
        }

        progress.show();

        assertThat(drawn())
                .isEqualTo(
                        "\r\033[K[======                  ] 250 of 1,000 (25 %), 2 failed, 25/s,"
                                + " 30 s left");
    }

    @Test
    void shows_a_count_if_nobody_knows_the_total() {
        Progress progress = progress(Progress.UNKNOWN, Map.of());
        drawn();
        now = SECOND;
        progress.count(true);

        progress.show();

        assertThat(drawn()).isEqualTo("\r\033[K1 done, 0 failed, 1.0/s");
    }

    @Test
    void is_drawn_no_oftener_than_a_person_can_follow() {
        Progress progress = progress(10, Map.of());
        drawn();
        now = SECOND / 20;
        progress.count(true);

        progress.show();

        assertThat(drawn()).isEmpty();
    }

    @Test
    void makes_room_for_output_on_the_same_screen_and_leaves_nothing() {
        Progress progress = progress(10, Map.of());
        drawn();

        progress.hide();
        assertThat(drawn()).isEqualTo("\r\033[K");
        progress.end();
        assertThat(drawn()).isEmpty();
    }

    @Test
    void is_not_drawn_on_a_terminal_that_cannot_erase() {
        progress(10, Map.of("TERM", "dumb"));

        assertThat(drawn()).isEmpty();
    }
}
