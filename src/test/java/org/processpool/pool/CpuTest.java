package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the kernel says of processor time. */
class CpuTest {

    @Test
    void knows_how_much_this_process_has_used() {
        Duration told = Cpu.used(ProcessHandle.current().pid()).orElseThrow();
        assertThat(told)
                .isPositive()
                .isLessThanOrEqualTo(
                        ProcessHandle.current().info().totalCpuDuration().orElseThrow());
    }

    @Test
    void adds_user_and_system_time_whatever_the_program_is_called() {
        assertThat(
                        Cpu.used(
                                "4711 (a) b (c) S 1 4711 4711 0 -1 4194304 3 0 0 0 250 31 5 6 20 0"
                                        + " 1 0 12 0\n"))
                .contains(Duration.ofMillis(2810));
    }

    @Test
    void a_process_that_is_not_there_and_a_line_that_is_none_say_nothing() {
        assertThat(Cpu.used(-1)).isEmpty();
        assertThat(Cpu.used("")).isEmpty();
        assertThat(Cpu.used("1 (a) S a b c d e f g h i j k l m n")).isEmpty();
    }
}
