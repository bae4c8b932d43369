package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.processpool.fault.Pools.outcomeOf;

import java.util.List;
import org.assertj.core.util.Strings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.Work;
import org.processpool.task.TaskName;
import org.processpool.wire.Failure;

/**
 * Values that are too large, have no encoding or do not fit, and exceptions that cannot be told:
 * rows 12 and 32 of the list of faults. The worker always lives on.
 */
@FaultTest
class PayloadFaultIT {

    private static final int LIMIT = 64 << 10;

    private ProcessPool pool;
    private long worker;

    @BeforeEach
    void start_a_pool_of_one() throws Exception {
        pool = Pools.ofTrouble(1).maxPayload(LIMIT).open();
        worker = pool.apply(Deeds::pid);
    }

    @AfterEach
    void the_same_worker_is_still_there() throws Exception {
        try (var closing = pool) {
            assertThat(closing.apply(Deeds::pid)).isEqualTo(worker);
        }
    }

    @Test
    void a_result_over_the_limit_is_the_calls_failure() {
        assertThat(failureOf(pool.applyAsync(Deeds::zeros, LIMIT + 1)))
                .satisfies(failure -> {
                    assertThat(failure.kind()).isEqualTo(Failure.Kind.TOO_LARGE);
                    assertThat(failure.message()).contains("65,537", "65,536");
                });
    }

    @Test
    void a_result_at_the_limit_arrives() throws Exception {
        assertThat(pool.apply(Deeds::zeros, LIMIT)).hasSize(LIMIT);
    }

    @Test
    void the_results_of_a_chunk_may_be_too_large_together() {
        var map = pool.mapAsync(Deeds::zeros, List.of(LIMIT / 2, LIMIT / 2, LIMIT / 2), 3);
        assertThat(failureOf(map).kind()).isEqualTo(Failure.Kind.TOO_LARGE);
    }

    @Test
    void an_argument_over_the_limit_is_refused() {
        assertThatExceptionOfType(PoolRejectedException.PayloadTooLarge.class)
                .isThrownBy(() -> pool.apply(Deeds::fail, "x".repeat(2 * LIMIT)))
                .withMessageContaining("65,536");
    }

    @Test
    void a_part_over_the_limit_is_refused_by_the_context() {
        assertThat(failureOf(pool.applyAsync(Deeds::emit, 2 * LIMIT)))
                .satisfies(failure -> {
                    assertThat(failure.type()).isEqualTo(IllegalArgumentException.class.getName());
                    assertThat(failure.message()).contains("65,536");
                });
    }

    @Test
    void a_result_that_cannot_be_encoded_is_the_calls_failure() {
        assertThat(failureOf(pool.applyAsync(Pools.task("unencodable"), null)))
                .satisfies(failure -> {
                    assertThat(failure.kind()).isEqualTo(Failure.Kind.RESULT);
                    assertThat(failure.message()).contains("Thread");
                });
    }

    @Test
    void a_result_that_throws_when_it_is_read_is_the_calls_failure() {
        assertThat(failureOf(pool.applyAsync(Deeds::touchy)).kind()).isEqualTo(Failure.Kind.RESULT);
    }

    @Test
    void a_result_without_end_is_the_calls_failure() {
        assertThat(failureOf(pool.applyAsync(Deeds::circle)).kind()).isEqualTo(Failure.Kind.RESULT);
    }

    @Test
    void an_exception_that_throws_when_it_is_asked_is_told_by_its_name() {
        assertThat(failureOf(pool.applyAsync(Pools.task("unprintable"), null)))
                .satisfies(failure -> {
                    assertThat(failure.kind()).isEqualTo(Failure.Kind.TASK);
                    assertThat(failure.type()).endsWith("Unspeakable");
                    assertThat(failure.message()).contains("UnsupportedOperationException");
                });
    }

    @Test
    void an_exception_without_end_is_told_in_part() {
        assertThat(failureOf(pool.applyAsync(Deeds::failInCircles)))
                .satisfies(failure -> {
                    assertThat(failure.message()).hasSizeLessThan(LIMIT);
                    assertThat(failure.stack()).isNotEmpty().hasSizeLessThan(LIMIT);
                });
    }

    @Test
    void a_result_that_does_not_fit_what_the_caller_wants_is_the_calls_failure() {
        var number = Work.named(new TaskName("echo"), Integer.class);
        assertThat(failureOf(pool.applyAsync(number, "seven")).kind())
                .isEqualTo(Failure.Kind.RESULT);
    }

    @Test
    void code_the_worker_does_not_have_is_named() {
        assertThat(failureOf(pool.applyAsync(Strings::quote, "AssertJ is not on its class path")))
                .satisfies(failure -> {
                    assertThat(failure.kind()).isEqualTo(Failure.Kind.TARGET);
                    assertThat(failure.message()).contains(Strings.class.getName());
                });
        assertThat(failureOf(pool.applyAsync(Pools.task("no-such-task"), null)))
                .satisfies(failure -> {
                    assertThat(failure.kind()).isEqualTo(Failure.Kind.TARGET);
                    assertThat(failure.message()).contains("no-such-task");
                });
    }

    @Test
    void items_of_a_map_fail_one_by_one() throws Exception {
        var map = pool.mapAsync(Deeds::reciprocal, List.of(1L, 0L, 2L), 3);
        assertThat(map.items())
                .extracting(item -> item.successful() ? item.value() : "failed")
                .containsExactly(1.0, "failed", 0.5);
    }

    private static Failure failureOf(AsyncResult<?> call) {
        return outcomeOf(Outcome.Failed.class, call).failure();
    }
}
