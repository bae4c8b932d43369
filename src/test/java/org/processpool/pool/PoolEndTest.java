package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a pool ends, and what becomes of the calls it has. */
@Timeout(60)
class PoolEndTest {

    private final Heard heard = new Heard();

    private PoolBuilder ending() {
        return ProcessPool.builder().name("ending").processes(1).listener(heard);
    }

    private static boolean alive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    // Close and join

    @Test
    void join_is_refused_while_the_pool_is_open() {
        try (ProcessPool pool = ending().inline().open()) {
            assertThatIllegalStateException()
                    .isThrownBy(pool::join)
                    .withMessage(
                            "pool 'ending' is still open: close() or terminate() it before join()");
            assertThatIllegalStateException().isThrownBy(() -> pool.join(Duration.ZERO));
        }
    }

    @Test
    void after_close_the_accepted_calls_go_on_and_then_the_workers_leave() throws Exception {
        ProcessPool pool = ending().build();
        long worker;
        List<AsyncResult<Integer>> accepted = new ArrayList<>();
        try (Occupied busy = Occupied.in(pool)) {
            worker = busy.pid();
            for (int number = 0; number < 5; number++) {
                accepted.add(pool.applyAsync(Tasks::square, number));
            }
            pool.close();
            assertThat(pool.join(Duration.ofMillis(20))).isFalse();
        }
        pool.join();
        for (int number = 0; number < 5; number++) {
            assertThat(accepted.get(number).get(Duration.ZERO)).isEqualTo(number * number);
        }
        assertThat(alive(worker)).isFalse();
        assertThat(pool.snapshot().exits()).isEqualTo(Map.of(ExitReason.TERMINATED, 1L));
        assertThat(pool.snapshot().workers()).isEmpty();
    }

    @Test
    void close_terminate_and_join_may_be_repeated_in_any_order() throws Exception {
        ProcessPool pool = ending().inline().build();
        pool.close();
        pool.close();
        pool.join();
        pool.join();
        pool.terminate();
        pool.terminate();
        pool.close();
        assertThat(pool.join(Duration.ZERO)).isTrue();
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.TERMINATED);
    }

    @Test
    void closing_one_view_closes_all() throws Exception {
        ProcessPool pool = ending().inline().build();
        pool.with(CallOptions.DEFAULT.priority(9)).close();
        assertThatExceptionOfType(PoolRejectedException.Closed.class)
                .isThrownBy(() -> pool.apply(Tasks::pid));
        pool.join();
    }

    // Terminate

    @Test
    void terminate_ends_every_call_that_has_not_ended_and_kills_the_workers() throws Exception {
        ProcessPool pool = ending().build();
        AsyncResult<Integer> waiting;
        MapResult<Integer> map;
        long worker;
        try (Occupied busy = Occupied.in(pool)) {
            worker = busy.pid();
            waiting = pool.applyAsync(Tasks::square, 7);
            map = pool.mapAsync(Tasks::square, List.of(1, 2, 3), 1);
            pool.terminate();
        }
        assertThatExceptionOfType(CallException.Abandoned.class)
                .isThrownBy(() -> waiting.get(Occupied.LONG))
                .withMessage("'Tasks::square' was given up: pool 'ending' was terminated");
        assertThat(map.items())
                .extracting(MapResult.Item::error)
                .hasOnlyElementsOfType(CallException.Abandoned.class);
        pool.join();
        assertThat(alive(worker)).isFalse();
    }

    @Test
    void a_pool_that_is_closed_can_still_be_terminated() throws Exception {
        ProcessPool pool = ending().build();
        try (Occupied _ = Occupied.in(pool)) {
            pool.close();
            pool.terminate();
        }
        assertThat(pool.join(Occupied.LONG)).isTrue();
    }

    @Test
    void leaving_the_block_terminates_the_pool_and_waits_until_its_processes_are_gone()
            throws Exception {
        AsyncResult<Long> endless;
        long worker;
        try (ProcessPool pool = ending().open()) {
            worker = pool.apply(Tasks::pid);
            endless = pool.applyAsync(Tasks::hang);
        }
        assertThat(alive(worker)).isFalse();
        assertThatExceptionOfType(CallException.Abandoned.class)
                .isThrownBy(() -> endless.get(Occupied.LONG));
    }

    // Forgotten

    @Test
    void a_pool_that_was_forgotten_is_terminated() throws Exception {
        long worker = forget(ending().build());
        await().atMost(Occupied.LONG)
                .until(() -> {
                    System.gc();
                    return heard.news().contains(new Heard.State(PoolState.TERMINATED));
                });
        await().atMost(Occupied.LONG).until(() -> !alive(worker));
    }

    private static long forget(ProcessPool pool) throws InterruptedException {
        return pool.apply(Tasks::pid);
    }

    @Test
    void a_pool_with_a_call_under_way_is_not_forgotten() throws Exception {
        Optional<AsyncResult<Long>> result =
                Optional.of(ending().inline().build().applyAsync(Tasks::waitToBeCancelled));
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        assertThat(heard.news()).doesNotContain(new Heard.State(PoolState.TERMINATED));
        assertThat(result.get().cancel()).isTrue();
    }
}
