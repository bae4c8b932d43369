package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.awaitIdle;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.processpool.pool.ProcessPool;

/** Workers that come and go on purpose while calls run: row 31 of the list of faults. */
@FaultTest
class ResizeFaultIT {

    private static final List<Long> NUMBERS = LongStream.range(0, 500).boxed().toList();
    private static final List<Long> SQUARES = NUMBERS.stream().map(Deeds::square).toList();

    private final AtomicBoolean enough = new AtomicBoolean();

    @Test
    void nothing_is_lost_while_the_pool_grows_and_shrinks() throws Exception {
        try (var pool = Pools.ofTrouble(2).open()) {
            underLoad(
                    pool,
                    () -> {
                        for (int processes : List.of(8, 1, 3)) {
                            pool.resize(processes);
                            await().atMost(PATIENCE)
                                    .until(() ->
                                            pool.snapshot().workers().stream()
                                                            .filter(worker ->
                                                                    List.of("idle", "busy")
                                                                            .contains(
                                                                                    worker.state()))
                                                            .count()
                                                    == processes);
                        }
                        return null;
                    });
            awaitIdle(pool, 3);
            assertThat(pool.snapshot().ended()).containsOnlyKeys("done");
        }
    }

    @Test
    void nothing_is_lost_while_all_workers_are_replaced() throws Exception {
        try (var pool = Pools.ofTrouble(2).open()) {
            awaitIdle(pool, 2);
            List<Long> before = Pools.pids(pool);
            underLoad(
                    pool,
                    () -> {
                        pool.recycle().get(30, TimeUnit.SECONDS);
                        assertThat(Pools.pids(pool)).doesNotContainAnyElementsOf(before);
                        pool.recycle().get(30, TimeUnit.SECONDS);
                        return null;
                    });
            awaitIdle(pool, 2);
            assertThat(pool.snapshot().ended()).containsOnlyKeys("done");
        }
    }

    @Test
    void nothing_is_lost_while_workers_retire_after_few_calls() throws Exception {
        try (var pool = Pools.ofTrouble(2).maxTasksPerChild(100).maxTasksJitter(50).open()) {
            assertThat(pool.map(Deeds::square, NUMBERS, 1)).isEqualTo(SQUARES);
            assertThat(pool.snapshot().ended()).containsOnlyKeys("done");
        }
    }

    /** Three threads call all the while, and every result must be right. */
    private void underLoad(ProcessPool pool, Callable<?> disturbance) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> callers =
                    Stream.<Callable<Long>>of(
                                    () -> applyOneByOne(pool),
                                    () -> mapAgainAndAgain(pool),
                                    () -> iterate(pool))
                            .map(threads::submit)
                            .toList();
            try {
                disturbance.call();
            } finally {
                enough.set(true);
            }
            for (Future<Long> caller : callers) {
                assertThat(caller.get(30, TimeUnit.SECONDS)).as("rounds").isPositive();
            }
        }
    }

    private long applyOneByOne(ProcessPool pool) throws InterruptedException {
        long rounds = 0;
        for (; !enough.get(); rounds++) {
            assertThat(pool.apply(Deeds::square, rounds)).isEqualTo(rounds * rounds);
        }
        return rounds;
    }

    private long mapAgainAndAgain(ProcessPool pool) throws InterruptedException {
        long rounds = 0;
        for (; !enough.get(); rounds++) {
            assertThat(pool.map(Deeds::square, NUMBERS)).isEqualTo(SQUARES);
        }
        return rounds;
    }

    private long iterate(ProcessPool pool) {
        long rounds = 0;
        for (; !enough.get(); rounds++) {
            try (var results = pool.imap(Deeds::square, NUMBERS, 7)) {
                assertThat(results).toIterable().containsExactlyElementsOf(SQUARES);
            }
        }
        return rounds;
    }
}
