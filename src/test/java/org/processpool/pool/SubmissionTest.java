package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.processpool.task.TaskName;
import org.processpool.wire.EncodingException;

/** What a pool does not accept. Nothing of a refused call is ever run. */
@Timeout(60)
class SubmissionTest {

    private static final TaskName ECHO = new TaskName("echo");
    private static final TaskName TALK = new TaskName("talk");

    private static ProcessPool open;
    private static ProcessPool closed;
    private static ProcessPool broken;

    @BeforeAll
    static void start_pools() {
        open = ProcessPool.builder().name("open").inline().processes(1).maxPayload(1024).open();
        closed = ProcessPool.builder().name("shut").inline().processes(1).build();
        closed.close();
        broken =
                ProcessPool.builder()
                        .name("broken")
                        .inline()
                        .processes(1)
                        .startFailures(1)
                        .initializer(Tasks::startUnless, "no model")
                        .open();
        await().until(() -> broken.snapshot().state() == PoolState.BROKEN);
    }

    @AfterAll
    static void end_pools() {
        open.close();
        broken.close();
    }

    // Every way to submit

    private interface Submission {
        void to(ProcessPool pool) throws Exception;
    }

    private record Way(String name, Submission submission) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Way> ways() {
        var numbers = List.of(1, 2, 3);
        var pairs = List.of(Arguments.of(1, 2));
        var triples = List.of(Arguments.of("word", 0, 1));
        return List.of(
                new Way("apply()", p -> p.apply(Tasks::pid)),
                new Way("apply(1)", p -> p.apply(Tasks::square, 1)),
                new Way("apply(2)", p -> p.apply(Tasks::minus, 1, 2)),
                new Way("apply(3)", p -> p.apply(Tasks::between, "word", 0, 1)),
                new Way("apply(work)", p -> p.apply(Work.named("echo"), 1)),
                new Way("apply(task)", p -> p.apply(ECHO, 1)),
                new Way("applyAsync()", p -> p.applyAsync(Tasks::pid)),
                new Way("applyAsync(1)", p -> p.applyAsync(Tasks::square, 1)),
                new Way("applyAsync(2)", p -> p.applyAsync(Tasks::minus, 1, 2)),
                new Way("applyAsync(3)", p -> p.applyAsync(Tasks::between, "word", 0, 1)),
                new Way("applyAsync(callbacks)", p -> p.applyAsync(Tasks::square, 1, null, null)),
                new Way("applyAsync(work)", p -> p.applyAsync(Work.named("echo"), 1)),
                new Way("applyAsync(task)", p -> p.applyAsync(ECHO, 1)),
                new Way("map", p -> p.map(Tasks::square, numbers)),
                new Way("map(chunkSize)", p -> p.map(Tasks::square, numbers, 2)),
                new Way("map of nothing", p -> p.map(Tasks::square, List.of())),
                new Way("mapAsync", p -> p.mapAsync(Tasks::square, numbers)),
                new Way("mapAsync(chunkSize)", p -> p.mapAsync(Tasks::square, numbers, 2)),
                new Way("mapAsync(callbacks)", p -> p.mapAsync(Tasks::square, numbers, null, null)),
                new Way("starmap(2)", p -> p.starmap(Tasks::minus, pairs)),
                new Way("starmap(3)", p -> p.starmap(Tasks::between, triples)),
                new Way("starmapAsync(2)", p -> p.starmapAsync(Tasks::minus, pairs)),
                new Way("starmapAsync(3)", p -> p.starmapAsync(Tasks::between, triples)),
                new Way("imap", p -> p.imap(Tasks::square, numbers)),
                new Way("imapUnordered", p -> p.imapUnordered(Tasks::square, numbers)),
                new Way("lease", ProcessPool::lease),
                new Way("requestLease", ProcessPool::requestLease),
                new Way("converse", p -> p.converse(TALK)),
                new Way("with(options)", p -> p.with(CallOptions.DEFAULT).apply(Tasks::pid)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void a_closed_pool_refuses(Way way) {
        assertThatExceptionOfType(PoolRejectedException.Closed.class)
                .isThrownBy(() -> way.submission().to(closed))
                .withMessage("pool 'shut' is closed and takes no more calls");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void a_broken_pool_refuses_and_says_why_it_is_broken(Way way) {
        assertThatExceptionOfType(PoolRejectedException.Broken.class)
                .isThrownBy(() -> way.submission().to(broken))
                .withMessageContaining("pool 'broken' cannot start workers: ")
                .withMessageContaining("the initializer failed: ")
                .withMessageContaining("no model");
    }

    @Test
    void a_closed_pool_does_not_touch_the_input_of_a_map_it_refuses() {
        Iterator<Integer> untouchable =
                new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        throw new AssertionError("the input was read");
                    }

                    @Override
                    public Integer next() {
                        throw new AssertionError("the input was read");
                    }
                };
        assertThatExceptionOfType(PoolRejectedException.Closed.class)
                .isThrownBy(() -> closed.imap(Tasks::square, () -> untouchable));
    }

    // Bad arguments

    @Test
    void a_chunk_size_below_one_is_refused() {
        List<Integer> numbers = List.of(1);
        for (Submission submission :
                List.<Submission>of(
                        p -> p.map(Tasks::square, numbers, 0),
                        p -> p.mapAsync(Tasks::square, numbers, 0),
                        p -> p.imap(Tasks::square, numbers, 0),
                        p -> p.imapUnordered(Tasks::square, numbers, 0),
                        p -> p.starmapAsync(Tasks::minus, List.of(Arguments.of(1, 2)), 0))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> submission.to(open))
                    .withMessage("chunkSize must be at least 1, was 0");
        }
    }

    @Test
    void code_that_captures_is_refused() {
        int captured = List.of(1).size();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open.apply((Integer number) -> number + captured, 1))
                .withMessageContaining("captures 1 value of its surroundings");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open.map((Integer number) -> number + captured, List.of(1)))
                .withMessageContaining("captures 1 value of its surroundings");
    }

    @Test
    void an_argument_that_cannot_travel_is_refused_with_its_place() {
        assertThatExceptionOfType(EncodingException.class)
                .isThrownBy(() -> open.apply(ECHO, Thread.currentThread()))
                .withMessageContaining("java.lang.Thread");
        assertThatExceptionOfType(EncodingException.class)
                .isThrownBy(() -> open.apply(ECHO, Map.of("inner", List.of(1, new Object()))))
                .withMessageContaining("/inner/1");
        assertThatExceptionOfType(EncodingException.class)
                .isThrownBy(() -> open.map(Work.named("echo"), List.of(1, new Object())));
    }

    @Test
    void an_argument_larger_than_the_pool_carries_is_refused_with_both_sizes() {
        assertThatExceptionOfType(PoolRejectedException.PayloadTooLarge.class)
                .isThrownBy(() -> open.apply(Tasks::reversed, new byte[1025]))
                .withMessage(
                        "an argument of 'Tasks::reversed' has 1,025 bytes, over the limit of"
                                + " 1,024; in a map, a smaller chunkSize helps")
                .satisfies(refused -> {
                    assertThat(refused.size()).isEqualTo(1025);
                    assertThat(refused.limit()).isEqualTo(1024);
                });
    }

    @Test
    void an_argument_exactly_as_large_as_the_pool_carries_is_accepted() throws Exception {
        assertThat(open.apply(Tasks::reversed, new byte[1024])).hasSize(1024);
    }

    @Test
    void a_result_larger_than_the_pool_carries_fails_its_call() {
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> open.apply((Integer n) -> "x".repeat(n), 1025))
                .withMessageContaining("1,025");
    }

    @Test
    void items_of_a_map_are_all_arguments_or_none_is() {
        List<Object> mixed = List.of(Arguments.of(1, 2), 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open.map(Work.named("echo"), mixed, 2))
                .withMessage("the items of a map must all be Arguments, or none");
    }

    // A full line

    private static ProcessPool withLineOf(int places, PoolConfig.WhenFull whenFull)
            throws InterruptedException {
        ProcessPool pool =
                ProcessPool.builder()
                        .name("narrow")
                        .inline()
                        .processes(1)
                        .queueLimit(places)
                        .whenFull(whenFull)
                        .open();
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
        return pool;
    }

    @Test
    void a_full_line_refuses_with_its_numbers() throws Exception {
        try (ProcessPool pool = withLineOf(2, PoolConfig.WhenFull.REFUSE)) {
            AsyncResult<Integer> second;
            try (Occupied _ = Occupied.in(pool)) {
                AsyncResult<Integer> first = pool.applyAsync(Tasks::square, 2);
                second = pool.applyAsync(Tasks::square, 3);
                assertThatExceptionOfType(PoolRejectedException.QueueFull.class)
                        .isThrownBy(() -> pool.applyAsync(Tasks::square, 4))
                        .withMessage(
                                "pool 'narrow' is saturated: 1 of 1 workers busy, 2 calls waiting,"
                                        + " limit 2")
                        .satisfies(refused -> {
                            assertThat(refused.queued()).isEqualTo(2);
                            assertThat(refused.limit()).isEqualTo(2);
                        });
                first.cancel();
                assertThat(pool.applyAsync(Tasks::square, 5)).as("has the place").isNotNull();
            }
            assertThat(second.get()).isEqualTo(9);
            assertThat(pool.snapshot().rejected()).isEqualTo(1);
        }
    }

    @Test
    void a_map_is_accepted_whole_if_one_call_may_wait() throws Exception {
        try (ProcessPool pool = withLineOf(1, PoolConfig.WhenFull.REFUSE)) {
            assertThat(pool.map(Tasks::square, List.of(1, 2, 3, 4), 1))
                    .containsExactly(1, 4, 9, 16);
        }
    }

    @Test
    void a_line_without_places_serves_those_who_need_not_wait_and_refuses_the_others()
            throws Exception {
        try (ProcessPool pool = withLineOf(0, PoolConfig.WhenFull.REFUSE)) {
            assertThat(pool.apply(Tasks::square, 3)).isEqualTo(9);
            try (Occupied _ = Occupied.in(pool)) {
                assertThatExceptionOfType(PoolRejectedException.QueueFull.class)
                        .isThrownBy(() -> pool.applyAsync(Tasks::square, 4))
                        .withMessageEndingWith("1 of 1 workers busy, 0 calls waiting, limit 0");
            }
        }
    }

    private static CompletableFuture<Integer> submittedElsewhere(ProcessPool pool, Thread[] who) {
        var done = new CompletableFuture<Integer>();
        who[0] =
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> {
                            try {
                                done.complete(pool.apply(Tasks::square, 4));
                            } catch (InterruptedException | RuntimeException thrown) {
                                done.completeExceptionally(thrown);
                            }
                        });
        await().until(() -> who[0].getState() == Thread.State.WAITING);
        return done;
    }

    @Test
    void a_full_line_that_blocks_lets_the_caller_wait_for_a_place() throws Exception {
        try (ProcessPool pool = withLineOf(1, PoolConfig.WhenFull.BLOCK)) {
            CompletableFuture<Integer> blocked;
            AsyncResult<Integer> waiting;
            try (Occupied _ = Occupied.in(pool)) {
                waiting = pool.applyAsync(Tasks::square, 3);
                blocked = submittedElsewhere(pool, new Thread[1]);
                assertThat(pool.snapshot().queued()).isEqualTo(1);
            }
            assertThat(waiting.get()).isEqualTo(9);
            assertThat(blocked.get(30, TimeUnit.SECONDS)).isEqualTo(16);
            assertThat(pool.snapshot().rejected()).isZero();
        }
    }

    @Test
    void a_caller_who_wants_to_wait_for_a_place_waits_also_where_others_are_refused()
            throws Exception {
        try (ProcessPool pool = withLineOf(1, PoolConfig.WhenFull.REFUSE)) {
            CompletableFuture<Integer> patient;
            AsyncResult<Integer> waiting;
            try (Occupied _ = Occupied.in(pool)) {
                waiting = pool.applyAsync(Tasks::square, 3);
                assertThatExceptionOfType(PoolRejectedException.QueueFull.class)
                        .isThrownBy(() -> pool.applyAsync(Tasks::square, 5));
                patient =
                        submittedElsewhere(
                                pool.with(CallOptions.DEFAULT.waitForRoom(true)), new Thread[1]);
                assertThat(pool.snapshot().queued()).isEqualTo(1);
            }
            assertThat(waiting.get()).isEqualTo(9);
            assertThat(patient.get(30, TimeUnit.SECONDS)).isEqualTo(16);
            assertThat(pool.snapshot().rejected()).isEqualTo(1);
        }
    }

    @Test
    void a_map_and_a_lease_can_wait_for_a_place_too() throws Exception {
        try (ProcessPool pool = withLineOf(0, PoolConfig.WhenFull.REFUSE)) {
            ProcessPool patient = pool.with(CallOptions.DEFAULT.waitForRoom(true));
            var done = new CompletableFuture<List<Integer>>();
            Thread mapping;
            try (Occupied _ = Occupied.in(pool)) {
                mapping =
                        Thread.ofPlatform()
                                .daemon()
                                .start(() -> {
                                    try (Lease lease = patient.lease()) {
                                        lease.apply(Work.of(Tasks::square), 1);
                                        done.complete(List.of());
                                    } catch (InterruptedException | RuntimeException thrown) {
                                        done.completeExceptionally(thrown);
                                    }
                                });
                await().until(() -> mapping.getState() == Thread.State.WAITING);
                assertThatExceptionOfType(PoolRejectedException.QueueFull.class)
                        .isThrownBy(pool::requestLease);
            }
            assertThat(done.get(30, TimeUnit.SECONDS)).isEmpty();
            assertThat(patient.map(Tasks::square, List.of(1, 2), 1)).containsExactly(1, 4);
        }
    }

    @Test
    void a_line_without_places_that_blocks_lets_the_caller_wait_for_a_worker() throws Exception {
        try (ProcessPool pool = withLineOf(0, PoolConfig.WhenFull.BLOCK)) {
            CompletableFuture<Integer> blocked;
            try (Occupied _ = Occupied.in(pool)) {
                blocked = submittedElsewhere(pool, new Thread[1]);
            }
            assertThat(blocked.get(30, TimeUnit.SECONDS)).isEqualTo(16);
        }
    }

    @Test
    void whoever_is_blocked_at_the_end_of_the_pool_is_refused() throws Exception {
        ProcessPool pool = withLineOf(0, PoolConfig.WhenFull.BLOCK);
        CompletableFuture<Integer> blocked;
        try (Occupied _ = Occupied.in(pool)) {
            blocked = submittedElsewhere(pool, new Thread[1]);
            pool.terminate();
        }
        assertThat(blocked)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(PoolRejectedException.Closed.class);
    }

    @Test
    void whoever_is_blocked_and_interrupted_is_refused_and_stays_interrupted() throws Exception {
        try (ProcessPool pool = withLineOf(0, PoolConfig.WhenFull.BLOCK);
                Occupied _ = Occupied.in(pool)) {
            var who = new Thread[1];
            CompletableFuture<Integer> blocked = submittedElsewhere(pool, who);
            who[0].interrupt();
            assertThat(blocked)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(PoolRejectedException.QueueFull.class);
        }
    }
}
