package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.task.TaskName;

/** What a caller hears of his call's start and end, and what his call hears of him. */
@Timeout(60)
class CallFactsTest {

    private static final Duration SHORT = Duration.ofMillis(50);
    private static final long MEBIBYTE = 1L << 20;

    private final Queue<Object> heard = new ConcurrentLinkedQueue<>();
    private ProcessPool pool;
    private ProcessPool told;

    @BeforeEach
    void start_a_pool() throws InterruptedException {
        pool =
                ProcessPool.builder()
                        .name("facts")
                        .processes(1)
                        .grace(SHORT, SHORT)
                        .jvmFlags("-XX:TieredStopAtLevel=1")
                        .open();
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
        told = pool.with(telling());
    }

    @AfterEach
    void end_the_pool() {
        pool.close();
    }

    private CallOptions telling() {
        return CallOptions.DEFAULT.onStart(heard::add).onReport(heard::add);
    }

    private List<Started> starts() {
        return heard.stream().filter(Started.class::isInstance).map(Started.class::cast).toList();
    }

    private CallReport report() {
        List<CallReport> reports =
                heard.stream()
                        .filter(CallReport.class::isInstance)
                        .map(CallReport.class::cast)
                        .toList();
        assertThat(reports).as("reports of one call").hasSize(1);
        assertThat(heard).last().isEqualTo(reports.getFirst());
        return reports.getFirst();
    }

    private CallReport reportOf(AsyncResult<?> call, Class<? extends Outcome> expected)
            throws InterruptedException {
        assertThat(call.await(Occupied.LONG)).isTrue();
        if (expected != Outcome.Done.class) {
            assertThatExceptionOfType(CallException.class)
                    .isThrownBy(call::get)
                    .satisfies(e -> assertThat(e.outcome()).isInstanceOf(expected));
        }
        CallReport report = report(); // there already, since the result is ready
        assertThat(report.waited()).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(report.ran()).isGreaterThanOrEqualTo(Duration.ZERO);
        return report;
    }

    private void assertNeverStarted(CallReport report) {
        assertThat(starts()).isEmpty();
        assertThat(report.worker()).isNull();
        assertThat(report.pid()).isEqualTo(-1);
        assertThat(report.attempts()).isZero();
        assertThat(report.ran()).isZero();
        assertThat(report.cpu()).isEmpty();
        assertThat(report.maxRssBytes()).isEmpty();
    }

    private void assertRan(CallReport report, long pid) {
        assertThat(starts()).hasSize(1);
        assertThat(starts().getFirst())
                .isEqualTo(new Started("facts-1", pid, 1, starts().getFirst().waited()));
        assertThat(report.worker()).isEqualTo("facts-1");
        assertThat(report.pid()).isEqualTo(pid);
        assertThat(report.attempts()).isEqualTo(1);
    }

    // Ends

    @Test
    void a_call_that_is_done_tells_where_it_ran_and_what_it_used() throws Exception {
        long pid = pool.apply(Tasks::pid);
        CallReport report = reportOf(told.applyAsync(Tasks::compute, 200L), Outcome.Done.class);
        assertRan(report, pid);
        assertThat(report.ran()).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        assertThat(report.cpu().orElseThrow())
                .isBetween(Duration.ofMillis(20), Duration.ofSeconds(20));
        assertThat(report.maxRssBytes().orElseThrow()).isBetween(10 * MEBIBYTE, 4096 * MEBIBYTE);
    }

    @Test
    void the_memory_of_the_call_before_is_forgotten_and_what_was_given_back_is_seen()
            throws Exception {
        assumeThat(Memory.forgetPeak(ProcessHandle.current().pid()))
                .as("the kernel forgets")
                .isTrue();
        told.apply(Tasks::borrow, 200);
        long greedy = report().maxRssBytes().orElseThrow();
        heard.clear();
        told.apply(Tasks::pid);
        long modest = report().maxRssBytes().orElseThrow();
        assertThat(greedy).isGreaterThan(200 * MEBIBYTE);
        assertThat(modest).isLessThan(greedy - 100 * MEBIBYTE);
    }

    @Test
    void a_call_that_failed_reports_once() throws Exception {
        long pid = pool.apply(Tasks::pid);
        assertRan(reportOf(told.applyAsync(Tasks::half, 7), Outcome.Failed.class), pid);
    }

    @Test
    void a_call_whose_worker_died_reports_once() throws Exception {
        long pid = pool.apply(Tasks::pid);
        CallReport report = reportOf(told.applyAsync(Tasks::die, 9), Outcome.Crashed.class);
        assertRan(report, pid);
        assertThat(report.cpu()).as("nobody could look").isEmpty();
    }

    @Test
    void a_retried_call_tells_each_start_and_reports_once() throws Exception {
        ProcessPool stubborn = pool.with(telling().retries(2));
        assertThat(stubborn.apply(Tasks::dieUntilAttempt, 3)).isEqualTo(3);
        assertThat(starts()).extracting(Started::attempt).containsExactly(1, 2, 3);
        assertThat(starts()).extracting(Started::pid).doesNotHaveDuplicates();
        assertThat(report().attempts()).isEqualTo(3);
        assertThat(report().pid()).isEqualTo(starts().getLast().pid());
    }

    @Test
    void a_call_that_was_cancelled_while_it_ran_reports_once() throws Exception {
        long pid = pool.apply(Tasks::pid);
        AsyncResult<Long> call;
        var running = new CompletableFuture<Long>();
        call =
                pool.with(telling().onPart(_ -> running.complete(1L)))
                        .applyAsync(Tasks::waitToBeCancelled);
        Occupied.pid(running);
        assertThat(call.cancel()).isTrue();
        assertRan(reportOf(call, Outcome.Cancelled.class), pid);
    }

    @Test
    void a_call_that_was_cancelled_while_it_waited_reports_that_it_never_started()
            throws Exception {
        try (Occupied _ = Occupied.in(pool)) {
            AsyncResult<Integer> call = told.applyAsync(Tasks::square, 7);
            assertThat(call.cancel()).isTrue();
            assertNeverStarted(reportOf(call, Outcome.Cancelled.class));
        }
    }

    @Test
    void a_call_that_was_killed_for_its_time_tells_what_it_used_until_then() throws Exception {
        long pid = pool.apply(Tasks::pid);
        CallReport report =
                reportOf(
                        pool.with(telling().timeout(SHORT)).applyAsync(Tasks::hang),
                        Outcome.TimedOut.class);
        assertRan(report, pid);
        assertThat(report.cpu()).isPresent();
        assertThat(report.maxRssBytes()).isPresent();
    }

    @Test
    void a_call_that_waited_too_long_reports_that_it_never_started() throws Exception {
        try (Occupied _ = Occupied.in(pool)) {
            CallReport report =
                    reportOf(
                            pool.with(telling().queueTimeout(SHORT)).applyAsync(Tasks::square, 7),
                            Outcome.QueueTimedOut.class);
            assertNeverStarted(report);
            assertThat(report.waited()).isGreaterThanOrEqualTo(SHORT);
        }
    }

    @Test
    void calls_of_a_pool_that_is_terminated_report_once_whether_they_ran_or_not() throws Exception {
        AsyncResult<Integer> waiting;
        Queue<CallReport> waitingHeard = new ConcurrentLinkedQueue<>();
        var running = new CompletableFuture<Long>();
        AsyncResult<Long> call =
                pool.with(telling().onPart(_ -> running.complete(1L))).applyAsync(Tasks::hang);
        Occupied.pid(running);
        waiting =
                pool.with(CallOptions.DEFAULT.onReport(waitingHeard::add))
                        .applyAsync(Tasks::square, 7);
        pool.terminate();
        assertThat(reportOf(call, Outcome.Abandoned.class).attempts()).isEqualTo(1);
        assertThat(waiting.await(Occupied.LONG)).isTrue();
        pool.join();
        assertThat(waitingHeard).extracting(CallReport::attempts).containsExactly(0);
        assertThat(report().attempts()).isEqualTo(1);
    }

    @Test
    void a_submission_that_is_refused_is_not_reported() {
        pool.close();
        assertThatExceptionOfType(PoolRejectedException.Closed.class)
                .isThrownBy(() -> told.applyAsync(Tasks::pid));
        assertThat(heard).isEmpty();
    }

    // Order and number

    @Test
    void the_start_is_heard_first_and_the_report_last_however_short_the_calls() throws Exception {
        record Round(Queue<Object> news, AsyncResult<String> result) {}
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            Queue<Object> news = new ConcurrentLinkedQueue<>();
            CallOptions options =
                    CallOptions.DEFAULT.onStart(news::add).onOutput(news::add).onPart(news::add);
            boolean reported = i % 2 == 0; // such calls are not sent ahead, the others may be
            rounds.add(
                    new Round(
                            news,
                            pool.with(reported ? options.onReport(news::add) : options)
                                    .applyAsync(Tasks::say, "x")));
        }
        for (Round round : rounds) {
            round.result().get();
            List<Object> news = List.copyOf(round.news());
            assertThat(news.getFirst()).isInstanceOf(Started.class);
            assertThat(news).filteredOn(Output.class::isInstance).hasSize(1);
            assertThat(news).filteredOn(CallReport.class::isInstance).hasSizeLessThan(2);
            assertThat(news.getLast()).isNotInstanceOf(Started.class);
        }
        for (int i = 0; i < 500; i += 2) {
            assertThat(rounds.get(i).news()).last().isInstanceOf(CallReport.class);
        }
    }

    @Test
    void every_chunk_of_a_map_and_every_turn_of_a_conversation_is_a_call() throws Exception {
        told.map(Tasks::square, List.of(1, 2, 3, 4, 5), 2);
        assertThat(heard).filteredOn(CallReport.class::isInstance).hasSize(3);
        heard.clear();
        try (OpenConversation talk = told.converse(new TaskName("talk")).get(Occupied.LONG)) {
            talk.say("hello", String.class);
            assertThat(heard).filteredOn(CallReport.class::isInstance).hasSize(2);
        }
    }

    @Test
    void listeners_that_throw_harm_nothing() throws Exception {
        ProcessPool broken =
                pool.with(
                        CallOptions.DEFAULT
                                .onStart(_ -> {
                                    throw new IllegalStateException("start, on purpose");
                                })
                                .onReport(_ -> {
                                    throw new AssertionError("report, on purpose");
                                }));
        assertThat(broken.apply(Tasks::square, 7)).isEqualTo(49);
    }

    @Test
    void inline_there_is_a_report_without_what_only_a_process_can_tell() throws Exception {
        try (ProcessPool inline = ProcessPool.builder().inline().processes(1).open()) {
            assertThat(inline.with(telling()).apply(Tasks::square, 7)).isEqualTo(49);
            assertThat(report().attempts()).isEqualTo(1);
            assertThat(report().cpu()).isEmpty();
            assertThat(report().maxRssBytes()).isEmpty();
        }
    }

    // Token

    @Test
    void a_task_sees_the_token_of_its_call_and_zero_without() throws Exception {
        ProcessPool fenced = pool.with(CallOptions.DEFAULT.token(42));
        assertThat(fenced.apply(Tasks::token)).isEqualTo(42);
        RemoteFunction<Integer, Long> token = _ -> Tasks.token();
        assertThat(fenced.map(token, List.of(1, 2, 3), 2)).containsExactly(42L, 42L, 42L);
        assertThat(pool.apply(Tasks::token)).isZero();
    }

    // Grace

    @Test
    void a_cancellation_can_grant_more_time_than_the_pool_does() throws Exception {
        long worker = pool.apply(Tasks::pid);
        var running = new CompletableFuture<Long>();
        AsyncResult<Long> call =
                Occupied.running(pool, running)
                        .applyAsync(Tasks::listenLate, 10 * SHORT.toMillis());
        Occupied.pid(running);
        assertThat(call.cancel(AsyncResult.CancelMode.KILL, Occupied.LONG)).isTrue();
        assertThat(call.await(Occupied.LONG)).isTrue();
        assertThat(call.cancel(AsyncResult.CancelMode.KILL, Duration.ZERO)).isFalse();
        assertThat(pool.apply(Tasks::pid)).as("had the time to give up").isEqualTo(worker);
    }

    @Test
    void a_later_cancellation_can_shorten_the_time() throws Exception {
        long worker = pool.apply(Tasks::pid);
        var running = new CompletableFuture<Long>();
        AsyncResult<Long> call = Occupied.running(pool, running).applyAsync(Tasks::hang);
        Occupied.pid(running);
        call.cancel(AsyncResult.CancelMode.KILL, Duration.ofDays(1));
        assertThat(call.await(SHORT.multipliedBy(4))).isFalse();
        call.cancel(AsyncResult.CancelMode.KILL, Duration.ZERO);
        call.cancel(AsyncResult.CancelMode.KILL, Duration.ofDays(1));
        assertThat(call.await(Occupied.LONG)).isTrue();
        assertThatExceptionOfType(CallException.Cancelled.class).isThrownBy(call::get);
        assertThat(pool.apply(Tasks::pid)).isNotEqualTo(worker);
    }

    @Test
    void a_negative_grace_is_refused() throws Exception {
        AsyncResult<Long> call = pool.applyAsync(Tasks::pid);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> call.cancel(AsyncResult.CancelMode.KILL, Duration.ofMillis(-1)))
                .withMessage("grace must not be negative, was PT-0.001S");
        call.get();
    }
}
