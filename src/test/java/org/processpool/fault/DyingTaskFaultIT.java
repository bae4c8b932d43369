package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.outcomeOf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolBuilder;
import org.processpool.task.Payload;

/** Tasks that take their worker along: rows 5 and 9 of the list of faults. */
@FaultTest
class DyingTaskFaultIT {

    private static final long MEBIBYTE = 1L << 20;

    /** Also Java's own crash reports: worker directories are looked at after each test anyway. */
    @AfterEach
    void no_core_file_and_no_crash_report_is_left() throws Exception {
        try (Stream<Path> here = Files.list(Path.of(""))) {
            assertThat(here.map(Path::toString))
                    .noneMatch(file -> file.matches("core(\\.\\d+)?|hs_err.*|replay_pid.*"));
        }
    }

    /** A JVM turns SIGSEGV into a crash report and SIGABRT. */
    @ParameterizedTest
    @CsvSource({
        "SEGV, 134, SIGABRT",
        "ABRT, 134, SIGABRT",
        "KILL, 137, SIGKILL",
        "TERM, 143, SIGTERM"
    })
    void a_signal_is_named_by_the_outcome(String signal, int exitCode, String name)
            throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            long pid = pool.apply(Deeds::pid);
            var crashed = outcomeOf(Outcome.Crashed.class, pool.applyAsync(Pools.CRASH, signal));
            assertThat(crashed)
                    .isEqualTo(
                            new Outcome.Crashed(
                                    pid,
                                    exitCode,
                                    Optional.of(name),
                                    ExitReason.CRASHED,
                                    crashed.lastWords()));
            assertThat(pool.apply(Deeds::pid)).isNotEqualTo(pid);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false", "3, false", "99, true"})
    void an_exit_code_is_named_by_the_outcome(int code, boolean halt) throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            var exit = Payload.json("{\"code\": %d, \"halt\": %b}".formatted(code, halt));
            var crashed =
                    outcomeOf(Outcome.Crashed.class, pool.applyAsync(Pools.task("exit"), exit));
            assertThat(crashed.exitCode()).isEqualTo(code);
            assertThat(crashed.signal()).isEmpty();
            assertThat(crashed.reason()).isEqualTo(ExitReason.CRASHED);
        }
    }

    @Test
    void a_full_heap_ends_the_call_as_memory_exceeded() throws Exception {
        var small = Pools.ofTrouble(2).jvmFlags("-Xmx32m");
        assertThat(outcomeOfHog(small, "{\"kind\": \"heap\", \"mebibytes\": 0, \"hold\": false}"))
                .satisfies(exceeded -> assertThat(exceeded.detail()).contains("OutOfMemoryError"));
    }

    @Test
    void memory_over_the_hard_limit_ends_the_call_as_memory_exceeded() throws Exception {
        var limited = Pools.ofTrouble(2).maxMemory(0, 200 * MEBIBYTE);
        assertThat(
                        outcomeOfHog(
                                limited,
                                "{\"kind\": \"native\", \"mebibytes\": 300, \"hold\": true}"))
                .satisfies(exceeded -> {
                    assertThat(exceeded.limitBytes()).isEqualTo(200 * MEBIBYTE);
                    assertThat(exceeded.seenBytes()).isGreaterThan(200 * MEBIBYTE);
                    assertThat(exceeded.detail()).contains("resident memory");
                });
    }

    /** Beside the hog another call runs, which must not feel it. */
    private static Outcome.MemoryExceeded outcomeOfHog(PoolBuilder builder, String input)
            throws Exception {
        try (var pool = builder.open()) {
            pool.awaitReady(PATIENCE);
            var other = pool.applyAsync(Deeds::sleep, 2000L);
            var hog = pool.applyAsync(Pools.task("hog"), Payload.json(input));
            var exceeded = outcomeOf(Outcome.MemoryExceeded.class, hog);
            assertThat(other.get(PATIENCE)).isEqualTo(2000);
            assertThat(pool.map(Deeds::square, List.of(1L, 2L))).containsExactly(1L, 4L);
            assertThat(pool.snapshot().exits()).containsEntry(ExitReason.MEMORY, 1L);
            return exceeded;
        }
    }

    @Test
    void an_exception_of_any_kind_leaves_the_worker_alive() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            long pid = pool.apply(Deeds::pid);
            assertThat(outcomeOf(Outcome.Failed.class, pool.applyAsync(Deeds::recurse, 0L)))
                    .satisfies(failed ->
                            assertThat(failed.failure().type())
                                    .isEqualTo(StackOverflowError.class.getName()));
            assertThat(outcomeOf(pool.applyAsync(Deeds::fail, "x".repeat(1 << 20))))
                    .isInstanceOf(Outcome.Failed.class);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
        }
    }
}
