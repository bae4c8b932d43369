package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results while they come, of input that may have no end. */
@Timeout(60)
class ImapTest {

    private static ProcessPool pool;

    @BeforeAll
    static void start_a_pool_of_two() throws InterruptedException {
        pool = ProcessPool.builder().name("imap").processes(2).open();
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    /** All numbers, counting how many were read. */
    private static final class Endless implements Iterable<Integer> {
        int read;

        @Override
        public Iterator<Integer> iterator() {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Integer next() {
                    return read++;
                }
            };
        }
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /** What came, failures as their messages. */
    private static List<Object> drained(ResultIterator<?> results) {
        List<Object> all = new ArrayList<>();
        while (results.hasNext()) {
            try {
                all.add(results.next());
            } catch (CallException failed) {
                all.add(failed.getMessage());
            }
        }
        return all;
    }

    // Order

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 50})
    void imap_gives_results_in_the_order_of_the_input(int chunkSize) {
        assertThat(drained(pool.imap(Tasks::square, numbers(20), chunkSize)))
                .isEqualTo(IntStream.range(0, 20).mapToObj(n -> (Object) (n * n)).toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 50})
    void imap_unordered_gives_every_result_once(int chunkSize) {
        assertThat(drained(pool.imapUnordered(Tasks::square, numbers(20), chunkSize)))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 20).mapToObj(n -> (Object) (n * n)).toList());
    }

    @Test
    void imap_unordered_does_not_wait_for_a_slow_item() throws Exception {
        RemoteFunction<Integer, Long> firstWaits =
                number -> number == 0 ? Tasks.waitToBeCancelled() : number;
        try (ResultIterator<Long> results = pool.imapUnordered(firstWaits, numbers(3))) {
            assertThat(List.of(results.next(), results.next())).containsExactly(1L, 2L);
        }
    }

    @Test
    void no_input_has_no_results() {
        ResultIterator<Integer> results = pool.imap(Tasks::square, List.of());
        assertThat(results.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(results::next);
    }

    @Test
    void after_the_last_result_there_is_none() {
        ResultIterator<Integer> results = pool.imap(Tasks::square, List.of(3));
        assertThat(results.next()).isEqualTo(9);
        assertThat(results.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(results::next);
    }

    // Laziness

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void the_input_is_read_at_most_a_window_ahead(int chunkSize) {
        var endless = new Endless();
        ProcessPool careful = pool.with(CallOptions.DEFAULT.window(10));
        try (ResultIterator<Integer> results = careful.imap(Tasks::square, endless, chunkSize)) {
            for (int i = 0; i < 100; i++) {
                assertThat(results.next()).isEqualTo(i * i);
                assertThat(endless.read).isBetween(i + 1, i + 1 + 10);
            }
        }
    }

    @Test
    void the_window_is_bounded_also_when_nobody_says_how() {
        var endless = new Endless();
        try (ResultIterator<Integer> results = pool.imap(Tasks::square, endless)) {
            assertThat(results.next()).isZero();
            assertThat(endless.read).isLessThanOrEqualTo(1 + 256 * 2);
        }
    }

    @Test
    void once_closed_it_reads_no_more_and_has_no_more() {
        var endless = new Endless();
        ResultIterator<Integer> results = pool.imap(Tasks::square, endless);
        results.next();
        results.close();
        int read = endless.read;
        assertThat(results.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(results::next);
        assertThat(endless.read).isEqualTo(read);
        results.close();
    }

    @Test
    void closing_cancels_what_is_under_way() throws Exception {
        RemoteFunction<Integer, Long> waiting = _ -> Tasks.waitToBeCancelled();
        pool.imap(waiting, new Endless()).close();
        assertThat(pool.map(Tasks::square, List.of(1, 2, 3), 1)).containsExactly(1, 4, 9);
        assertThat(pool.snapshot().queued()).isZero();
    }

    // Errors

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void an_error_appears_at_its_place_and_the_results_go_on(int chunkSize) {
        assertThat(drained(pool.imap(Tasks::half, List.of(2, 3, 4, 6, 7, 8), chunkSize)))
                .containsExactly(
                        1,
                        "'Tasks::half' failed: java.lang.IllegalArgumentException: 3 is odd",
                        2,
                        3,
                        "'Tasks::half' failed: java.lang.IllegalArgumentException: 7 is odd",
                        4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void unordered_results_go_on_after_an_error_too(int chunkSize) {
        assertThat(drained(pool.imapUnordered(Tasks::half, List.of(2, 3, 4, 6, 7, 8), chunkSize)))
                .hasSize(6)
                .contains(1, 2, 3, 4);
    }

    @Test
    void input_that_throws_ends_the_results_after_those_of_what_came_before() {
        Iterator<Integer> torn =
                Stream.of(1, 2, 3)
                        .peek(number -> {
                            if (number == 3) {
                                throw new IllegalStateException("the file is torn");
                            }
                        })
                        .iterator();
        ResultIterator<Integer> results = pool.imap(Tasks::square, () -> torn);
        assertThat(results.next()).isEqualTo(1);
        assertThat(results.next()).isEqualTo(4);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(results::next)
                .withMessage("the file is torn");
        assertThat(results.hasNext()).isFalse();
    }

    @Test
    void input_that_throws_within_a_chunk_still_gives_the_results_of_what_came_before() {
        Iterator<Integer> torn =
                Stream.of(1, 2, 3)
                        .peek(number -> {
                            if (number == 3) {
                                throw new IllegalStateException("the file is torn");
                            }
                        })
                        .iterator();
        ResultIterator<Integer> results = pool.imap(Tasks::square, () -> torn, 5);
        assertThat(results.next()).isEqualTo(1);
        assertThat(results.next()).isEqualTo(4);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(results::next)
                .withMessage("the file is torn");
    }

    @Test
    void an_item_that_cannot_travel_ends_the_results_after_those_of_what_came_before() {
        ResultIterator<Object> results =
                pool.imap(Work.named("echo"), List.of(1, new Object()).iterator(), 1);
        assertThat(results.next()).isEqualTo(1);
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(results::next);
    }

    // Patience

    @Test
    void next_with_patience_gives_up_and_can_be_asked_again() throws Exception {
        ResultIterator<Integer> results;
        try (Occupied _ = Occupied.in(pool);
                Occupied _ = Occupied.in(pool)) {
            results = pool.imap(Tasks::square, List.of(3));
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> results.next(Duration.ofMillis(5)))
                    .withMessage("no result after 5 ms");
        }
        assertThat(results.next(Occupied.LONG)).isEqualTo(9);
    }

    @Test
    void an_interrupt_ends_the_wait_and_stays_visible() throws Exception {
        try (Occupied _ = Occupied.in(pool);
                Occupied _ = Occupied.in(pool);
                ResultIterator<Integer> results = pool.imap(Tasks::square, List.of(3))) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(CancellationException.class).isThrownBy(results::next);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    // As a stream

    @Test
    void the_results_are_a_lazy_stream_too() {
        var endless = new Endless();
        try (Stream<Integer> squares =
                pool.with(CallOptions.DEFAULT.window(10)).imap(Tasks::square, endless).stream()) {
            assertThat(squares.filter(square -> square % 2 == 1).limit(3))
                    .containsExactly(1, 9, 25);
        }
        assertThat(endless.read).isLessThanOrEqualTo(20);
    }
}
