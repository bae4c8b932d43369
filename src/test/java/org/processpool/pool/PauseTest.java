package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.task.TaskName;

/** A pool that takes calls and hands none out. */
@Timeout(60)
class PauseTest {

    private final Heard heard = new Heard();
    private final ProcessPool pool = paused().processes(2).queueLimit(3).listener(heard).open();

    private static PoolBuilder paused() {
        return ProcessPool.builder().name("paused").inline();
    }

    @BeforeEach
    void wait_for_the_workers() throws InterruptedException {
        await().until(() -> pool.snapshot().idle() == 2);
    }

    @AfterEach
    void end_the_pool() {
        pool.close();
    }

    @Test
    void calls_wait_although_workers_are_idle_and_run_when_it_is_resumed() throws Exception {
        pool.pause();
        AsyncResult<Integer> call = pool.applyAsync(Tasks::square, 7);
        MapResult<Integer> map = pool.mapAsync(Tasks::square, List.of(1, 2, 3));
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.PAUSED);
        assertThat(pool.snapshot().idle()).isEqualTo(2);
        assertThat(pool.snapshot().queued()).as("one call, three chunks").isEqualTo(4);
        assertThat(heard.news(Heard.CallStarted.class)).isEmpty();
        pool.resume();
        assertThat(call.get(Occupied.LONG)).isEqualTo(49);
        assertThat(map.get(Occupied.LONG)).containsExactly(1, 4, 9);
        assertThat(pool.snapshot().state()).isEqualTo(PoolState.RUNNING);
    }

    @Test
    void calls_that_run_go_on_and_their_workers_get_no_others() throws Exception {
        AsyncResult<Integer> next;
        try (Occupied _ = Occupied.in(pool);
                Occupied _ = Occupied.in(pool)) {
            next = pool.applyAsync(Tasks::square, 7);
            pool.pause();
            assertThat(pool.snapshot().busy()).isEqualTo(2);
        }
        await().until(() -> pool.snapshot().idle() == 2);
        assertThat(pool.snapshot().queued()).isEqualTo(1);
        assertThat(pool.snapshot().oldestWait()).isPositive();
        pool.resume();
        assertThat(next.get(Occupied.LONG)).isEqualTo(49);
    }

    @Test
    void a_lease_goes_on_and_new_ones_wait() throws Exception {
        try (Lease lease = pool.lease()) {
            pool.pause();
            assertThat(lease.apply(Tasks::square, 7)).isEqualTo(49);
            LeaseRequest<Lease> second = pool.requestLease();
            assertThat(second.place()).isEqualTo(1);
            LeaseRequest<OpenConversation> third = pool.converse(new TaskName("counter"));
            assertThat(third.place()).isEqualTo(2);
            assertThat(pool.snapshot().waitingConversations()).isEqualTo(1);
            assertThat(third.cancel()).isTrue();
            pool.resume();
            second.get(Occupied.LONG).close();
        }
    }

    @Test
    void a_call_with_affinity_waits_for_the_worker_of_its_key() throws Exception {
        ProcessPool seven = pool.with(CallOptions.DEFAULT.affinityKey("customer 7"));
        seven.apply(Tasks::square, 1);
        await().until(() -> pool.snapshot().idle() == 2);
        pool.pause();
        AsyncResult<Integer> call = seven.applyAsync(Tasks::square, 7);
        assertThat(pool.snapshot().queued()).isEqualTo(1);
        await().until(() -> pool.snapshot().oldestWait().isPositive());
        pool.resume();
        assertThat(call.get(Occupied.LONG)).isEqualTo(49);
    }

    @Test
    void its_line_takes_no_more_than_the_limit_although_workers_are_idle() {
        pool.pause();
        for (int number = 0; number < 3; number++) {
            pool.applyAsync(Tasks::square, number);
        }
        assertThatExceptionOfType(PoolRejectedException.QueueFull.class)
                .isThrownBy(() -> pool.applyAsync(Tasks::square, 7))
                .withMessage(
                        "pool 'paused' is saturated: 0 of 2 workers busy, 3 calls waiting, limit 3");
    }

    @Test
    void a_thread_that_waits_for_room_goes_on_when_it_is_resumed() throws Exception {
        try (ProcessPool blocking =
                paused().processes(1).queueLimit(1).whenFull(PoolConfig.WhenFull.BLOCK).open()) {
            assertThat(blocking.awaitReady(Occupied.LONG)).isTrue();
            blocking.pause();
            AsyncResult<Integer> first = blocking.applyAsync(Tasks::square, 6);
            var second = new CompletableFuture<AsyncResult<Integer>>();
            Thread caller =
                    Thread.ofPlatform()
                            .start(() -> second.complete(blocking.applyAsync(Tasks::square, 7)));
            await().until(() -> caller.getState() == Thread.State.WAITING);
            blocking.resume();
            assertThat(first.get(Occupied.LONG)).isEqualTo(36);
            assertThat(second.get(30, TimeUnit.SECONDS).get(Occupied.LONG)).isEqualTo(49);
        }
    }

    @Test
    void a_call_may_wait_too_long_in_it() {
        pool.pause();
        AsyncResult<Integer> call =
                pool.with(CallOptions.DEFAULT.queueTimeout(Duration.ofMillis(50)))
                        .applyAsync(Tasks::square, 7);
        assertThatExceptionOfType(CallException.QueueTimedOut.class)
                .isThrownBy(() -> call.get(Occupied.LONG));
    }

    @Test
    void a_call_that_waits_can_be_cancelled() throws Exception {
        pool.pause();
        AsyncResult<Integer> call = pool.applyAsync(Tasks::square, 7);
        assertThat(call.cancel()).isTrue();
        assertThat(pool.snapshot().queued()).isZero();
        pool.resume();
        assertThat(pool.apply(Tasks::square, 6)).isEqualTo(36);
        assertThat(pool.snapshot().ended()).isEqualTo(Map.of("cancelled", 1L, "done", 1L));
    }

    @Test
    void pausing_and_resuming_may_be_repeated_and_is_told_once() {
        pool.resume();
        pool.pause();
        pool.pause();
        pool.resume();
        pool.resume();
        assertThat(heard.news(Heard.State.class))
                .containsExactly(
                        new Heard.State(PoolState.PAUSED), new Heard.State(PoolState.RUNNING));
    }

    @Test
    void it_does_not_grow_for_those_who_wait() throws Exception {
        try (ProcessPool elastic = paused().processes(2).minProcesses(0).open()) {
            elastic.pause();
            AsyncResult<Integer> call = elastic.applyAsync(Tasks::square, 7);
            assertThat(elastic.recycle())
                    .as("the supervisor has looked")
                    .succeedsWithin(Occupied.LONG);
            assertThat(elastic.snapshot().workers()).isEmpty();
            elastic.resume();
            assertThat(call.get(Occupied.LONG)).isEqualTo(49);
        }
    }

    @Test
    void its_workers_are_replaced_all_the_same() throws Exception {
        pool.pause();
        AsyncResult<Integer> call = pool.applyAsync(Tasks::square, 7);
        assertThat(pool.recycle()).succeedsWithin(Occupied.LONG);
        assertThat(pool.snapshot().exits()).isEqualTo(Map.of(ExitReason.RECYCLED, 2L));
        assertThat(pool.snapshot().queued()).isEqualTo(1);
        pool.resume();
        assertThat(call.get(Occupied.LONG)).isEqualTo(49);
    }

    // Its end

    @Test
    void close_hands_out_what_waits_so_that_all_accepted_calls_are_run() throws Exception {
        ProcessPool closed = paused().processes(2).build();
        closed.pause();
        List<AsyncResult<Integer>> accepted = new ArrayList<>();
        for (int number = 0; number < 5; number++) {
            accepted.add(closed.applyAsync(Tasks::square, number));
        }
        assertThatIllegalStateException().as("it is open").isThrownBy(closed::join);
        closed.close();
        assertThat(closed.join(Occupied.LONG)).isTrue();
        for (int number = 0; number < 5; number++) {
            assertThat(accepted.get(number).get(Duration.ZERO)).isEqualTo(number * number);
        }
    }

    @Test
    void terminate_gives_up_what_waits() throws Exception {
        ProcessPool terminated = paused().processes(1).build();
        terminated.pause();
        AsyncResult<Integer> call = terminated.applyAsync(Tasks::square, 7);
        terminated.terminate();
        assertThat(terminated.join(Occupied.LONG)).isTrue();
        assertThatExceptionOfType(CallException.Abandoned.class)
                .isThrownBy(() -> call.get(Duration.ZERO));
    }

    @Test
    void a_closed_pool_can_be_neither_paused_nor_resumed() throws Exception {
        ProcessPool closed = paused().processes(1).build();
        try (Occupied _ = Occupied.in(closed)) {
            closed.close();
            assertThatExceptionOfType(PoolRejectedException.Closed.class).isThrownBy(closed::pause);
            assertThatExceptionOfType(PoolRejectedException.Closed.class)
                    .isThrownBy(closed::resume);
        }
        assertThat(closed.join(Occupied.LONG)).isTrue();
        assertThatExceptionOfType(PoolRejectedException.Closed.class).isThrownBy(closed::pause);
    }
}
