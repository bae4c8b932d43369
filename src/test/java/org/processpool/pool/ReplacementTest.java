package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a worker leaves and another takes its place. */
@Timeout(60)
class ReplacementTest {

    private static final long MIB = 1 << 20;

    private final Heard heard = new Heard();

    private PoolBuilder one() {
        return ProcessPool.builder().name("replaced").processes(1).listener(heard);
    }

    private static Set<Long> pids(ProcessPool pool) {
        Set<Long> pids = new HashSet<>();
        pool.snapshot().workers().forEach(worker -> pids.add(worker.pid()));
        return pids;
    }

    // After so many calls

    @Test
    void a_worker_serves_as_many_calls_as_it_may_and_is_replaced() throws Exception {
        try (ProcessPool pool = one().maxTasksPerChild(2).open()) {
            List<Long> pids = new ArrayList<>();
            for (int call = 0; call < 4; call++) {
                pids.add(pool.apply(Tasks::pid));
            }
            assertThat(pids.get(1)).isEqualTo(pids.get(0));
            assertThat(pids.get(2)).isNotEqualTo(pids.get(1));
            assertThat(pids.get(3)).isEqualTo(pids.get(2));
            await().until(() -> heard.exits().contains(ExitReason.MAX_TASKS));
        }
    }

    @Test
    void a_chunk_counts_as_one_call() throws Exception {
        try (ProcessPool pool = one().maxTasksPerChild(2).open()) {
            assertThat(pool.map(Tasks::pidFor, List.of(1, 2, 3, 4, 5, 6), 3))
                    .as("two chunks")
                    .containsOnly(pool.snapshot().workers().getFirst().pid());
        }
    }

    @Test
    void jitter_lets_a_worker_serve_a_few_calls_more() throws Exception {
        try (ProcessPool pool = one().inline().maxTasksPerChild(1).maxTasksJitter(3).open()) {
            for (int call = 0; call < 20; call++) {
                assertThat(pool.apply(Tasks::square, call)).isEqualTo(call * call);
            }
            await().untilAsserted(() -> assertThat(heard.exits()).hasSizeBetween(20 / 4, 20));
        }
    }

    // After some time

    @Test
    void a_worker_that_is_too_old_is_replaced_by_one_that_is_ready() throws Exception {
        try (ProcessPool pool = one().maxAge(Duration.ofMillis(800)).open()) {
            long first = pool.apply(Tasks::pid);
            await().until(() -> pool.apply(Tasks::pid) != first);
            await().until(() -> heard.exits().contains(ExitReason.MAX_AGE));
            List<Heard.News> news = heard.news();
            Heard.Ready successor = heard.news(Heard.Ready.class).get(1);
            Heard.Gone leaver = heard.news(Heard.Gone.class).getFirst();
            assertThat(leaver.pid()).isEqualTo(first);
            assertThat(news.indexOf(successor)).isLessThan(news.indexOf(leaver));
        }
    }

    // For its memory

    @Test
    void a_worker_that_has_grown_over_the_soft_limit_is_replaced_after_its_call() throws Exception {
        try (ProcessPool pool = one().maxMemory(150 * MIB, 0).open()) {
            long large = pool.apply(Tasks::keep, 150);
            await().until(() -> heard.exits().contains(ExitReason.SOFT_MEMORY));
            assertThat(pool.apply(Tasks::pid)).isNotEqualTo(large);
            assertThat(pool.snapshot().ended()).doesNotContainKey("memory-limit");
        }
    }

    @Test
    void a_worker_that_has_grown_over_the_hard_limit_is_killed() throws Exception {
        try (ProcessPool pool = one().maxMemory(0, 300 * MIB).open()) {
            assertThatExceptionOfType(CallException.MemoryLimitExceeded.class)
                    .isThrownBy(() -> pool.apply(Tasks::takeNativeMemory, 350))
                    .withMessageMatching(
                            "worker \\d+ ran out of memory during 'Tasks::takeNativeMemory': its"
                                    + " resident memory of [0-9,]+ bytes was over the limit of"
                                    + " 314,572,800")
                    .satisfies(exceeded -> {
                        var outcome = (Outcome.MemoryExceeded) exceeded.outcome();
                        assertThat(outcome.limitBytes()).isEqualTo(300 * MIB);
                        assertThat(outcome.seenBytes()).isGreaterThan(300 * MIB);
                    });
            assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
            assertThat(pool.snapshot().exits()).isEqualTo(Map.of(ExitReason.MEMORY, 1L));
        }
    }

    @Test
    void a_worker_whose_heap_is_full_ends_and_its_call_tells_why() throws Exception {
        try (ProcessPool pool = one().jvmFlags("-Xmx24m").open()) {
            assertThatExceptionOfType(CallException.MemoryLimitExceeded.class)
                    .isThrownBy(() -> pool.apply(Tasks::fillTheHeap))
                    .withMessageContaining("java.lang.OutOfMemoryError: Java heap space");
            assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
            assertThat(pool.snapshot().exits()).isEqualTo(Map.of(ExitReason.MEMORY, 1L));
        }
    }

    // On request

    @Test
    void recycle_replaces_every_worker_and_completes() throws Exception {
        try (ProcessPool pool =
                ProcessPool.builder().name("rolled").processes(2).listener(heard).open()) {
            assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
            Set<Long> before = pids(pool);
            pool.recycle().get(30, TimeUnit.SECONDS);
            assertThat(pids(pool))
                    .hasSizeGreaterThanOrEqualTo(2)
                    .doesNotContainAnyElementsOf(before);
            assertThat(pool.snapshot().exits()).isEqualTo(Map.of(ExitReason.RECYCLED, 2L));
        }
    }

    @Test
    void recycle_under_load_loses_no_call() throws Exception {
        try (ProcessPool pool = ProcessPool.builder().name("loaded").processes(1).open()) {
            long before = pool.apply(Tasks::pid);
            var recycled = pool.recycle();
            List<AsyncResult<Integer>> results = new ArrayList<>();
            while (!recycled.isDone()) {
                results.add(pool.applyAsync(Tasks::square, results.size()));
                results.getLast().await(Occupied.LONG);
            }
            for (int i = 0; i < results.size(); i++) {
                assertThat(results.get(i).get()).isEqualTo(i * i);
            }
            assertThat(pool.apply(Tasks::pid)).isNotEqualTo(before);
        }
    }

    @Test
    void recycle_of_a_pool_that_has_ended_is_complete() throws Exception {
        ProcessPool pool = one().inline().build();
        pool.terminate();
        pool.join();
        assertThat(pool.recycle()).succeedsWithin(Duration.ofSeconds(30));
    }

    @Test
    void one_worker_is_replaced_by_one_that_is_ready_when_its_call_has_ended() throws Exception {
        try (ProcessPool pool =
                ProcessPool.builder().name("rolled").processes(2).listener(heard).open()) {
            await().until(() -> pool.snapshot().idle() == 2);
            Set<Long> before = pids(pool);
            long leaver;
            try (Occupied busy = Occupied.in(pool)) {
                leaver = busy.pid();
                assertThat(pool.recycle(idOf(pool, leaver))).isTrue();
                await().until(() -> stateOf(pool, leaver).equals("retiring"));
                assertThat(heard.exits()).isEmpty();
            }
            await().until(() -> heard.exits().equals(List.of(ExitReason.RECYCLED)));
            assertThat(heard.news(Heard.Gone.class).getFirst().pid()).isEqualTo(leaver);
            before.remove(leaver);
            assertThat(pids(pool)).hasSize(2).containsAll(before).doesNotContain(leaver);
            int successor = heard.news().indexOf(heard.news(Heard.Ready.class).get(2));
            int gone = heard.news().indexOf(heard.news(Heard.Gone.class).getFirst());
            assertThat(successor).isLessThan(gone);
        }
    }

    @Test
    void a_worker_that_is_not_there_is_neither_replaced_nor_killed() {
        try (ProcessPool pool = one().inline().open()) {
            assertThat(pool.recycle("replaced-99")).isFalse();
            assertThat(pool.kill("replaced-99")).isFalse();
        }
    }

    private static String idOf(ProcessPool pool, long pid) {
        return worker(pool, pid).id();
    }

    private static String stateOf(ProcessPool pool, long pid) {
        return worker(pool, pid).state();
    }

    private static PoolSnapshot.Worker worker(ProcessPool pool, long pid) {
        return pool.snapshot().workers().stream()
                .filter(worker -> worker.pid() == pid)
                .findAny()
                .orElseThrow();
    }

    @Test
    void a_worker_can_be_killed_by_its_name() throws Exception {
        try (ProcessPool pool = one().open();
                Occupied busy = Occupied.in(pool)) {
            Instant before = Instant.now();
            assertThat(pool.kill("replaced-1")).isTrue();
            assertThat(pool.apply(Tasks::pid)).isNotEqualTo(busy.pid());
            await().until(() -> pool.snapshot().lastExit().isPresent());
            PoolSnapshot.Exit last = pool.snapshot().lastExit().orElseThrow();
            assertThat(last.worker()).isEqualTo("replaced-1");
            assertThat(last.pid()).isEqualTo(busy.pid());
            assertThat(last.reason()).isEqualTo(ExitReason.KILLED);
            assertThat(last.exitCode()).hasValue(137);
            assertThat(last.at()).isBetween(before, Instant.now());
            assertThat(pool.kill(pool.snapshot().workers().getFirst().id())).isTrue();
            await().untilAsserted(() ->
                    assertThat(pool.snapshot().workers())
                            .as("the next one has the first slot again")
                            .extracting(PoolSnapshot.Worker::lastExit)
                            .contains(Optional.of(last)));
        }
    }

    @Test
    void a_worker_can_be_killed_by_its_pid() throws Exception {
        try (ProcessPool pool = one().open();
                Occupied busy = Occupied.in(pool)) {
            assertThat(pool.kill(busy.pid())).isTrue();
            assertThat(pool.apply(Tasks::pid)).isNotEqualTo(busy.pid());
            await().until(() -> pool.snapshot().exits().equals(Map.of(ExitReason.KILLED, 1L)));
            assertThat(pool.kill(busy.pid())).as("it is gone").isFalse();
        }
    }
}
