package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.outcomeOf;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.processpool.pool.CallOptions;
import org.processpool.pool.CallReport;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.ProcessPool;
import org.processpool.task.Payload;

/** A call that takes more memory than it may, where others may take what they like. */
@FaultTest
class CallMemoryFaultIT {

    private static final long MEBIBYTE = 1L << 20;

    private static Payload hog(int mebibytes, boolean hold) {
        return Payload.json(
                "{\"kind\": \"native\", \"mebibytes\": %d, \"hold\": %b}"
                        .formatted(mebibytes, hold));
    }

    private static ProcessPool limited(ProcessPool pool, long bytes) {
        return pool.with(CallOptions.DEFAULT.memory(bytes));
    }

    @Test
    void it_is_killed_and_another_call_in_another_worker_is_unharmed() throws Exception {
        Queue<CallReport> reports = new ConcurrentLinkedQueue<>();
        try (ProcessPool pool = Pools.ofTrouble(2).open()) {
            pool.awaitReady(PATIENCE);
            var other = limited(pool, 4096 * MEBIBYTE).applyAsync(Deeds::sleep, 3000L);
            var options = CallOptions.DEFAULT.memory(200 * MEBIBYTE).onReport(reports::add);
            var greedy = pool.with(options).applyAsync(Pools.task("hog"), hog(300, true));
            var exceeded = outcomeOf(Outcome.MemoryExceeded.class, greedy);
            assertThat(exceeded.limitBytes()).isEqualTo(200 * MEBIBYTE);
            assertThat(exceeded.seenBytes()).isGreaterThan(200 * MEBIBYTE);
            assertThat(exceeded.detail()).contains("over the limit of 209,715,200");
            assertThat(reports).hasSize(1);
            assertThat(reports.element().pid()).isEqualTo(exceeded.pid());
            assertThat(reports.element().maxRssBytes().orElseThrow()).isGreaterThan(200 * MEBIBYTE);
            assertThat(other.get(PATIENCE)).isEqualTo(3000);
            assertThat(pool.snapshot().exits()).containsOnlyKeys(ExitReason.MEMORY);
        }
    }

    @Test
    void a_call_without_a_limit_takes_what_it_likes_and_one_with_a_higher_one_too()
            throws Exception {
        try (ProcessPool pool = Pools.ofTrouble(1).open()) {
            long pid = pool.apply(Deeds::pid);
            assertThat(pool.apply(Pools.task("hog"), hog(150, false))).isEqualTo(150);
            assertThat(limited(pool, 4096 * MEBIBYTE).apply(Deeds::sleep, 1000L)).isEqualTo(1000);
            assertThat(pool.apply(Deeds::pid)).isEqualTo(pid);
        }
    }

    @Test
    void the_lower_of_its_own_limit_and_the_pool_s_counts() throws Exception {
        try (ProcessPool pool = Pools.ofTrouble(1).maxMemory(0, 200 * MEBIBYTE).open()) {
            var greedy =
                    limited(pool, 4096 * MEBIBYTE).applyAsync(Pools.task("hog"), hog(300, true));
            assertThat(outcomeOf(Outcome.MemoryExceeded.class, greedy).limitBytes())
                    .isEqualTo(200 * MEBIBYTE);
        }
        try (ProcessPool pool = Pools.ofTrouble(1).maxMemory(0, 4096 * MEBIBYTE).open()) {
            var greedy =
                    limited(pool, 200 * MEBIBYTE).applyAsync(Pools.task("hog"), hog(300, true));
            assertThat(outcomeOf(Outcome.MemoryExceeded.class, greedy).limitBytes())
                    .isEqualTo(200 * MEBIBYTE);
            assertThat(pool.map(Deeds::square, List.of(1L, 2L))).containsExactly(1L, 4L);
        }
    }
}
