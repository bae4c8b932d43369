package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolRejectedException;
import org.processpool.task.Payload;
import org.processpool.wire.Failure;

class ProblemsTest {
    private static final Duration RAN = Duration.ofMillis(5);
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final Audience READER = new Audience(Language.ENGLISH, TRACE, "");

    private final Problems problems = new Problems(false, () -> TRACE);

    @Test
    void a_task_that_threw_is_the_tasks_failure_and_shows_no_stack() {
        Problem problem = failed(Failure.Kind.TASK, "no such page");
        assertThat(problem.type()).isEqualTo(ProblemType.TASK_FAILED);
        assertThat(problem.detail()).hasToString("java.io.IOException: no such page");
        assertThat(problem.extensions())
                .isEqualTo(
                        Map.of(
                                "exception",
                                Map.of("type", "java.io.IOException", "message", "no such page")));
    }

    @Test
    void a_developer_sees_the_stack() {
        var failure = new Failure(Failure.Kind.TASK, "E", "m", "at a.b.c");
        Problem problem = new Problems(true, () -> TRACE).of(new Outcome.Failed(failure, RAN));
        assertThat(problem.extensions().get("exception"))
                .isEqualTo(Map.of("type", "E", "message", "m", "stack", "at a.b.c"));
    }

    @ParameterizedTest
    @CsvSource({
        "INPUT, INVALID_ARGUMENTS, 422",
        "TARGET, TASK_NOT_FOUND, 404",
        "RESULT, INVALID_RESULT, 502",
        "TOO_LARGE, INVALID_RESULT, 502",
        "CANCELLED, JOB_CANCELLED, 409",
        "WORKER, INTERNAL, 500"
    })
    void a_failure_has_the_status_of_whose_fault_it_is(
            Failure.Kind kind, ProblemType type, int status) {
        Problem problem = failed(kind, "some reason");
        assertThat(problem.type()).isEqualTo(type);
        assertThat(problem.type().status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "at /items/0/name: must be a string | /items/0/name | must be a string",
                "at : must be a list | '' | must be a list",
                "must be a list | '' | must be a list"
            })
    void an_input_that_does_not_fit_says_where(String message, String pointer, String words) {
        assertThat(failed(Failure.Kind.INPUT, message).extensions().get("violations"))
                .isEqualTo(List.of(new Violation(pointer, Sentence.quoted(words))));
    }

    @Test
    void a_bug_gets_a_number_and_tells_no_more() {
        Problem problem = problems.ofBug(new IllegalStateException("secret"));
        assertThat(problem.type()).isEqualTo(ProblemType.INTERNAL);
        assertThat(problem.extensions()).containsOnlyKeys("errorId");
        assertThat(problem.detail().toString())
                .doesNotContain("secret")
                .contains(String.valueOf(problem.extensions().get("errorId")));
    }

    @Test
    void a_crash_says_who_died_of_what_and_its_last_words() {
        Problem problem =
                problems.of(
                        new Outcome.Crashed(
                                4711, 139, Optional.of("SIGSEGV"), ExitReason.CRASHED, "ouch"));
        assertThat(problem.type()).isEqualTo(ProblemType.WORKER_CRASHED);
        assertThat(problem.type().status()).isEqualTo(502);
        assertThat(problem.detail()).hasToString("worker 4711 died with exit code 139 (SIGSEGV)");
        assertThat(problem.extensions())
                .isEqualTo(
                        Map.of(
                                "pid", 4711L,
                                "exitCode", 139,
                                "signal", "SIGSEGV",
                                "reason", "crashed",
                                "lastStderr", "ouch"));
    }

    @Test
    void a_crash_of_unknown_exit_code_claims_none() {
        Problem problem =
                problems.of(new Outcome.Crashed(1, -1, Optional.empty(), ExitReason.HEARTBEAT, ""));
        assertThat(problem.extensions()).doesNotContainKeys("exitCode", "signal");
        assertThat(problem.detail())
                .hasToString("worker 1 was killed because it did not answer the heartbeat");
    }

    @Test
    void a_memory_limit_says_how_much() {
        Problem problem =
                problems.of(new Outcome.MemoryExceeded(1, 512L << 20, 600L << 20, "its heap"));
        assertThat(problem.type()).isEqualTo(ProblemType.MEMORY_LIMIT);
        assertThat(problem.extensions())
                .containsEntry("limitMiB", 512L)
                .containsEntry("peakMiB", 600L);
    }

    @Test
    void a_limit_nobody_knows_is_left_out() {
        Problem problem = problems.of(new Outcome.MemoryExceeded(1, 0, 0, "the kernel chose it"));
        assertThat(problem.extensions()).containsOnlyKeys("pid");
    }

    @Test
    void a_time_limit_says_how_long_and_keeps_the_threads_to_developers() {
        var outcome = new Outcome.TimedOut(Duration.ofMillis(1500), 4711, "main: running");
        Problem problem = problems.of(outcome);
        assertThat(problem.type()).isEqualTo(ProblemType.TASK_TIMEOUT);
        assertThat(problem.type().status()).isEqualTo(504);
        assertThat(problem.detail()).hasToString("ran longer than 1.5 s in worker 4711");
        assertThat(problem.extensions()).isEqualTo(Map.of("limitMillis", 1500L));
        assertThat(new Problems(true, () -> TRACE).of(outcome).extensions())
                .containsEntry("threads", "main: running");
    }

    @Test
    void a_wait_in_line_that_was_too_long_is_another_problem() {
        Problem problem = problems.of(new Outcome.QueueTimedOut(Duration.ofSeconds(2)));
        assertThat(problem.type()).isEqualTo(ProblemType.QUEUE_TIMEOUT);
        assertThat(problem.extensions()).isEqualTo(Map.of("limitMillis", 2000L));
    }

    @Test
    void a_cancelled_and_an_abandoned_call_have_a_status_each() {
        assertThat(problems.of(new Outcome.Cancelled(true)).type().status()).isEqualTo(409);
        assertThat(problems.of(new Outcome.Abandoned("the pool was terminated")).type().status())
                .isEqualTo(503);
    }

    @Test
    void a_success_is_no_problem() {
        var done = new Outcome.Done(Payload.json("1"), RAN);
        assertThatThrownBy(() -> problems.of(done)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_full_line_says_how_full_and_when_to_come_again() throws Exception {
        Problem problem =
                problems.of(
                        rejection(
                                PoolRejectedException.QueueFull.class, "default", 4, 4, 256, 256));
        assertThat(problem.type()).isEqualTo(ProblemType.QUEUE_FULL);
        assertThat(problem.extensions()).isEqualTo(Map.of("queued", 256, "limit", 256));
        assertThat(problem.headers(READER)).containsEntry("Retry-After", "1");
    }

    @Test
    void a_closed_and_a_broken_pool_say_when_to_come_again() throws Exception {
        Problem closed = problems.of(rejection(PoolRejectedException.Closed.class, "default"));
        assertThat(closed.type()).isEqualTo(ProblemType.POOL_DRAINING);
        assertThat(closed.headers(READER)).containsKey("Retry-After");
        Problem broken = problems.of(rejection(PoolRejectedException.Broken.class, "no java"));
        assertThat(broken.type()).isEqualTo(ProblemType.NO_WORKERS);
        assertThat(broken.detail()).hasToString("no java");
        assertThat(broken.headers(READER)).containsKey("Retry-After");
    }

    @Test
    void an_argument_the_pool_does_not_carry_is_too_large() throws Exception {
        Problem problem =
                problems.of(
                        rejection(
                                PoolRejectedException.PayloadTooLarge.class, "echo", 5000L, 4096L));
        assertThat(problem.type().status()).isEqualTo(413);
        assertThat(problem.extensions()).isEqualTo(Map.of("limitBytes", 4096L));
    }

    @Test
    void is_written_as_rfc_9457_has_it() {
        var problem = new Problem(ProblemType.QUEUE_FULL, "4 of 4 busy").with("queued", 9);
        assertThat(new String(problem.json(READER), UTF_8))
                .isEqualTo(
                        "{\"type\":\"/problems/queue-full\",\"title\":\"Queue full\",\"status\":503,"
                                + "\"detail\":\"4 of 4 busy\",\"queued\":9,\"traceId\":\""
                                + TRACE
                                + "\"}");
        assertThat(problem.headers(READER))
                .containsEntry("Content-Type", "application/problem+json")
                .containsEntry("Cache-Control", "no-store");
    }

    private Problem failed(Failure.Kind kind, String message) {
        var failure = new Failure(kind, "java.io.IOException", message, "at a.b.c");
        return problems.of(new Outcome.Failed(failure, RAN));
    }

    /** Only the pool makes these. */
    private static <R extends PoolRejectedException> R rejection(Class<R> type, Object... facts)
            throws ReflectiveOperationException {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        return type.cast(constructor.newInstance(facts));
    }
}
