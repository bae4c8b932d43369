package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results of input that arrives bit by bit. */
@Timeout(60)
class ItemSourceTest {

    private static ProcessPool pool;

    @BeforeAll
    static void start_a_pool_of_two() throws InterruptedException {
        pool = ProcessPool.builder().name("source").processes(2).open();
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    /** Has what a test gives it, on whatever thread. */
    private static final class ByHand implements ItemSource<Integer> {
        private final ArrayDeque<Integer> given = new ArrayDeque<>();
        private boolean ended;
        private Runnable wake = () -> {};
        private int asked;

        synchronized void give(Integer... items) {
            given.addAll(List.of(items));
            wake.run();
        }

        synchronized void end() {
            ended = true;
            wake.run();
        }

        @Override
        public synchronized boolean ready() {
            return ended || !given.isEmpty();
        }

        @Override
        public synchronized void onReady(Runnable whom) {
            asked++;
            wake = whom;
            if (ready()) {
                whom.run();
            }
        }

        @Override
        public synchronized boolean hasNext() {
            assertThat(ready()).as("asked while it is not ready").isTrue();
            return !given.isEmpty();
        }

        @Override
        public synchronized Integer next() {
            int item = given.remove();
            if (item < 0) {
                throw new RefusedItemException(item + " is negative");
            }
            return item;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10})
    void a_result_does_not_wait_for_the_next_item_or_a_full_chunk(int chunkSize) throws Exception {
        var source = new ByHand();
        try (ResultIterator<Integer> results =
                pool.imap(Work.of(Tasks::square), source, chunkSize)) {
            for (int i = 0; i < 5; i++) {
                source.give(i);
                assertThat(results.next(Occupied.LONG)).isEqualTo(i * i);
            }
            source.end();
            assertThat(results.hasNext()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_waiting_consumer_is_woken_by_an_item_and_by_the_end(boolean ordered) throws Exception {
        var source = new ByHand();
        Work<Integer, Integer> square = Work.of(Tasks::square);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                ResultIterator<Integer> results =
                        ordered
                                ? pool.imap(square, source, 1)
                                : pool.imapUnordered(square, source, 1)) {
            var consumer = new CompletableFuture<Thread>();
            List<Integer> taken = Collections.synchronizedList(new ArrayList<>());
            Future<?> all =
                    threads.submit(() -> {
                        consumer.complete(Thread.currentThread());
                        while (results.hasNext()) {
                            taken.add(results.next());
                        }
                    });
            await().until(() -> waits(consumer.join()));
            source.give(3);
            await().until(() -> taken.size() == 1 && waits(consumer.join()));
            source.end();
            all.get();
            assertThat(taken).containsExactly(9);
        }
    }

    private static boolean waits(Thread thread) {
        return thread.getState() == Thread.State.TIMED_WAITING
                || thread.getState() == Thread.State.WAITING;
    }

    @Test
    void nothing_in_time_is_a_timeout_after_which_one_can_ask_again() throws Exception {
        var source = new ByHand();
        try (ResultIterator<Integer> results = pool.imap(Work.of(Tasks::square), source, 1)) {
            assertThat(results.ready()).isFalse();
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> results.next(Duration.ofMillis(5)));
            source.give(2);
            await().until(results::ready);
            assertThat(results.next()).isEqualTo(4);
            source.end();
            assertThat(results.ready()).isTrue();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(results::next);
        }
    }

    @Test
    void an_interrupt_ends_the_wait_for_input() {
        try (ResultIterator<Integer> results = pool.imap(Work.of(Tasks::square), new ByHand(), 1)) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(CancellationException.class).isThrownBy(results::hasNext);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10})
    void a_refused_item_appears_at_its_place_and_the_rest_goes_on(int chunkSize) {
        var source = new ByHand();
        source.give(-7, 1, 2, -5, -6, 3);
        source.end();
        List<Object> taken = new ArrayList<>();
        try (ResultIterator<Integer> results =
                pool.imap(Work.of(Tasks::square), source, chunkSize)) {
            for (int i = 0; results.hasNext(); i++) {
                try {
                    taken.add(results.next());
                } catch (ItemSource.RefusedItemException refused) {
                    taken.add(refused.getMessage());
                }
                assertThat(results.index()).isEqualTo(i);
            }
        }
        assertThat(taken)
                .containsExactly("-7 is negative", 1, 4, "-5 is negative", "-6 is negative", 9);
    }

    @Test
    void input_that_is_there_is_not_asked_for_while_no_more_of_it_is_wanted() throws Exception {
        var source = new ByHand();
        for (int i = 0; i < 1000; i++) {
            source.give(i);
        }
        try (Occupied _ = Occupied.in(pool);
                Occupied _ = Occupied.in(pool);
                ResultIterator<Integer> results = pool.imap(Work.of(Tasks::square), source, 1)) {
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> results.next(Duration.ofMillis(300)));
            assertThat(source.asked).as("else a thread is kept busy by asking").isLessThan(10);
        }
    }

    @Test
    void a_refused_item_alone_is_told_at_once() {
        var source = new ByHand();
        source.give(-1);
        try (ResultIterator<Integer> results =
                pool.imapUnordered(Work.of(Tasks::square), source, 1)) {
            assertThatExceptionOfType(ItemSource.RefusedItemException.class)
                    .isThrownBy(results::next);
            source.give(4);
            assertThat(results.next()).isEqualTo(16);
            assertThat(results.index()).isEqualTo(1);
        }
    }

    @Test
    void an_unordered_result_knows_which_item_it_is_of() {
        RemoteFunction<Integer, Integer> oddFails = Tasks::half;
        try (ResultIterator<Integer> results =
                pool.imapUnordered(oddFails, List.of(0, 2, 3, 6, 8, 9), 2)) {
            assertThat(results.index()).isEqualTo(-1);
            while (results.hasNext()) {
                try {
                    int half = results.next();
                    assertThat(List.of(0, 2, 3, 6, 8, 9).get((int) results.index()))
                            .isEqualTo(2 * half);
                } catch (CallException failed) {
                    assertThat(results.index()).isIn(2L, 5L);
                }
            }
        }
    }

    // A full line

    @Test
    void the_first_items_are_refused_by_a_full_line_and_later_ones_wait() throws Exception {
        try (ProcessPool tight =
                        ProcessPool.builder().name("tight").processes(1).queueLimit(1).open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(tight.awaitReady(Occupied.LONG)).isTrue();
            var source = new ByHand();
            ResultIterator<Integer> results = tight.imap(Work.of(Tasks::square), source, 1);
            source.give(2);
            assertThat(results.next()).isEqualTo(4);
            var waits = new CompletableFuture<Void>();
            Future<Integer> next;
            AsyncResult<Integer> waiting;
            try (Occupied _ = Occupied.in(tight)) {
                waiting = tight.applyAsync(Tasks::square, 5);
                source.give(3);
                next =
                        threads.submit(() -> {
                            assertThat(results.ready()).isFalse();
                            waits.complete(null);
                            return results.next();
                        });
                waits.join();
                assertThatExceptionOfType(PoolRejectedException.QueueFull.class)
                        .isThrownBy(() -> tight.imap(Tasks::square, List.of(1)).next());
            }
            assertThat(waiting.get()).isEqualTo(25);
            assertThat(next.get()).isEqualTo(9);
            results.close();
        }
    }

    @Test
    void who_waits_for_room_can_be_interrupted_and_go_on() throws Exception {
        try (ProcessPool tight =
                ProcessPool.builder().name("tight").processes(1).queueLimit(0).open()) {
            assertThat(tight.awaitReady(Occupied.LONG)).isTrue();
            var source = new ByHand();
            ResultIterator<Integer> results = tight.imap(Work.of(Tasks::square), source, 1);
            source.give(2);
            assertThat(results.next()).isEqualTo(4);
            try (Occupied _ = Occupied.in(tight)) {
                source.give(3);
                Thread.currentThread().interrupt();
                assertThatExceptionOfType(CancellationException.class).isThrownBy(results::next);
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(results.next()).isEqualTo(9);
            results.close();
        }
    }
}
