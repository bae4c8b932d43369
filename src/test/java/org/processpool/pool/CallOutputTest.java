package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.processpool.pool.Output.Stream.STDERR;
import static org.processpool.pool.Output.Stream.STDOUT;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a caller hears of what his call prints. */
@Timeout(60)
class CallOutputTest {

    private static final Heard HEARD = new Heard();
    private static ProcessPool pool;

    private final Queue<Output> output = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void start_a_pool() throws InterruptedException {
        pool = ProcessPool.builder().name("printing").processes(1).listener(HEARD).open();
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    private ProcessPool overheard(ProcessPool which) {
        return which.with(CallOptions.DEFAULT.onOutput(output::add));
    }

    private String printed(Output.Stream stream) {
        return output.stream()
                .filter(each -> each.stream() == stream)
                .map(Output::text)
                .collect(Collectors.joining());
    }

    @Test
    void all_of_it_is_heard_before_the_result_and_each_stream_by_itself() throws Exception {
        assertThat(overheard(pool).apply(Tasks::sayAround, "one")).isEqualTo("one");
        assertThat(output)
                .containsExactly(
                        new Output(STDOUT, "out one\n"),
                        new Output(STDERR, "err one\n"),
                        new Output(STDOUT, "aside one\n"),
                        new Output(STDOUT, "rest one"));
    }

    @Test
    void it_is_in_the_worker_s_log_as_well() throws Exception {
        overheard(pool).apply(Tasks::say, "for both");
        assertThat(output).containsExactly(new Output(STDOUT, "for both\n"));
        await().untilAsserted(() ->
                assertThat(HEARD.news(Heard.Said.class)).contains(new Heard.Said("for both")));
    }

    @Test
    void a_call_that_is_not_overheard_tells_nobody_else_s_listener() throws Exception {
        overheard(pool).apply(Tasks::say, "mine");
        pool.apply(Tasks::say, "not mine");
        overheard(pool).apply(Tasks::say, "mine again");
        assertThat(printed(STDOUT)).isEqualTo("mine\nmine again\n");
    }

    /** The calls before may have been other clients'. */
    @Test
    void the_last_words_of_a_worker_are_those_of_the_call_it_died_of() throws Exception {
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 5; i++) {
                var _ = pool.applyAsync(Tasks::say, "secret");
            }
            AsyncResult<Integer> dying = pool.applyAsync(Tasks::sayAndDie, "mine");
            dies(dying, lastWords -> assertThat(lastWords).isEqualTo("mine\n"));
        }
    }

    private static void dies(AsyncResult<?> call, Consumer<String> lastWords) {
        assertThatExceptionOfType(CallException.class)
                .isThrownBy(call::get)
                .satisfies(thrown ->
                        assertThat(thrown.outcome())
                                .isInstanceOfSatisfying(
                                        Outcome.Crashed.class,
                                        crashed -> lastWords.accept(crashed.lastWords())));
    }

    /** A worker cannot tell what its children print, nor that a line of theirs has no end. */
    @Test
    void what_a_child_left_unended_is_not_among_the_last_words_of_a_later_call() throws Exception {
        assertThat(pool.apply(Tasks::haveSaid, "ended\nsecret")).isZero();
        await().untilAsserted(() ->
                assertThat(HEARD.news(Heard.Said.class)).contains(new Heard.Said("ended")));
        AsyncResult<Integer> dying = pool.applyAsync(Tasks::die, 3);
        dies(dying, lastWords -> assertThat(lastWords).doesNotContain("secret"));
        await().untilAsserted(() ->
                assertThat(HEARD.news(Heard.Said.class)).contains(new Heard.Said("secret")));
    }

    @Test
    void calls_sent_ahead_hear_each_their_own() throws Exception {
        List<Queue<Output>> heard = new ArrayList<>();
        List<AsyncResult<String>> results = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            Queue<Output> own = new ConcurrentLinkedQueue<>();
            heard.add(own);
            results.add(
                    pool.with(CallOptions.DEFAULT.onOutput(own::add))
                            .applyAsync(Tasks::say, "line " + i));
        }
        for (int i = 0; i < 500; i++) {
            results.get(i).get();
            assertThat(heard.get(i)).containsExactly(new Output(STDOUT, "line " + i + "\n"));
        }
    }

    @Test
    void a_map_is_heard_chunk_by_chunk() throws Exception {
        List<String> words = IntStream.range(0, 10).mapToObj(i -> "item " + i).toList();
        assertThat(overheard(pool).map(Tasks::say, words, 3)).isEqualTo(words);
        assertThat(printed(STDOUT)).isEqualTo(String.join("\n", words) + "\n");
    }

    @Test
    void ten_mebibytes_are_told_up_to_the_bound() throws Exception {
        assertThat(overheard(pool).apply(Tasks::sayMuch, 10)).isEqualTo(10);
        assertThat(printed(STDOUT))
                .startsWith("0123456789abcde\n")
                .endsWith(
                        "\nprocess-pool: the call printed more than 1,048,576 bytes to standard"
                                + " output; the rest is cut\n")
                .hasSizeBetween(Output.MOST_BYTES, Output.MOST_BYTES + 200);
        assertThat(output).allSatisfy(o -> assertThat(o.text()).hasSizeLessThanOrEqualTo(65_536));
    }

    @Test
    void a_listener_that_throws_harms_nothing() throws Exception {
        ProcessPool broken =
                pool.with(
                        CallOptions.DEFAULT.onOutput(_ -> {
                            throw new IllegalStateException("thrown on purpose");
                        }));
        assertThat(broken.apply(Tasks::say, "to the deaf")).isEqualTo("to the deaf");
    }

    @Test
    void in_inline_mode_it_is_what_the_thread_of_the_call_prints() throws Exception {
        try (ProcessPool inline = ProcessPool.builder().inline().processes(2).open()) {
            assertThat(overheard(inline).apply(Tasks::sayAround, "here")).isEqualTo("here");
            assertThat(printed(STDOUT)).isEqualTo("out here\nrest here");
            assertThat(printed(STDERR)).isEqualTo("err here\n");
        }
    }

    @Test
    void in_inline_mode_calls_side_by_side_hear_each_their_own() throws Exception {
        List<String> words = IntStream.range(0, 50).mapToObj(i -> "word " + i).toList();
        Queue<Output> others = new ConcurrentLinkedQueue<>();
        try (ProcessPool inline = ProcessPool.builder().inline().processes(2).open()) {
            var first = overheard(inline).mapAsync(Tasks::say, words, 1);
            var second =
                    inline.with(CallOptions.DEFAULT.onOutput(others::add))
                            .mapAsync(Tasks::say, List.of("other", "other"), 1);
            first.get();
            second.get();
        }
        assertThat(output)
                .extracting(Output::text)
                .containsExactlyInAnyOrderElementsOf(
                        words.stream().map(word -> word + "\n").toList());
        assertThat(others).extracting(Output::text).containsExactly("other\n", "other\n");
    }
}
