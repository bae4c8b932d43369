package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.HANG;
import static org.processpool.fault.Pools.IDLY;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.awaitBusy;
import static org.processpool.fault.Pools.awaitIdle;
import static org.processpool.fault.Pools.outcomeOf;
import static org.processpool.fault.Pools.pids;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.CallOptions;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;

/** Workers that are killed with SIGKILL: rows 1 to 3 of the list of faults. */
@FaultTest
class KilledWorkerFaultIT {

    private static final List<Long> NUMBERS = LongStream.range(0, 100).boxed().toList();
    private static final List<Long> SQUARES = NUMBERS.stream().map(Deeds::square).toList();

    private final Diary diary = new Diary();

    @Test
    void idle_workers_killed_one_after_the_other_are_replaced_and_no_call_fails() throws Exception {
        try (var pool = Pools.ofTrouble(3).listener(diary).open()) {
            awaitIdle(pool, 3);
            for (long pid : pids(pool)) {
                Signal.KILL.sendTo(pid);
                awaitIdle(pool, 3, List.of(pid));
                assertThat(pool.map(Deeds::square, NUMBERS)).isEqualTo(SQUARES);
                assertThat(diary.reasonsOf(pid)).containsExactly(ExitReason.CRASHED);
            }
            assertThat(pool.snapshot().ended()).containsOnlyKeys("done");
        }
    }

    @Test
    void idle_workers_killed_all_at_once_are_replaced_and_no_call_fails() throws Exception {
        try (var pool = Pools.ofTrouble(3).listener(diary).open()) {
            awaitIdle(pool, 3);
            List<Long> before = pids(pool);
            for (long pid : before) {
                Signal.KILL.sendTo(pid);
            }
            awaitIdle(pool, 3, before);
            assertThat(pool.map(Deeds::square, NUMBERS)).isEqualTo(SQUARES);
            assertThat(pool.snapshot().ended()).containsOnlyKeys("done");
            assertThat(diary.starts()).hasSize(6);
        }
    }

    @Test
    void a_busy_worker_that_is_killed_takes_only_its_own_call_along() throws Exception {
        try (var pool = Pools.ofTrouble(2).open()) {
            awaitIdle(pool, 2);
            AsyncResult<?> doomed = pool.applyAsync(HANG, IDLY);
            long pid = awaitBusy(pool);
            var others = pool.mapAsync(Deeds::square, NUMBERS, 1);

            Signal.KILL.sendTo(pid);

            var crashed = outcomeOf(Outcome.Crashed.class, doomed);
            assertThat(crashed)
                    .isEqualTo(
                            new Outcome.Crashed(
                                    pid,
                                    137,
                                    Optional.of("SIGKILL"),
                                    ExitReason.CRASHED,
                                    crashed.lastWords()));
            assertThat(others.get(PATIENCE)).isEqualTo(SQUARES);
            awaitIdle(pool, 2, List.of(pid));
        }
    }

    @Test
    void the_message_of_a_crash_names_process_signal_and_task() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            AsyncResult<?> doomed = pool.applyAsync(HANG, IDLY);
            long pid = awaitBusy(pool);
            Signal.KILL.sendTo(pid);
            assertThat(outcomeOf(doomed)).isInstanceOf(Outcome.Crashed.class);
            assertThatExceptionOfType(CallException.WorkerCrashed.class)
                    .isThrownBy(doomed::get)
                    .withMessageContaining("worker %d died with exit code 137 (SIGKILL)", pid)
                    .withMessageContaining("during 'hang'");
        }
    }

    @Test
    void a_call_with_retries_runs_again_in_another_worker() throws Exception {
        try (var pool = Pools.ofTrouble(2).open()) {
            AsyncResult<List<Long>> call =
                    pool.with(CallOptions.DEFAULT.retries(1)).applyAsync(Deeds::hangAtFirst);
            long pid = awaitBusy(pool);
            Signal.KILL.sendTo(pid);
            assertThat(call.get(PATIENCE)).hasSize(2).startsWith(2L).doesNotContain(pid);
        }
    }

    /** Whether it had started nobody can tell, so without a retry such a call has crashed. */
    @Test
    void a_retry_saves_a_call_that_was_handed_to_a_worker_while_it_died() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            for (long round = 0; round < 5; round++) {
                assertThat(pool.apply(Deeds::square, round)).isEqualTo(round * round);
                Signal.KILL.sendTo(pids(pool).getFirst());
                var call =
                        pool.with(CallOptions.DEFAULT.retries(1))
                                .applyAsync(Deeds::square, round + 1);
                assertThat(call.get(PATIENCE)).isEqualTo((round + 1) * (round + 1));
            }
        }
    }

    @Test
    void the_holder_of_a_lease_is_told_once_when_its_worker_has_died() throws Exception {
        var told = new AtomicInteger();
        try (var pool = Pools.ofTrouble(2).open();
                var lease = pool.lease()) {
            lease.onLost(told::incrementAndGet);
            AsyncResult<?> running = lease.applyAsync(HANG, IDLY);
            AsyncResult<?> next = lease.applyAsync(HANG, IDLY);
            Signal.KILL.sendTo(lease.pid());
            assertThat(outcomeOf(running)).isInstanceOf(Outcome.Crashed.class);
            assertThat(outcomeOf(next)).isInstanceOf(Outcome.Abandoned.class);
            await().atMost(PATIENCE).until(() -> lease.lost() && told.get() == 1);
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> lease.apply(HANG, IDLY))
                    .withMessageContaining("the lease is over");
            awaitIdle(pool, 2);
        }
        assertThat(told).hasValue(1);
    }

    @Test
    void retries_come_to_an_end() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            AsyncResult<?> killer =
                    pool.with(CallOptions.DEFAULT.retries(2))
                            .applyAsync(Pools.task("exit"), new ExitWith(7, true));
            assertThat(outcomeOf(Outcome.Crashed.class, killer).exitCode()).isEqualTo(7);
            assertThat(pool.snapshot().exits()).containsEntry(ExitReason.CRASHED, 3L);
        }
    }

    /** Arguments of the task {@code exit}. */
    record ExitWith(int code, boolean halt) {}

    @Test
    void calls_sent_ahead_to_a_worker_that_is_killed_run_elsewhere() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            pool.map(Deeds::square, NUMBERS, 1); // so that calls are known to be short
            AsyncResult<?> doomed = pool.applyAsync(Deeds::hangAtFirst);
            var behind = pool.mapAsync(Deeds::square, NUMBERS, 1);
            Signal.KILL.sendTo(awaitBusy(pool));
            assertThat(outcomeOf(doomed)).isInstanceOf(Outcome.Crashed.class);
            assertThat(behind.get(PATIENCE)).isEqualTo(SQUARES);
        }
    }

    @Test
    void a_large_result_arrives_whole_or_not_at_all() throws Exception {
        long seed = System.nanoTime();
        var chance = new Random(seed);
        List<Outcome> ends = new ArrayList<>();
        try (var pool = Pools.ofTrouble(2).open()) {
            for (int round = 0; round < 16; round++) {
                var written = new CountDownLatch(1);
                var options = CallOptions.DEFAULT.onProgress(_ -> written.countDown());
                long result = round;
                AsyncResult<byte[]> call = pool.with(options).applyAsync(Deeds::noise, result);
                long pid = awaitBusy(pool);
                assertThat(written.await(20, TimeUnit.SECONDS)).isTrue();
                LockSupport.parkNanos(chance.nextLong(Duration.ofMillis(25).toNanos()));
                Signal.KILL.sendTo(pid);
                try {
                    assertThat(call.get(PATIENCE))
                            .as("result %d, seed %d", result, seed)
                            .isEqualTo(expectedNoise(result));
                } catch (CallException none) {
                    ends.add(none.outcome());
                }
            }
        }
        assertThat(ends)
                .as("ends other than results, seed %d", seed)
                .allSatisfy(end ->
                        assertThat(end)
                                .isInstanceOfSatisfying(
                                        Outcome.Crashed.class,
                                        crashed ->
                                                assertThat(crashed.reason())
                                                        .isEqualTo(ExitReason.CRASHED)));
    }

    private static byte[] expectedNoise(long seed) {
        var bytes = new byte[10 << 20];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
