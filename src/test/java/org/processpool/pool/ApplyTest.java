package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.pool.Tasks.Colour;
import org.processpool.pool.Tasks.Order;
import org.processpool.pool.Tasks.Point;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;
import org.processpool.wire.Failure;

/** Which code can be run in a worker, and which values travel there and back. */
@Timeout(60)
class ApplyTest {

    private static ProcessPool pool;

    @BeforeAll
    static void start_a_pool() {
        pool = ProcessPool.builder().name("apply").processes(1).open();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    // Code

    @Test
    void code_runs_in_another_process() throws Exception {
        assertThat(pool.apply(Tasks::pid)).isNotEqualTo(ProcessHandle.current().pid());
    }

    @Test
    void code_may_have_no_one_two_or_three_arguments() throws Exception {
        assertThat(pool.apply(Tasks::pid)).isPositive();
        assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
        assertThat(pool.apply(Tasks::minus, 7, 2)).isEqualTo(5);
        assertThat(pool.apply(Tasks::between, "process", 0, 3)).isEqualTo("pro");
    }

    @Test
    void the_same_goes_for_calls_nobody_waits_for() throws Exception {
        assertThat(pool.applyAsync(Tasks::pid).get()).isPositive();
        assertThat(pool.applyAsync(Tasks::square, 7).get()).isEqualTo(49);
        assertThat(pool.applyAsync(Tasks::minus, 7, 2).get()).isEqualTo(5);
        assertThat(pool.applyAsync(Tasks::between, "process", 0, 3).get()).isEqualTo("pro");
    }

    @Test
    void code_may_be_a_lambda_that_captures_nothing() throws Exception {
        assertThat(pool.apply((Integer number) -> number + 1, 41)).isEqualTo(42);
        assertThat(pool.apply((String a, String b) -> a + b, "left", "right"))
                .isEqualTo("leftright");
        assertThat(pool.apply(() -> "nothing in")).isEqualTo("nothing in");
    }

    @Test
    void code_may_be_a_method_of_the_first_argument() throws Exception {
        assertThat(pool.apply(Point::mirrored, new Point(1, 2))).isEqualTo(new Point(2, 1));
        assertThat(pool.apply(Point::moved, new Point(1, 2), 10, 20)).isEqualTo(new Point(11, 22));
        assertThat(pool.apply(String::strip, "  much room ")).isEqualTo("much room");
    }

    @Test
    void code_may_be_a_constructor() throws Exception {
        assertThat(pool.apply(Point::new, 1, 2)).isEqualTo(new Point(1, 2));
        RemoteFunction<String, BigInteger> number = BigInteger::new;
        assertThat(pool.apply(number, "123")).isEqualTo(BigInteger.valueOf(123));
    }

    @Test
    void code_may_be_a_registered_task() throws Exception {
        assertThat(pool.apply(new TaskName("echo"), Map.of("a", List.of(1, true))))
                .isEqualTo(Map.of("a", List.of(1, true)));
        assertThat(pool.applyAsync(new TaskName("echo"), "hello").get()).isEqualTo("hello");
    }

    @Test
    void a_name_no_task_has_fails_the_call_and_lists_those_there_are() {
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> pool.apply(new TaskName("no-such-task"), 1))
                .withMessageContaining("no task is named 'no-such-task'; this worker has echo,");
    }

    @Test
    void tasks_that_make_trouble_are_not_offered_unless_the_pool_was_told_to() {
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> pool.apply(new TaskName("crash"), null))
                .withMessageContaining("no task is named 'crash'");
    }

    // Values

    @Test
    void null_goes_in_and_comes_out() throws Exception {
        assertThat(pool.apply(Tasks::orNothing, (String) null)).isEqualTo("was nothing");
        assertThat(pool.apply(Tasks::orNothing, "")).isNull();
    }

    @Test
    void strings_come_as_they_went() throws Exception {
        String text = "plain, 你好, \uD83E\uDD84, \"quoted\", \u0000\n";
        assertThat(pool.apply(Tasks::orNothing, text)).isEqualTo(text);
    }

    @Test
    void bytes_come_as_they_went() throws Exception {
        assertThat(pool.apply(Tasks::reversed, new byte[] {1, 2, -3})).containsExactly(-3, 2, 1);
        assertThat(pool.apply(Tasks::reversed, new byte[0])).isEmpty();
    }

    @Test
    void a_megabyte_goes_there_and_back() throws Exception {
        byte[] large = "0123456789abcdef".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
        byte[] back = pool.apply(Tasks::reversed, large);
        assertThat(pool.apply(Tasks::reversed, back)).isEqualTo(large);
    }

    @Test
    void numbers_may_be_as_large_as_they_like() throws Exception {
        BigInteger large = BigInteger.TWO.pow(200).negate();
        assertThat(pool.apply(Tasks::squared, large)).isEqualTo(BigInteger.TWO.pow(400));
        assertThat(pool.apply(Long::sum, Long.MAX_VALUE, 0L)).isEqualTo(Long.MAX_VALUE);
        assertThat(pool.apply(Tasks::minus, Integer.MIN_VALUE, 0)).isEqualTo(Integer.MIN_VALUE);
        assertThat(pool.apply((Double number) -> number / 3, 1.0)).isEqualTo(1.0 / 3);
    }

    @Test
    void enums_travel_by_name() throws Exception {
        assertThat(pool.apply(Tasks::other, Colour.RED)).isEqualTo(Colour.GREEN);
    }

    @Test
    void an_optional_is_there_or_not() throws Exception {
        assertThat(pool.apply(Tasks::highest, List.of(new Point(1, 2), new Point(0, 3))))
                .contains(new Point(0, 3));
        assertThat(pool.apply(Tasks::highest, List.of())).isEmpty();
    }

    @Test
    void records_travel_with_everything_in_them() throws Exception {
        Order order =
                new Order(
                        UUID.randomUUID(),
                        Colour.GREEN,
                        Optional.of("by hand"),
                        LocalDate.of(2024, 2, 29),
                        List.of(new Point(1, 2), new Point(3, 4)));
        assertThat(pool.apply(Order::onTheNextDay, order)).isEqualTo(order.onTheNextDay());
    }

    @Test
    void nested_generics_come_back_as_what_the_method_declares() throws Exception {
        Map<String, List<Point>> bySide =
                pool.apply(
                        Tasks::bySide,
                        List.of(new Point(-1, 0), new Point(1, 0), new Point(-2, 5)));
        assertThat(bySide)
                .containsOnly(
                        Map.entry("left", List.of(new Point(-1, 0), new Point(-2, 5))),
                        Map.entry("right", List.of(new Point(1, 0))));
    }

    @Test
    void a_result_of_a_type_variable_comes_as_plain_values() throws Exception {
        RemoteFunction<Object, Object> same = Tasks::same;
        assertThat(pool.apply(same, new Point(1, 2))).isEqualTo(Map.of("x", 1, "y", 2));
    }

    @Test
    void returning_says_what_to_make_of_a_result() throws Exception {
        RemoteFunction<Object, Object> same = Tasks::same;
        Object back = pool.apply(Work.of(same).returning(Point.class), new Point(1, 2));
        assertThat(back).isEqualTo(new Point(1, 2));
    }

    @Test
    void a_payload_stays_unopened() throws Exception {
        Payload json = Payload.json("{ \"b\":1,  \"a\":[2] }");
        assertThat(pool.apply(Work.named(new TaskName("echo"), Payload.class), json))
                .isEqualTo(json);
    }

    // Failures

    @Test
    void what_a_task_throws_fails_its_call_with_type_message_and_remote_stack() {
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> pool.apply(Tasks::half, 7))
                .withMessage("'Tasks::half' failed: java.lang.IllegalArgumentException: 7 is odd")
                .satisfies(failed -> {
                    assertThat(failed.failure().kind()).isEqualTo(Failure.Kind.TASK);
                    assertThat(failed.failure().type())
                            .isEqualTo("java.lang.IllegalArgumentException");
                    assertThat(failed.outcome()).isInstanceOf(Outcome.Failed.class);
                })
                .havingCause()
                .withMessageContaining("at org.processpool.pool.Tasks.half(Tasks.java:");
    }

    @Test
    void a_task_that_throws_leaves_its_worker_alive() throws Exception {
        long before = pool.apply(Tasks::pid);
        assertThat(pool.applyAsync(Tasks::half, 7).await(Occupied.LONG)).isTrue();
        assertThat(pool.apply(Tasks::pid)).isEqualTo(before);
    }

    @Test
    void a_result_that_cannot_travel_fails_its_call() {
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> pool.apply(Tasks::aThread))
                .withMessageContaining("java.lang.Thread")
                .satisfies(failed ->
                        assertThat(failed.failure().kind()).isEqualTo(Failure.Kind.RESULT));
    }

    @Test
    void an_input_that_does_not_fit_fails_its_call() {
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> pool.apply(new TaskName("sleep"), "soon"))
                .satisfies(failed ->
                        assertThat(failed.failure().kind()).isEqualTo(Failure.Kind.INPUT));
    }

    // Interrupts

    @Test
    void an_interrupt_ends_the_wait_and_cancels_the_call() throws Exception {
        var running = new CompletableFuture<Long>();
        var thrown = new CompletableFuture<Throwable>();
        Thread caller =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Occupied.running(pool, running).apply(Tasks::waitToBeCancelled);
                                thrown.complete(new AssertionError("it returned"));
                            } catch (InterruptedException | RuntimeException expected) {
                                thrown.complete(expected);
                            }
                        });
        long worker = Occupied.pid(running);
        caller.interrupt();
        assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        assertThat(pool.apply(Tasks::pid)).as("the worker that is free again").isEqualTo(worker);
    }
}
