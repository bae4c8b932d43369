package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sole use of a worker for a while. */
@Timeout(60)
class LeaseTest {

    private static ProcessPool pool;

    @BeforeAll
    static void start_a_pool_of_one() {
        pool = ProcessPool.builder().name("leased").processes(1).open();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    @Test
    void all_calls_of_a_lease_go_to_its_worker_in_order() throws Exception {
        try (Lease lease = pool.lease()) {
            assertThat(lease.worker()).isEqualTo("leased-1");
            AsyncResult<String> first = lease.applyAsync(work(Tasks::remember), "in a lease");
            assertThat(lease.apply(work(Tasks::pidFor), null)).isEqualTo(lease.pid());
            assertThat(first.ready()).as("it came before").isTrue();
            assertThat(lease.apply((String _) -> Tasks.remembered(), ""))
                    .isEqualTo("in a lease in " + lease.pid());
        }
    }

    private static <I, O> Work<I, O> work(RemoteFunction<I, O> code) {
        return Work.of(code);
    }

    @Test
    void nobody_else_gets_a_leased_worker() throws Exception {
        AsyncResult<Integer> other;
        try (Lease lease = pool.lease()) {
            other = pool.applyAsync(Tasks::square, 7);
            assertThat(lease.apply(Tasks::square, 8)).isEqualTo(64);
            assertThat(other.ready()).isFalse();
            assertThat(pool.snapshot().workers().getFirst().state()).isEqualTo("leased");
        }
        assertThat(other.get()).isEqualTo(49);
    }

    @Test
    void whoever_asks_while_it_is_taken_stands_in_line_and_sees_his_place() throws Exception {
        LeaseRequest<Lease> first;
        LeaseRequest<Lease> second;
        try (Lease _ = pool.lease()) {
            first = pool.requestLease();
            second = pool.requestLease();
            assertThat(first.place()).isEqualTo(1);
            assertThat(second.place()).isEqualTo(2);
        }
        try (Lease lease = first.get(Occupied.LONG)) {
            assertThat(lease.lost()).isFalse();
            assertThat(first.place()).as("served").isZero();
            assertThat(second.place()).isEqualTo(1);
        }
        second.get(Occupied.LONG).close();
    }

    @Test
    void a_call_does_not_count_in_the_line_for_leases() throws Exception {
        try (Occupied _ = Occupied.in(pool)) {
            AsyncResult<Integer> call = pool.applyAsync(Tasks::square, 7);
            LeaseRequest<Lease> request = pool.requestLease();
            assertThat(request.place()).isEqualTo(1);
            assertThat(request.cancel()).isTrue();
            assertThat(call.cancel()).isTrue();
        }
    }

    @Test
    void a_request_can_be_taken_back() throws Exception {
        LeaseRequest<Lease> request;
        try (Lease _ = pool.lease()) {
            request = pool.requestLease();
            assertThat(request.cancel()).isTrue();
            assertThat(request.place()).isZero();
            assertThat(request.cancel()).isFalse();
        }
        assertThatExceptionOfType(CallException.Cancelled.class)
                .isThrownBy(() -> request.get(Occupied.LONG));
        assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
    }

    @Test
    void whoever_loses_patience_leaves_the_line() throws Exception {
        try (Lease _ = pool.lease()) {
            LeaseRequest<Lease> request = pool.requestLease();
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> request.get(Duration.ofMillis(5)));
            assertThat(request.place()).isZero();
            assertThat(pool.snapshot().queued()).isZero();
        }
        assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
    }

    @Test
    void whoever_is_interrupted_leaves_the_line() throws Exception {
        try (Lease _ = pool.lease()) {
            LeaseRequest<Lease> request = pool.requestLease();
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(InterruptedException.class)
                    .isThrownBy(() -> request.get(Occupied.LONG));
            assertThat(pool.snapshot().queued()).isZero();
        }
    }

    @Test
    void a_request_gives_up_after_the_queue_timeout() throws Exception {
        try (Lease _ = pool.lease()) {
            LeaseRequest<Lease> request =
                    pool.with(CallOptions.DEFAULT.queueTimeout(Duration.ofMillis(50)))
                            .requestLease();
            assertThatExceptionOfType(CallException.QueueTimedOut.class)
                    .isThrownBy(() -> request.get(Occupied.LONG))
                    .withMessage(
                            "'lease' waited longer than 50 ms for a worker and was not started");
        }
    }

    @Test
    void a_request_is_a_future_too() throws Exception {
        CompletableFuture<Lease> turn = pool.requestLease().toCompletableFuture();
        turn.get(30, TimeUnit.SECONDS).close();
    }

    @Test
    void a_lease_that_was_closed_takes_no_more_calls() throws Exception {
        Lease lease = pool.lease();
        lease.close();
        lease.close();
        assertThat(lease.lost()).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> lease.apply(Tasks::square, 7))
                .withMessage("the lease is over: it was closed or its worker has died");
        assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
    }

    @Test
    void closing_a_lease_cancels_what_runs_in_it() throws Exception {
        Lease lease = pool.lease();
        RemoteFunction<Integer, Long> waiting = _ -> Tasks.waitToBeCancelled();
        AsyncResult<Long> running = lease.applyAsync(Work.of(waiting), 1);
        lease.close();
        assertThatExceptionOfType(CallException.Cancelled.class).isThrownBy(running::get);
        assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
    }

    @Test
    void a_lease_whose_worker_dies_is_lost_and_says_so_once() throws Exception {
        var told = new CompletableFuture<String>();
        try (Lease lease = pool.lease()) {
            lease.onLost(() -> told.complete("lost"));
            AsyncResult<Integer> dying = lease.applyAsync(work(Tasks::die), 9);
            assertThatExceptionOfType(CallException.WorkerCrashed.class).isThrownBy(dying::get);
            assertThat(told.get(30, TimeUnit.SECONDS)).isEqualTo("lost");
            await().until(lease::lost);
            assertThatIllegalStateException().isThrownBy(() -> lease.apply(Tasks::square, 7));
        }
        assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
    }

    @Test
    void whoever_asks_too_late_whether_it_was_lost_is_told_at_once() throws Exception {
        try (Lease lease = pool.lease()) {
            pool.kill(lease.pid());
            await().until(lease::lost);
            var told = new CompletableFuture<String>();
            lease.onLost(() -> told.complete("lost"));
            assertThat(told.get(30, TimeUnit.SECONDS)).isEqualTo("lost");
        }
    }

    @Test
    void a_pool_that_ends_refuses_those_in_line() throws Exception {
        ProcessPool ending = ProcessPool.builder().name("ending").inline().processes(1).build();
        Lease lease = ending.lease();
        LeaseRequest<Lease> waiting = ending.requestLease();
        ending.terminate();
        assertThatExceptionOfType(CallException.Abandoned.class)
                .isThrownBy(() -> waiting.get(Occupied.LONG))
                .withMessage("'lease' was given up: pool 'ending' was terminated");
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> waiting.toCompletableFuture().get(30, TimeUnit.SECONDS))
                .withCauseInstanceOf(CallException.Abandoned.class);
        await().until(lease::lost);
    }

    @Test
    void a_closed_pool_waits_for_its_leases() throws Exception {
        ProcessPool closing = ProcessPool.builder().name("closing").inline().processes(1).build();
        Lease lease = closing.lease();
        closing.close();
        assertThat(closing.join(Duration.ofMillis(50))).isFalse();
        assertThat(lease.apply(Tasks::square, 7)).isEqualTo(49);
        lease.close();
        assertThat(closing.join(Occupied.LONG)).isTrue();
    }
}
