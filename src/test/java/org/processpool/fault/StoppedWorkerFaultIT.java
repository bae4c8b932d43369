package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.HANG;
import static org.processpool.fault.Pools.IDLY;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.SLEEP;
import static org.processpool.fault.Pools.awaitBusy;
import static org.processpool.fault.Pools.awaitIdle;
import static org.processpool.fault.Pools.outcomeOf;
import static org.processpool.fault.Pools.pids;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallOptions;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;

/** Workers that are there but silent, since they were stopped: row 4 of the list of faults. */
@FaultTest
class StoppedWorkerFaultIT {

    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration LATER = Duration.ofMillis(1500);

    private final Diary diary = new Diary();

    @Test
    void an_idle_worker_that_was_stopped_loses_its_heartbeat_and_is_replaced() throws Exception {
        try (var pool = Pools.ofTrouble(1).heartbeat(SOON, LATER).listener(diary).open()) {
            awaitIdle(pool, 1);
            long pid = pids(pool).getFirst();
            Signal.STOP.sendTo(pid);
            awaitIdle(pool, 1, List.of(pid));
            assertThat(diary.reasonsOf(pid)).containsExactly(ExitReason.HEARTBEAT);
        }
    }

    @Test
    void a_call_of_a_worker_that_lost_its_heartbeat_has_crashed() throws Exception {
        try (var pool = Pools.ofTrouble(1).heartbeat(SOON, LATER).open()) {
            AsyncResult<?> call = pool.applyAsync(HANG, IDLY);
            Signal.STOP.sendTo(awaitBusy(pool));
            assertThat(outcomeOf(Outcome.Crashed.class, call).reason())
                    .isEqualTo(ExitReason.HEARTBEAT);
        }
    }

    @Test
    void a_worker_busy_with_a_long_call_keeps_its_heartbeat() throws Exception {
        try (var pool = Pools.ofTrouble(1).heartbeat(SOON, LATER).open()) {
            assertThat(pool.apply(Deeds::sleep, LATER.plus(LATER).toMillis())).isEqualTo(3000L);
            assertThat(pool.snapshot().exits()).isEmpty();
        }
    }

    @Test
    void a_large_argument_is_not_written_for_ever_to_a_worker_that_was_stopped() throws Exception {
        try (var pool = Pools.ofTrouble(1).heartbeat(SOON, LATER).open()) {
            awaitIdle(pool, 1);
            Signal.STOP.sendTo(pids(pool).getFirst());
            AsyncResult<?> call = pool.applyAsync(Deeds::length, new byte[10 << 20]);
            assertThat(outcomeOf(Outcome.Crashed.class, call).reason())
                    .isEqualTo(ExitReason.HEARTBEAT);
            assertThat(pool.apply(Deeds::length, new byte[10 << 20])).isEqualTo(10 << 20);
        }
    }

    @Test
    void a_thread_that_writes_to_a_stopped_worker_is_let_go_by_terminate() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            awaitIdle(pool, 1);
            Signal.STOP.sendTo(pids(pool).getFirst());
            var writer =
                    Thread.ofPlatform()
                            .start(() -> pool.applyAsync(Deeds::length, new byte[10 << 20]));
            awaitBusy(pool);
            pool.terminate();
            assertThat(writer.join(PATIENCE)).as("writer has returned").isTrue();
        }
    }

    @Test
    void without_a_heartbeat_the_time_limit_of_the_call_ends_a_stopped_worker() throws Exception {
        try (var pool = Pools.ofTrouble(1).heartbeat(Duration.ZERO, LATER).listener(diary).open()) {
            AsyncResult<?> call =
                    pool.with(CallOptions.DEFAULT.timeout(Duration.ofSeconds(1)))
                            .applyAsync(HANG, IDLY);
            long pid = awaitBusy(pool);
            Signal.STOP.sendTo(pid);
            var timedOut = outcomeOf(Outcome.TimedOut.class, call);
            assertThat(timedOut.pid()).isEqualTo(pid);
            awaitIdle(pool, 1, List.of(pid));
            assertThat(diary.reasonsOf(pid)).containsExactly(ExitReason.TIMED_OUT);
        }
    }

    @Test
    void a_worker_that_goes_on_before_the_limit_gives_its_result_once() throws Exception {
        var ends = new AtomicInteger();
        try (var pool = Pools.ofTrouble(1).heartbeat(SOON, PATIENCE).open()) {
            AsyncResult<?> call = pool.applyAsync(SLEEP, 300L);
            call.callback(_ -> ends.incrementAndGet(), _ -> ends.incrementAndGet());
            long pid = awaitBusy(pool);
            Signal.STOP.sendTo(pid);
            assertThat(call.await(Duration.ofMillis(500))).as("ended while stopped").isFalse();

            Signal.CONT.sendTo(pid);

            assertThat(call.get(PATIENCE)).isInstanceOf(Number.class);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
            assertThat(pool.snapshot().ended()).isEqualTo(Map.of("done", 2L));
            await().atMost(PATIENCE).until(() -> ends.get() == 1);
        }
    }

    @Test
    void a_worker_that_goes_on_after_the_limit_changes_nothing() throws Exception {
        var ends = new AtomicInteger();
        try (var pool =
                Pools.ofTrouble(1)
                        .heartbeat(Duration.ZERO, LATER)
                        .grace(PATIENCE, PATIENCE)
                        .open()) {
            AsyncResult<?> call =
                    pool.with(CallOptions.DEFAULT.timeout(Duration.ofMillis(800)))
                            .applyAsync(SLEEP, 700L);
            call.callback(_ -> ends.incrementAndGet(), _ -> ends.incrementAndGet());
            long pid = awaitBusy(pool);
            Signal.STOP.sendTo(pid);
            assertThat(call.await(LATER)).as("ended while stopped").isFalse();

            Signal.CONT.sendTo(pid);

            assertThat(outcomeOf(call)).isInstanceOf(Outcome.TimedOut.class);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
            assertThat(pool.snapshot().ended()).isEqualTo(Map.of("timed-out", 1L, "done", 1L));
            await().atMost(PATIENCE).until(() -> ends.get() == 1);
        }
    }
}
