package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call under way, and who is told of its end. */
@Timeout(60)
class AsyncResultTest {

    private static final Duration AT_ONCE = Duration.ZERO;

    private static ProcessPool pool;

    @BeforeAll
    static void start_a_pool() {
        pool = ProcessPool.builder().name("async").processes(1).open();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    private static <T> T soon(BlockingQueue<T> queue) throws InterruptedException {
        T first = queue.poll(30, TimeUnit.SECONDS);
        assertThat(first).as("told within 30 s").isNotNull();
        return first;
    }

    // Waiting

    @Test
    void is_not_ready_while_its_call_waits() throws Exception {
        AsyncResult<Integer> result;
        try (Occupied _ = Occupied.in(pool)) {
            result = pool.applyAsync(Tasks::square, 7);
            assertThat(result.ready()).isFalse();
            assertThat(result.await(AT_ONCE)).isFalse();
            assertThatIllegalStateException()
                    .isThrownBy(result::successful)
                    .withMessage("the call has not ended yet");
        }
        assertThat(result.get(Occupied.LONG)).isEqualTo(49);
        assertThat(result.ready()).isTrue();
        assertThat(result.successful()).isTrue();
    }

    @Test
    void get_with_patience_gives_up_and_can_be_asked_again() throws Exception {
        AsyncResult<Integer> result;
        try (Occupied _ = Occupied.in(pool)) {
            result = pool.applyAsync(Tasks::square, 7);
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> result.get(Duration.ofMillis(5)))
                    .withMessage("no result after 5 ms");
        }
        assertThat(result.get()).isEqualTo(49);
    }

    @Test
    void get_gives_the_same_result_as_often_as_it_is_asked() throws Exception {
        AsyncResult<Integer> result = pool.applyAsync(Tasks::square, 7);
        assertThat(result.get()).isEqualTo(49);
        assertThat(result.get(AT_ONCE)).isEqualTo(49);
    }

    @Test
    void await_tells_that_a_call_has_ended_and_not_how() throws Exception {
        AsyncResult<Integer> result = pool.applyAsync(Tasks::half, 7);
        assertThat(result.await(Occupied.LONG)).isTrue();
        assertThat(result.successful()).isFalse();
    }

    @Test
    void an_interrupted_get_leaves_the_call_alone() throws Exception {
        AsyncResult<Integer> result;
        try (Occupied _ = Occupied.in(pool)) {
            result = pool.applyAsync(Tasks::square, 7);
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(InterruptedException.class).isThrownBy(result::get);
        }
        assertThat(result.get()).isEqualTo(49);
    }

    // Callbacks

    @Test
    void a_call_that_returns_is_told_to_its_callback_once_and_to_no_other() throws Exception {
        var results = new LinkedBlockingQueue<Integer>();
        var errors = new LinkedBlockingQueue<CallException>();
        AsyncResult<Integer> result = pool.applyAsync(Tasks::half, 8, results::add, errors::add);
        assertThat(soon(results)).isEqualTo(4);
        assertThat(result.get()).isEqualTo(4);
        everything_told(result);
        assertThat(results).isEmpty();
        assertThat(errors).isEmpty();
    }

    @Test
    void a_call_that_fails_is_told_to_its_error_callback_once_and_to_no_other() throws Exception {
        var results = new LinkedBlockingQueue<Integer>();
        var errors = new LinkedBlockingQueue<CallException>();
        AsyncResult<Integer> result = pool.applyAsync(Tasks::half, 7, results::add, errors::add);
        assertThat(soon(errors)).isInstanceOf(CallException.TaskFailed.class);
        everything_told(result);
        assertThat(results).isEmpty();
        assertThat(errors).isEmpty();
    }

    /** Waits for a callback that was asked for after all others. */
    private static void everything_told(AsyncResult<?> result) throws InterruptedException {
        var told = new CountDownLatch(1);
        result.callback(_ -> told.countDown(), _ -> told.countDown());
        assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_cancelled_call_is_told_to_its_error_callback() throws Exception {
        var errors = new LinkedBlockingQueue<CallException>();
        try (Occupied _ = Occupied.in(pool)) {
            pool.applyAsync(Tasks::square, 7, null, errors::add).cancel();
            assertThat(soon(errors)).isInstanceOf(CallException.Cancelled.class);
        }
    }

    @Test
    void a_callback_asked_for_after_the_end_is_called_at_once() throws Exception {
        AsyncResult<Integer> result = pool.applyAsync(Tasks::square, 7);
        result.get();
        var results = new LinkedBlockingQueue<Integer>();
        result.callback(results::add, null);
        assertThat(soon(results)).isEqualTo(49);
    }

    @Test
    void either_callback_may_be_missing() throws Exception {
        everything_told(pool.applyAsync(Tasks::half, 7, null, null));
        everything_told(pool.applyAsync(Tasks::half, 8, null, null));
    }

    @Test
    void a_callback_that_throws_breaks_nothing() throws Exception {
        var calls = new AtomicInteger();
        AsyncResult<Integer> result =
                pool.applyAsync(
                        Tasks::square,
                        7,
                        _ -> {
                            calls.incrementAndGet();
                            throw new IllegalStateException("thrown by a callback, on purpose");
                        },
                        _ -> calls.addAndGet(100));
        everything_told(result);
        assertThat(result.get()).isEqualTo(49);
        assertThat(pool.apply(Tasks::square, 8)).isEqualTo(64);
        assertThat(calls).as("no error callback for a callback's error").hasValueLessThan(2);
    }

    @Test
    void a_callback_that_takes_long_delays_nobody() throws Exception {
        var letGo = new CountDownLatch(1);
        var slow = new LinkedBlockingQueue<Integer>();
        pool.applyAsync(
                Tasks::square,
                7,
                value -> {
                    try {
                        letGo.await();
                        slow.add(value);
                    } catch (InterruptedException never) {
                        throw new IllegalStateException(never);
                    }
                },
                null);
        var quick = new ArrayBlockingQueue<Integer>(1);
        pool.applyAsync(Tasks::square, 8, quick::add, null);
        assertThat(soon(quick)).isEqualTo(64);
        assertThat(slow).isEmpty();
        letGo.countDown();
        assertThat(soon(slow)).isEqualTo(49);
    }

    @Test
    void a_callback_may_end_the_pool() throws Exception {
        ProcessPool own = ProcessPool.builder().name("own-end").inline().processes(1).build();
        var ended = new CompletableFuture<Boolean>();
        own.applyAsync(
                Tasks::square,
                7,
                _ -> {
                    try {
                        own.close();
                        ended.complete(own.join(Occupied.LONG));
                    } catch (InterruptedException | RuntimeException unexpected) {
                        ended.completeExceptionally(unexpected);
                    }
                },
                null);
        assertThat(ended.get(30, TimeUnit.SECONDS)).isTrue();
    }

    // Cancelling

    @Test
    void a_cancelled_call_that_waits_never_starts() throws Exception {
        AsyncResult<Boolean> result;
        try (Occupied _ = Occupied.in(pool)) {
            result = pool.applyAsync(Tasks::givenBefore, "cancelled while it waited");
            assertThat(result.cancel()).isTrue();
            assertThatExceptionOfType(CallException.Cancelled.class)
                    .isThrownBy(result::get)
                    .withMessage("'Tasks::givenBefore' was cancelled before it started");
        }
        assertThat(pool.apply(Tasks::givenBefore, "cancelled while it waited")).isFalse();
    }

    @Test
    void a_cancelled_call_that_runs_and_listens_gives_its_worker_back() throws Exception {
        var running = new CompletableFuture<Long>();
        AsyncResult<Long> result =
                Occupied.running(pool, running).applyAsync(Tasks::waitToBeCancelled);
        long worker = Occupied.pid(running);
        assertThat(result.cancel()).isTrue();
        assertThatExceptionOfType(CallException.Cancelled.class)
                .isThrownBy(result::get)
                .withMessage("'Tasks::waitToBeCancelled' was cancelled while it ran");
        assertThat(pool.apply(Tasks::pid)).isEqualTo(worker);
    }

    @Test
    void a_cancelled_call_that_does_not_listen_is_killed_with_its_worker() throws Exception {
        try (ProcessPool hasty =
                ProcessPool.builder()
                        .name("hasty")
                        .processes(1)
                        .grace(Duration.ofMillis(20), Duration.ofMillis(20))
                        .open()) {
            var running = new CompletableFuture<Long>();
            AsyncResult<Long> result = Occupied.running(hasty, running).applyAsync(Tasks::hang);
            long worker = Occupied.pid(running);
            result.cancel();
            assertThatExceptionOfType(CallException.Cancelled.class).isThrownBy(result::get);
            assertThat(hasty.apply(Tasks::pid)).isNotEqualTo(worker);
            assertThat(hasty.snapshot().exits()).containsEntry(ExitReason.CANCELLED, 1L);
        }
    }

    @Test
    void a_soft_cancel_only_asks_so_a_result_counts() throws Exception {
        var running = new CompletableFuture<Long>();
        AsyncResult<String> result =
                Occupied.running(pool, running).applyAsync(Tasks::finishAllTheSame);
        Occupied.pid(running);
        assertThat(result.cancel(AsyncResult.CancelMode.SOFT)).isTrue();
        assertThat(result.get()).isEqualTo("finished all the same");
    }

    @Test
    void a_soft_cancel_ends_a_task_that_listens() throws Exception {
        var running = new CompletableFuture<Long>();
        AsyncResult<Long> result =
                Occupied.running(pool, running).applyAsync(Tasks::waitToBeCancelled);
        Occupied.pid(running);
        result.cancel(AsyncResult.CancelMode.SOFT);
        assertThatExceptionOfType(CallException.Cancelled.class).isThrownBy(result::get);
    }

    @Test
    void after_the_end_there_is_nothing_to_cancel() throws Exception {
        AsyncResult<Integer> result = pool.applyAsync(Tasks::square, 7);
        result.get();
        assertThat(result.cancel()).isFalse();
        assertThat(result.get()).isEqualTo(49);
    }

    @Test
    void to_cancel_twice_is_to_cancel_once() throws Exception {
        try (Occupied _ = Occupied.in(pool)) {
            AsyncResult<Integer> result = pool.applyAsync(Tasks::square, 7);
            assertThat(result.cancel()).isTrue();
            assertThat(result.cancel()).isFalse();
        }
    }

    // As a future

    @Test
    void is_a_future_too() throws Exception {
        CompletableFuture<Integer> future =
                pool.applyAsync(Tasks::half, 8).toCompletableFuture().thenApply(half -> half + 1);
        assertThat(future.get(30, TimeUnit.SECONDS)).isEqualTo(5);
    }

    @Test
    void a_failure_completes_the_future_exceptionally() {
        CompletableFuture<Integer> future = pool.applyAsync(Tasks::half, 7).toCompletableFuture();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> future.get(30, TimeUnit.SECONDS))
                .withCauseInstanceOf(CallException.TaskFailed.class);
    }

    @Test
    void to_cancel_the_future_is_to_cancel_the_call() throws Exception {
        var running = new CompletableFuture<Long>();
        AsyncResult<Long> result =
                Occupied.running(pool, running).applyAsync(Tasks::waitToBeCancelled);
        Occupied.pid(running);
        CompletableFuture<Long> future = result.toCompletableFuture();
        assertThat(future.cancel(true)).isTrue();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(future::get);
        assertThatExceptionOfType(CallException.Cancelled.class).isThrownBy(result::get);
    }
}
