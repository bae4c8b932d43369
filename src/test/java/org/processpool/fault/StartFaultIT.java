package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.outcomeOf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolBuilder;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.PoolState;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.WorkerClassPath;
import org.processpool.pool.WorkerCommand;

/** Workers that never come up: row 8 of the list of faults. */
@FaultTest
class StartFaultIT {

    private final Diary diary = new Diary();

    @TempDir Path directory;

    @Test
    void a_worker_that_is_never_ready_is_given_up_at_the_start_time_out() throws Exception {
        var hanging =
                Pools.ofTrouble(1)
                        .startTimeout(Duration.ofSeconds(1))
                        .startFailures(1)
                        .initializer(Deeds::sleep, Duration.ofDays(1).toMillis());
        try (var pool = hanging.open()) {
            assertThat(brokenBy(pool)).contains("not ready within 1 s");
        }
    }

    @Test
    void a_program_that_does_not_exist_is_named() throws Exception {
        Path java = directory.resolve("bin/java");
        var nowhere =
                new WorkerCommand.Jvm(
                        java, new WorkerClassPath(List.of(), Optional.empty()), List.of());
        try (var pool = Pools.ofTrouble(2).context(nowhere).startFailures(2).open()) {
            assertThat(brokenBy(pool)).contains("2 starts in a row failed", java.toString());
        }
    }

    @Test
    void a_jvm_that_refuses_its_flags_is_quoted() throws Exception {
        try (var pool = Pools.ofTrouble(1).jvmFlags("-XX:+Nonsense").startFailures(1).open()) {
            assertThat(brokenBy(pool)).contains("exit code 1", "Nonsense");
        }
    }

    @Test
    void an_initializer_that_throws_is_quoted() throws Exception {
        try (var pool = unloadable().open()) {
            assertThat(brokenBy(pool))
                    .contains("the initializer failed", "there is no model to load");
        }
    }

    @Test
    void calls_that_wait_for_a_worker_fail_fast_once_the_pool_is_broken() throws Exception {
        try (var pool = unloadable().open()) {
            List<AsyncResult<Long>> pending =
                    List.of(pool.applyAsync(Deeds::square, 1L), pool.applyAsync(Deeds::square, 2L));
            var lease = pool.requestLease();
            String cause = brokenBy(pool);
            assertThat(pending)
                    .allSatisfy(call ->
                            assertThat(outcomeOf(Outcome.Abandoned.class, call).why())
                                    .contains(cause));
            assertThatExceptionOfType(CallException.Abandoned.class)
                    .isThrownBy(() -> lease.get(PATIENCE));
            assertThatExceptionOfType(PoolRejectedException.Broken.class)
                    .isThrownBy(() -> pool.apply(Deeds::square, 3L))
                    .withMessageContaining(cause);
            assertThatExceptionOfType(PoolRejectedException.Broken.class)
                    .isThrownBy(() -> pool.awaitReady(PATIENCE));
        }
    }

    /** Python's pool starts 126 processes in two seconds here. */
    @Test
    void workers_that_die_at_once_are_not_started_in_a_storm() throws Exception {
        try (var pool =
                Pools.ofTrouble(3)
                        .startFailures(3)
                        .initializer(Deeds::halt, 9)
                        .listener(diary)
                        .open()) {
            assertThat(brokenBy(pool)).contains("exit code 9");
            int soFar = diary.starts().size();
            assertThat(soFar).as("starts until broken").isLessThanOrEqualTo(3 + 2 + 1);
            // broken after three failures; the next starts come after 0.4, 0.8 and 1.6 s or so.
            await().during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(3))
                    .until(() -> diary.starts().size() <= soFar + 3);
        }
    }

    @Test
    void workers_that_break_the_protocol_before_they_are_ready_are_not_started_in_a_storm()
            throws Exception {
        try (var pool =
                Pools.ofTrouble(1)
                        .startFailures(2)
                        .initializer(Deeds::speakOfForeignCall)
                        .listener(diary)
                        .open()) {
            assertThat(brokenBy(pool)).contains("2 starts in a row failed", "was no message");
            assertThat(diary.starts()).hasSizeLessThanOrEqualTo(3);
        }
    }

    @Test
    void workers_that_are_too_large_from_the_start_are_not_started_in_a_storm() throws Exception {
        try (var pool =
                Pools.ofTrouble(1)
                        .startFailures(2)
                        .maxMemory(0, 20L << 20)
                        .listener(diary)
                        .open()) {
            assertThat(brokenBy(pool)).contains("2 starts in a row failed", "resident memory");
            assertThat(diary.starts()).hasSizeLessThanOrEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void a_pool_recovers_by_itself_when_the_cause_has_gone(int minProcesses) throws Exception {
        try (var pool = unloadable().minProcesses(minProcesses).open()) {
            AsyncResult<Long> tooEarly = pool.applyAsync(Deeds::square, 1L);
            brokenBy(pool);
            assertThat(outcomeOf(tooEarly)).isInstanceOf(Outcome.Abandoned.class);
            await().atMost(PATIENCE).until(() -> pool.snapshot().workers().isEmpty());

            Files.createFile(model());

            await().atMost(PATIENCE).until(() -> pool.snapshot().state() == PoolState.RUNNING);
            assertThat(pool.snapshot().cause()).isEmpty();
            assertThat(pool.apply(Deeds::square, 5L)).isEqualTo(25);
        }
    }

    @Test
    void a_pool_that_was_paused_is_paused_again_when_it_recovers() throws Exception {
        try (var pool = unloadable().open()) {
            pool.pause();
            AsyncResult<Long> tooEarly = pool.applyAsync(Deeds::square, 1L);
            brokenBy(pool);
            assertThat(outcomeOf(tooEarly)).isInstanceOf(Outcome.Abandoned.class);

            Files.createFile(model());

            await().atMost(PATIENCE).until(() -> pool.snapshot().state() == PoolState.PAUSED);
            AsyncResult<Long> waiting = pool.applyAsync(Deeds::square, 5L);
            assertThat(pool.snapshot().queued()).isEqualTo(1);
            pool.resume();
            assertThat(waiting.get(PATIENCE)).isEqualTo(25);
        }
    }

    @Test
    void a_broken_pool_can_be_resumed_before_it_recovers() throws Exception {
        try (var pool = unloadable().open()) {
            pool.pause();
            brokenBy(pool);
            pool.resume();
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.BROKEN);

            Files.createFile(model());

            await().atMost(PATIENCE).until(() -> pool.snapshot().state() == PoolState.RUNNING);
        }
    }

    @Test
    void a_broken_pool_can_be_closed() throws Exception {
        var pool = unloadable().build();
        brokenBy(pool);
        pool.close();
        assertThat(pool.join(PATIENCE)).isTrue();
    }

    /** Two workers whose initializer needs a file that is not there yet. */
    private PoolBuilder unloadable() {
        return Pools.ofTrouble(2).startFailures(2).initializer(Deeds::load, model().toString());
    }

    private Path model() {
        return directory.resolve("model");
    }

    private static String brokenBy(ProcessPool pool) {
        await().atMost(PATIENCE).until(() -> pool.snapshot().state() == PoolState.BROKEN);
        return pool.snapshot().cause().orElseThrow();
    }
}
