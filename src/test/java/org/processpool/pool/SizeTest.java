package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many workers there are. */
@Timeout(60)
class SizeTest {

    private static PoolBuilder sized() {
        return ProcessPool.builder().name("sized");
    }

    private static int serving(ProcessPool pool) {
        return (int)
                pool.snapshot().workers().stream()
                        .filter(worker -> worker.why().isEmpty() && !worker.spare())
                        .count();
    }

    @Test
    void a_pool_starts_as_many_workers_as_it_keeps() throws Exception {
        try (ProcessPool pool = sized().inline().processes(4).minProcesses(2).open()) {
            assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
            assertThat(serving(pool)).isEqualTo(2);
            assertThat(pool.snapshot().startedOnce()).isTrue();
        }
    }

    @Test
    void a_pool_that_keeps_none_starts_one_on_demand_and_sends_it_away_when_idle()
            throws Exception {
        try (ProcessPool pool =
                sized().processes(2).minProcesses(0).idleTimeout(Duration.ofMillis(300)).open()) {
            assertThat(serving(pool)).isZero();
            assertThat(pool.apply(Tasks::pid)).isPositive();
            await().until(() -> pool.snapshot().workers().isEmpty());
            assertThat(pool.snapshot().exits()).isEqualTo(Map.of(ExitReason.IDLE, 1L));
            assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
        }
    }

    @Test
    void a_pool_grows_to_its_size_while_calls_wait_and_shrinks_to_what_it_keeps() throws Exception {
        try (ProcessPool pool =
                sized().inline()
                        .processes(3)
                        .minProcesses(1)
                        .idleTimeout(Duration.ofMillis(200))
                        .open()) {
            try (Occupied _ = Occupied.in(pool);
                    Occupied _ = Occupied.in(pool);
                    Occupied _ = Occupied.in(pool)) {
                AsyncResult<Integer> fourth = pool.applyAsync(Tasks::square, 7);
                assertThat(serving(pool)).isEqualTo(3);
                assertThat(fourth.ready()).isFalse();
            }
            await().untilAsserted(() ->
                    assertThat(pool.snapshot().exits()).isEqualTo(Map.of(ExitReason.IDLE, 2L)));
            assertThat(serving(pool)).isEqualTo(1);
        }
    }

    @Test
    void a_spare_is_warm_takes_no_calls_and_takes_over_from_one_that_leaves() throws Exception {
        try (ProcessPool pool = sized().processes(1).spares(1).open()) {
            await().until(() ->
                    pool.snapshot().workers().stream()
                                    .filter(worker -> worker.state().equals("idle"))
                                    .count()
                            == 2);
            PoolSnapshot.Worker spare =
                    pool.snapshot().workers().stream()
                            .filter(PoolSnapshot.Worker::spare)
                            .findFirst()
                            .orElseThrow();
            try (Occupied busy = Occupied.in(pool)) {
                assertThat(busy.pid()).isNotEqualTo(spare.pid());
                assertThat(pool.applyAsync(Tasks::pid).await(Duration.ZERO)).isFalse();
                pool.kill(busy.pid());
            }
            assertThat(pool.apply(Tasks::pid)).isEqualTo(spare.pid());
            await().untilAsserted(() ->
                    assertThat(pool.snapshot().workers())
                            .filteredOn(PoolSnapshot.Worker::spare)
                            .extracting(PoolSnapshot.Worker::pid)
                            .as("the next spare")
                            .hasSize(1)
                            .doesNotContain(spare.pid()));
        }
    }

    @Test
    void resize_up_starts_workers() throws Exception {
        try (ProcessPool pool = sized().inline().processes(1).open()) {
            pool.resize(3);
            await().until(() -> serving(pool) == 3);
            assertThat(pool.snapshot().processes()).isEqualTo(3);
            assertThat(pool.snapshot().minProcesses()).as("follows").isEqualTo(3);
        }
    }

    @Test
    void resize_down_lets_calls_end_first() throws Exception {
        try (ProcessPool pool = sized().inline().processes(3).open()) {
            assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
            try (Occupied _ = Occupied.in(pool);
                    Occupied _ = Occupied.in(pool)) {
                pool.resize(1);
                await().until(() -> serving(pool) == 1);
                assertThat(pool.snapshot().ended()).isEmpty();
            }
            await().until(() -> pool.snapshot().workers().size() == 1);
            assertThat(pool.map(Tasks::square, List.of(1, 2, 3))).containsExactly(1, 4, 9);
        }
    }

    @Test
    void resize_lowers_what_is_kept_if_need_be() throws Exception {
        try (ProcessPool pool = sized().inline().processes(4).minProcesses(2).open()) {
            pool.resize(3);
            assertThat(pool.snapshot().minProcesses()).isEqualTo(2);
            pool.resize(1);
            assertThat(pool.snapshot().minProcesses()).isEqualTo(1);
        }
    }

    @Test
    void resize_refuses_what_the_builder_refuses() {
        try (ProcessPool pool = sized().inline().processes(1).open()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.resize(0))
                    .withMessage("processes must be from 1 to 4096, was 0");
            assertThat(pool.snapshot().processes()).isEqualTo(1);
        }
    }
}
