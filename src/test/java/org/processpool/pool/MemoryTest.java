package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel says of memory. */
class MemoryTest {

    @TempDir Path directory;

    private Path counters(String text) throws IOException {
        return Files.writeString(directory.resolve("counters"), text);
    }

    @Test
    void knows_how_much_this_process_has_resident() {
        assertThat(Memory.resident(ProcessHandle.current().pid())).isGreaterThan(10L << 20);
    }

    @Test
    void a_process_that_is_not_there_has_nothing() {
        assertThat(Memory.resident(-1)).isZero();
    }

    @Test
    void knows_the_most_that_was_ever_resident() throws IOException {
        long pid = ProcessHandle.current().pid();
        assertThat(Memory.peak(pid)).isGreaterThan(10L << 20);
        assertThat(Memory.peak(counters("Name:\tjava\nVmPeak:\t 9 kB\nVmHWM:\t   81236 kB\n")))
                .isEqualTo(81236L * 1024);
        assertThat(Memory.peak(-1)).isZero();
        assertThat(Memory.forgetPeak(-1)).isFalse();
    }

    @Test
    void reads_the_kills_of_cgroup_v2() throws IOException {
        Path events =
                counters(
                        """
                        low 0
                        high 12
                        max 7
                        oom 5
                        oom_kill 3
                        oom_group_kill 0
                        """);
        assertThat(Memory.kernelKills(events)).isEqualTo(3);
    }

    @Test
    void reads_the_kills_of_cgroup_v1() throws IOException {
        Path control =
                counters(
                        """
                        oom_kill_disable 0
                        under_oom 0
                        oom_kill 42
                        """);
        assertThat(Memory.kernelKills(control)).isEqualTo(42);
    }

    @Test
    void takes_no_kills_for_granted_where_the_kernel_does_not_count_them() throws IOException {
        assertThat(Memory.kernelKills(counters("oom_kill_disable 0\nunder_oom 0\n"))).isZero();
        assertThat(Memory.kernelKills(counters("oom_kill many\n"))).isZero();
        assertThat(Memory.kernelKills(counters(""))).isZero();
        assertThat(Memory.kernelKills(directory.resolve("missing"))).isZero();
    }
}
