package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WorkerLogTest {

    @Test
    void leaves_text_of_any_script_as_it_is() {
        assertThat(WorkerLog.printable("进程(4711)\tça va? 😀")).isEqualTo("进程(4711)\tça va? 😀");
    }

    @Test
    void shows_what_could_forge_a_line_or_move_a_cursor() {
        assertThat(WorkerLog.printable("a\r\nERROR b \u001b[2J \u0000 \u202e \u2028"))
                .isEqualTo("a\\u000d\\u000aERROR b \\u001b[2J \\u0000 \\u202e \\u2028");
    }
}
