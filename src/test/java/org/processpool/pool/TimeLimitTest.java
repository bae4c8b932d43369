package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long a call may wait and how long it may run. */
@Timeout(60)
class TimeLimitTest {

    private static final Duration SHORT = Duration.ofMillis(50);
    private static ProcessPool pool;

    @BeforeAll
    static void start_a_pool() throws InterruptedException {
        pool =
                ProcessPool.builder()
                        .name("limits")
                        .processes(1)
                        .grace(Duration.ofSeconds(1), Duration.ofMillis(100))
                        .open();
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    private static ProcessPool hurried() {
        return pool.with(CallOptions.DEFAULT.timeout(SHORT));
    }

    private static ProcessPool impatient() {
        return pool.with(CallOptions.DEFAULT.queueTimeout(SHORT));
    }

    @Test
    void a_call_within_its_limits_does_not_notice_them() throws Exception {
        CallOptions generous =
                CallOptions.DEFAULT.timeout(Occupied.LONG).queueTimeout(Occupied.LONG);
        assertThat(pool.with(generous).apply(Tasks::square, 7)).isEqualTo(49);
    }

    @Test
    void a_call_that_runs_too_long_and_gives_up_when_asked_keeps_its_worker() throws Exception {
        long worker = pool.apply(Tasks::pid);
        assertThatExceptionOfType(CallException.TimedOut.class)
                .isThrownBy(() -> hurried().apply(Tasks::waitToBeCancelled))
                .withMessageStartingWith(
                        "'Tasks::waitToBeCancelled' ran longer than 50 ms in worker " + worker);
        assertThat(pool.apply(Tasks::pid)).isEqualTo(worker);
    }

    @Test
    void a_call_that_runs_too_long_and_does_not_listen_is_killed_with_its_worker()
            throws Exception {
        long worker = pool.apply(Tasks::pid);
        assertThatExceptionOfType(CallException.TimedOut.class)
                .isThrownBy(() -> hurried().apply(Tasks::hang))
                .satisfies(timedOut -> {
                    var outcome = (Outcome.TimedOut) timedOut.outcome();
                    assertThat(outcome.limit()).isEqualTo(SHORT);
                    assertThat(outcome.pid()).isEqualTo(worker);
                });
        assertThat(pool.apply(Tasks::pid)).isNotEqualTo(worker);
        assertThat(pool.snapshot().exits()).containsEntry(ExitReason.TIMED_OUT, 1L);
    }

    @Test
    void the_error_shows_what_the_call_was_doing() {
        assertThatExceptionOfType(CallException.TimedOut.class)
                .isThrownBy(() -> hurried().apply(Tasks::waitToBeCancelled))
                .withMessageContaining("; it was doing:\n")
                .withMessageContaining("org.processpool.pool.Tasks.waitToBeCancelled");
    }

    @Test
    void a_chunk_has_the_limit_as_a_whole() {
        RemoteFunction<Integer, Long> waiting = _ -> Tasks.waitToBeCancelled();
        assertThatExceptionOfType(CallException.MapFailed.class)
                .isThrownBy(() -> hurried().map(waiting, List.of(1, 2, 3), 3))
                .withMessageStartingWith("3 of 3 items")
                .withCauseInstanceOf(CallException.TimedOut.class);
    }

    @Test
    void a_call_that_waits_too_long_is_never_started() throws Exception {
        try (Occupied _ = Occupied.in(pool)) {
            assertThatExceptionOfType(CallException.QueueTimedOut.class)
                    .isThrownBy(() -> impatient().apply(Tasks::givenBefore, "waited too long"))
                    .withMessage(
                            "'Tasks::givenBefore' waited longer than 50 ms for a worker and was not"
                                    + " started");
        }
        assertThat(pool.apply(Tasks::givenBefore, "waited too long")).isFalse();
    }

    @Test
    void a_call_that_runs_waits_no_more() throws Exception {
        RemoteFunction<Long, Long> nap =
                millis -> {
                    Thread.sleep(millis);
                    return millis;
                };
        assertThat(impatient().apply(nap, SHORT.multipliedBy(4).toMillis())).isEqualTo(200);
    }

    @Test
    void a_call_has_the_limits_of_its_pool_unless_it_sets_its_own() throws Exception {
        try (ProcessPool strict =
                ProcessPool.builder()
                        .name("strict")
                        .inline()
                        .processes(1)
                        .timeout(SHORT)
                        .queueTimeout(SHORT)
                        .open()) {
            assertThatExceptionOfType(CallException.TimedOut.class)
                    .isThrownBy(() -> strict.apply(Tasks::waitToBeCancelled));
            ProcessPool free =
                    strict.with(
                            CallOptions.DEFAULT.timeout(Duration.ZERO).queueTimeout(Duration.ZERO));
            try (Occupied _ = Occupied.in(free)) {
                assertThatExceptionOfType(CallException.QueueTimedOut.class)
                        .isThrownBy(() -> strict.apply(Tasks::pid));
                AsyncResult<Integer> patient = free.applyAsync(Tasks::square, 7);
                assertThat(patient.await(SHORT.multipliedBy(4))).isFalse();
            }
        }
    }
}
