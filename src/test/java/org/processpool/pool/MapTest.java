package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.Tasks.Point;

/** One piece of code, many items. */
@Timeout(60)
class MapTest {

    private static ProcessPool pool;

    @BeforeAll
    static void start_a_pool_of_two() {
        pool = ProcessPool.builder().name("map").processes(2).open();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static List<Integer> squares(int count) {
        return IntStream.range(0, count).map(n -> n * n).boxed().toList();
    }

    private static long callsEnded() {
        return pool.snapshot().ended().getOrDefault("done", 0L);
    }

    // Order and chunks

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100, 1000})
    void results_come_in_the_order_of_the_items_whatever_the_chunk(int chunkSize) throws Exception {
        assertThat(pool.map(Tasks::square, numbers(100), chunkSize)).isEqualTo(squares(100));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "8, 8", "9, 5", "17, 6", "100, 8"})
    void unless_told_otherwise_items_are_dealt_out_four_times_round(int items, int calls)
            throws Exception {
        long before = callsEnded();
        assertThat(pool.map(Tasks::square, numbers(items))).isEqualTo(squares(items));
        assertThat(callsEnded() - before).isEqualTo(calls);
    }

    @Test
    void the_chunk_size_says_how_many_items_go_in_one_call() throws Exception {
        long before = callsEnded();
        pool.map(Tasks::square, numbers(10), 4);
        assertThat(callsEnded() - before).isEqualTo(3);
    }

    @Test
    void no_items_are_done_at_once_without_a_call() throws Exception {
        long before = callsEnded();
        MapResult<Integer> nothing = pool.mapAsync(Tasks::square, List.of());
        assertThat(nothing.ready()).isTrue();
        assertThat(nothing.successful()).isTrue();
        assertThat(nothing.get()).isEmpty();
        assertThat(nothing.items()).isEmpty();
        assertThat(nothing.total()).isZero();
        assertThat(callsEnded()).isEqualTo(before);
    }

    @Test
    @SuppressWarnings("StreamToIterable") // that it works only once is the point
    void items_may_come_from_anything_that_can_be_gone_through_once() throws Exception {
        Iterable<Integer> once = IntStream.range(0, 20).boxed()::iterator;
        assertThat(pool.map(Tasks::square, once)).isEqualTo(squares(20));
    }

    @Test
    void nulls_are_items_and_results_like_others() throws Exception {
        assertThat(pool.map(Tasks::orNothing, Arrays.asList(null, "", "text"), 2))
                .containsExactly("was nothing", null, "text");
    }

    @Test
    void records_bytes_and_strings_travel_in_chunks_too() throws Exception {
        assertThat(pool.map(Point::mirrored, List.of(new Point(1, 2), new Point(3, 4)), 2))
                .containsExactly(new Point(2, 1), new Point(4, 3));
        assertThat(pool.map(Tasks::reversed, List.of(new byte[] {1, 2}, new byte[0]), 2))
                .containsExactly(new byte[] {2, 1}, new byte[0]);
    }

    @Test
    void a_mutable_input_may_be_changed_once_the_map_was_submitted() throws Exception {
        List<Integer> numbers = new ArrayList<>(numbers(50));
        MapResult<Integer> result = pool.mapAsync(Tasks::square, numbers);
        numbers.clear();
        assertThat(result.get()).isEqualTo(squares(50));
    }

    @Test
    void several_processes_take_part() throws Exception {
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
        try (Occupied busy = Occupied.in(pool)) {
            assertThat(pool.map(Tasks::pidFor, numbers(4), 1)).doesNotContain(busy.pid());
        }
    }

    // Several arguments

    @Test
    void starmap_spreads_two_or_three_arguments() throws Exception {
        assertThat(pool.starmap(Tasks::minus, List.of(Arguments.of(3, 1), Arguments.of(1, 3))))
                .containsExactly(2, -2);
        assertThat(
                        pool.starmap(
                                Tasks::between,
                                List.of(
                                        Arguments.of("process", 0, 3),
                                        Arguments.of("process", 3, 7))))
                .containsExactly("pro", "cess");
    }

    @Test
    void starmap_async_does_the_same_while_the_caller_goes_on() throws Exception {
        assertThat(pool.starmapAsync(Tasks::minus, List.of(Arguments.of(3, 1))).get())
                .containsExactly(2);
        assertThat(pool.starmapAsync(Tasks::minus, List.of(Arguments.of(3, 1)), 5).get())
                .containsExactly(2);
        assertThat(pool.starmapAsync(Tasks::between, List.of(Arguments.of("abc", 1, 2))).get())
                .containsExactly("b");
        assertThat(pool.starmapAsync(Tasks::between, List.of(Arguments.of("abc", 1, 2)), 5).get())
                .containsExactly("b");
    }

    // Failing items

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 100})
    void one_item_that_fails_keeps_no_other_from_running(int chunkSize) throws Exception {
        MapResult<Integer> result = pool.mapAsync(Tasks::half, List.of(2, 4, 5, 6, 7), chunkSize);
        List<MapResult.Item<Integer>> items = result.items();
        assertThat(items).extracting(MapResult.Item::index).containsExactly(0, 1, 2, 3, 4);
        assertThat(items).extracting(MapResult.Item::value).containsExactly(1, 2, null, 3, null);
        assertThat(items)
                .extracting(MapResult.Item::successful)
                .containsExactly(true, true, false, true, false);
        assertThat(items.get(2).error())
                .hasMessage("'Tasks::half' failed: java.lang.IllegalArgumentException: 5 is odd");
        assertThat(result.successful()).isFalse();
    }

    @Test
    void the_error_of_a_map_counts_the_failed_items_and_shows_the_first() {
        assertThatExceptionOfType(CallException.MapFailed.class)
                .isThrownBy(() -> pool.map(Tasks::half, List.of(2, 4, 5, 6, 7), 2))
                .withMessage(
                        "2 of 5 items of 'Tasks::half' failed, first at index 2: 'Tasks::half'"
                                + " failed: java.lang.IllegalArgumentException: 5 is odd")
                .withCauseInstanceOf(CallException.TaskFailed.class)
                .satisfies(failed -> {
                    assertThat(failed.failed()).isEqualTo(2);
                    assertThat(failed.total()).isEqualTo(5);
                });
    }

    @Test
    void a_result_that_cannot_travel_fails_its_item_alone() throws Exception {
        RemoteFunction<Integer, Object> sometimesAThread =
                number -> number == 2 ? Thread.currentThread() : number;
        MapResult<Object> result = pool.mapAsync(sometimesAThread, List.of(1, 2, 3), 3);
        assertThat(result.items())
                .extracting(MapResult.Item::successful)
                .containsExactly(true, false, true);
    }

    @Test
    void a_crash_fails_the_items_of_its_chunk_alone() throws Exception {
        RemoteFunction<Integer, Integer> dieOnFive = number -> number == 5 ? Tasks.die(9) : number;
        MapResult<Integer> result = pool.mapAsync(dieOnFive, numbers(10), 2);
        List<Integer> failed =
                result.items().stream()
                        .filter(item -> !item.successful())
                        .map(MapResult.Item::index)
                        .toList();
        assertThat(failed).containsExactly(4, 5);
        assertThat(result.items().get(5).error()).isInstanceOf(CallException.WorkerCrashed.class);
    }

    // Under way

    @Test
    void a_map_tells_how_many_of_its_items_are_done() throws Exception {
        MapResult<Integer> result = pool.mapAsync(Tasks::square, numbers(30), 3);
        assertThat(result.total()).isEqualTo(30);
        result.get();
        assertThat(result.done()).isEqualTo(30);
    }

    @Test
    void exactly_one_callback_hears_of_the_end() throws Exception {
        var results = new LinkedBlockingQueue<List<Integer>>();
        var errors = new LinkedBlockingQueue<CallException>();
        pool.mapAsync(Tasks::half, List.of(2, 4), results::add, errors::add);
        assertThat(results.poll(30, TimeUnit.SECONDS)).containsExactly(1, 2);
        pool.mapAsync(Tasks::half, List.of(2, 3), results::add, errors::add);
        assertThat(errors.poll(30, TimeUnit.SECONDS)).isInstanceOf(CallException.MapFailed.class);
        assertThat(results).isEmpty();
        assertThat(errors).isEmpty();
    }

    @Test
    void a_cancelled_map_ends_all_its_items() throws Exception {
        RemoteFunction<Integer, Long> waiting = _ -> Tasks.waitToBeCancelled();
        MapResult<Long> result = pool.mapAsync(waiting, numbers(6), 1);
        assertThat(result.cancel()).isTrue();
        assertThat(result.items())
                .extracting(MapResult.Item::error)
                .hasOnlyElementsOfType(CallException.Cancelled.class);
        assertThat(pool.map(Tasks::square, numbers(4))).isEqualTo(squares(4));
    }

    @Test
    void a_hundred_thousand_items_are_no_trouble() throws Exception {
        assertThat(pool.map(Tasks::square, Collections.nCopies(100_000, 3)))
                .hasSize(100_000)
                .containsOnly(9);
    }
}
