package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.outcomeOf;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallOptions;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.ProcessPool;

/** Workers that write nonsense to their parent: row 6 of the list of faults. */
@FaultTest
class BrokenProtocolFaultIT {

    private static final long SOME_HEAP = 32L << 20;

    private final Diary diary = new Diary();

    @ParameterizedTest
    @ValueSource(strings = {"random", "huge-length", "negative-length", "flood"})
    void a_worker_that_writes_garbage_is_killed_and_nobody_else_feels_it(String kind)
            throws Exception {
        try (var pool = Pools.ofTrouble(2).listener(diary).open()) {
            pool.awaitReady(PATIENCE);
            long heap = LeavesNothing.usedHeap();
            assertThat(endBesideAnotherCall(pool, pool.applyAsync(Pools.task("garbage"), kind)))
                    .isEqualTo(ExitReason.BROKEN_PROTOCOL);
            assertThat(diary.deaths())
                    .extracting(Diary.Death::reason)
                    .containsExactly(ExitReason.BROKEN_PROTOCOL);
            assertThat(LeavesNothing.usedHeap()).isLessThan(heap + SOME_HEAP);
        }
    }

    /** Half a frame is no offence yet, but what follows is taken for its rest. */
    @Test
    void a_worker_that_leaves_a_frame_unfinished_is_found_out_by_its_heartbeat() throws Exception {
        try (var pool =
                Pools.ofTrouble(2)
                        .heartbeat(Duration.ofMillis(200), Duration.ofSeconds(2))
                        .open()) {
            pool.awaitReady(PATIENCE);
            assertThat(
                            endBesideAnotherCall(
                                    pool, pool.applyAsync(Pools.task("garbage"), "half-frame")))
                    .isIn(ExitReason.HEARTBEAT, ExitReason.BROKEN_PROTOCOL);
        }
    }

    @Test
    void a_worker_that_speaks_of_a_call_it_does_not_have_is_killed() throws Exception {
        try (var pool = Pools.ofTrouble(2).open()) {
            pool.awaitReady(PATIENCE);
            assertThat(endBesideAnotherCall(pool, pool.applyAsync(Deeds::speakOfForeignCall)))
                    .isEqualTo(ExitReason.BROKEN_PROTOCOL);
        }
    }

    @Test
    void a_worker_that_closes_its_line_is_killed() throws Exception {
        try (var pool = Pools.ofTrouble(2).open()) {
            pool.awaitReady(PATIENCE);
            assertThat(endBesideAnotherCall(pool, pool.applyAsync(Deeds::closeLine)))
                    .isEqualTo(ExitReason.CRASHED);
        }
    }

    @Test
    void frames_of_a_kind_nobody_knows_are_skipped() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            assertThat(pool.apply(Deeds::whisper, 800L)).isEqualTo(800);
            assertThat(pool.snapshot().exits()).isEmpty();
        }
    }

    @Test
    void an_endless_flood_of_such_frames_is_broken_protocol_and_costs_no_memory() throws Exception {
        try (var pool = Pools.ofTrouble(2).open()) {
            pool.awaitReady(PATIENCE);
            long heap = LeavesNothing.usedHeap();
            var flood = pool.applyAsync(Deeds::whisper, -1L);
            while (!flood.ready()) {
                assertThat(pool.apply(Deeds::square, 12L)).isEqualTo(144);
            }
            assertThat(outcomeOf(Outcome.Crashed.class, flood).reason())
                    .isEqualTo(ExitReason.BROKEN_PROTOCOL);
            assertThat(LeavesNothing.usedHeap()).isLessThan(heap + SOME_HEAP);
        }
    }

    @Test
    void a_million_reports_of_progress_do_no_harm() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            assertThat(
                            pool.with(CallOptions.DEFAULT.onProgress(_ -> {}))
                                    .apply(Deeds::reportProgress, 1_000_000L))
                    .isEqualTo(1_000_000);
        }
    }

    private static ExitReason endBesideAnotherCall(ProcessPool pool, AsyncResult<?> garbage)
            throws Exception {
        var other = pool.applyAsync(Deeds::sleep, 1000L);
        var crashed = outcomeOf(Outcome.Crashed.class, garbage);
        assertThat(other.get(PATIENCE)).isEqualTo(1000);
        assertThat(pool.map(Deeds::square, List.of(1L, 2L, 3L))).containsExactly(1L, 4L, 9L);
        return crashed.reason();
    }
}
