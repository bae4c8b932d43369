package org.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.LongStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.task.Payload;
import org.processpool.task.TaskContext;

/** What the tasks and conversations that people copy from promise. */
@Timeout(60)
class ExamplesTest {

    private final TestContext context = new TestContext();

    @Test
    void words_are_counted_most_frequent_first_and_ties_by_alphabet() {
        assertThat(new WordCount().run("to be or not to be", context))
                .containsExactly(entry("be", 2), entry("to", 2), entry("not", 1), entry("or", 1));
    }

    @Test
    void words_are_words_in_any_script() {
        assertThat(new WordCount().run("Straße, STRASSE! Don't… 42 cafe\u0301 café", context))
                .containsOnly(
                        entry("straße", 1),
                        entry("strasse", 1),
                        entry("don't", 1),
                        entry("42", 1),
                        entry("café", 2));
    }

    @Test
    void chinese_is_counted_by_character() {
        assertThat(new WordCount().run("进程池，进程。Pool进", context))
                .containsExactly(entry("进", 3), entry("程", 2), entry("pool", 1), entry("池", 1));
    }

    @Test
    void no_words_are_counted_in_nothing() {
        assertThat(new WordCount().run(" — ", context)).isEmpty();
    }

    @Test
    void a_text_and_its_bytes_have_one_hash() {
        var hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(new Sha256().run("abc", context)).isEqualTo(hash);
        assertThat(new Sha256Bytes().run(new byte[] {'a', 'b', 'c'}, context)).isEqualTo(hash);
    }

    @Test
    void primes_are_counted() {
        var primes = new Primes();
        assertThat(LongStream.of(0, 1, 2, 3, 4, 25, 1_000_000, 10_000_000).boxed())
                .extracting(n -> primes.run(n, context))
                .containsExactly(0L, 0L, 1L, 2L, 2L, 9L, 78_498L, 664_579L);
    }

    @Test
    void the_sieve_and_the_division_agree_at_the_border_of_a_segment() {
        var primes = new Primes();
        for (long n = (1 << 20) - 3; n < (1 << 20) + 20; n++) {
            long step = primes.run(n, context) - primes.run(n - 1, context);
            assertThat(step == 1).as("%d is prime", n).isEqualTo(Primes.isPrime(n));
        }
    }

    @Test
    void a_number_is_prime_or_not() {
        assertThat(LongStream.rangeClosed(-3, 30).filter(Primes::isPrime))
                .containsExactly(2L, 3L, 5L, 7L, 11L, 13L, 17L, 19L, 23L, 29L);
        assertThat(Primes.isPrime(112_272_535_095_293L)).isTrue();
        assertThat(Primes.isPrime(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void counting_primes_tells_how_far_it_is() {
        new Primes().run(3_000_000L, context);
        assertThat(context.progress)
                .hasSize(3)
                .isSortedAccordingTo((a, b) -> Long.compare(a.done(), b.done()))
                .endsWith(new TestContext.Progress(3_000_000, 3_000_000));
    }

    @Test
    void counting_primes_ends_when_cancelled() {
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> new Primes().run(10L, TestContext.ofCancelledCall()));
    }

    @Test
    void numbers_out_of_reach_are_refused_by_name() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Primes().run(-1L, context))
                .withMessageContaining("was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Primes().run(1_000_000_001L, context))
                .withMessageContaining("was 1000000001");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Fib().run(-1, context))
                .withMessageContaining("was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Fib().run(100_001, context))
                .withMessageContaining("was 100001");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sleep().run(-5L, context))
                .withMessageContaining("was -5");
    }

    @Test
    void fibonacci_numbers_are_exact() {
        var fib = new Fib();
        assertThat(fib.run(0, context)).isEqualTo(BigInteger.ZERO);
        assertThat(fib.run(1, context)).isEqualTo(BigInteger.ONE);
        assertThat(fib.run(30, context)).isEqualTo(BigInteger.valueOf(832_040));
        assertThat(fib.run(100, context)).isEqualTo(new BigInteger("354224848179261915075"));
        assertThat(fib.run(100_000, context).toString()).hasSize(20_899);
    }

    @Test
    void sleep_returns_how_long_it_slept() throws InterruptedException {
        assertThat(new Sleep().run(20L, context)).isBetween(20L, 30_000L);
    }

    @Test
    void sleep_wakes_when_interrupted() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> new Sleep().run(3_600_000L, context));
    }

    @Test
    void an_echo_is_the_very_same_payload() {
        var payload = Payload.json("{\"a\": 1}");
        assertThat(new Echo().run(payload, context)).isSameAs(payload);
    }

    @Test
    void a_match_tells_its_groups() {
        var regex = new RegexMatch();
        assertThat(regex.run(new RegexMatch.Input("(\\d+)-(\\d+)", "10-20"), context))
                .isEqualTo(new RegexMatch.Match(true, List.of("10", "20")));
        assertThat(regex.run(new RegexMatch.Input("(a)|(b)", "b"), context).groups())
                .containsExactly(null, "b");
        assertThat(regex.run(new RegexMatch.Input("(a)", "ab"), context))
                .isEqualTo(new RegexMatch.Match(false, List.of()));
    }

    @Test
    void the_catastrophe_heeds_no_interrupt() throws InterruptedException {
        var thread =
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> new RegexMatch().run(RegexMatch.CATASTROPHE, context));
        thread.interrupt();
        assertThat(thread.join(Duration.ofSeconds(1))).isFalse();
    }

    @Test
    void gzip_is_unpacked() throws IOException {
        var gzip = Base64.getDecoder().decode("H4sIAAAAAAACA8tIzcnJBwCGphA2BQAAAA==");
        assertThat(new Gunzip().run(gzip, context)).asString().isEqualTo("hello");
    }

    @Test
    void what_is_not_gzip_is_refused() {
        assertThatExceptionOfType(ZipException.class)
                .isThrownBy(() -> new Gunzip().run(new byte[20], context));
    }

    /** What is printed when these pieces are said one after the other. */
    private static List<String> printed(TaskContext context, Payload... pieces) {
        var talk = new Talk();
        var stdout = System.out;
        var printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            for (Payload piece : pieces) {
                assertThat(talk.reply(piece, context)).isEqualTo(piece);
            }
        } finally {
            System.setOut(stdout);
        }
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static Payload text(String text) {
        return new Payload(Payload.Encoding.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Payload bytes(int... bytes) {
        byte[] array = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            array[i] = (byte) bytes[i];
        }
        return Payload.bytes(array);
    }

    @Test
    void talk_says_back_what_it_is_told_and_prints_one_line() {
        assertThat(printed(context, text("你\n好"), text(""), Payload.json("\"好\"")))
                .containsExactly(
                        "进程(4711)来自客户端的消息:你 好", "进程(4711)来自客户端的消息:", "进程(4711)来自客户端的消息:\"好\"");
    }

    @Test
    void talk_prints_a_character_said_in_pieces_when_it_is_whole() {
        assertThat(
                        printed(
                                context,
                                bytes('a', 0xe4, 0xbd),
                                bytes(0xa0, 'b'),
                                bytes(0xf0),
                                bytes(0x9f),
                                bytes(0x98),
                                bytes(0x80)))
                .containsExactly(
                        "进程(4711)来自客户端的消息:a", "进程(4711)来自客户端的消息:你b", "进程(4711)来自客户端的消息:😀");
    }

    @Test
    void talk_prints_bytes_that_are_no_text_as_well_as_it_can() {
        assertThat(printed(context, bytes('a', 0xff, 'b', 0, 0x1b), bytes(0xe4, 'c')))
                .containsExactly("进程(4711)来自客户端的消息:a\uFFFDb  ", "进程(4711)来自客户端的消息:\uFFFDc");
    }

    @Test
    void talk_prints_nothing_of_what_is_said_again_to_another_worker() {
        assertThat(printed(TestContext.ofAttempt(2), text("again"), bytes('a'))).isEmpty();
    }

    @Test
    void each_counter_counts_by_itself() {
        var counter = new Counter();
        var hello = Payload.json("\"hello\"");
        counter.reply(hello, context);
        assertThat(counter.reply(hello, context)).isEqualTo(new Counter.Count(2, 4711));
        assertThat(new Counter().reply(hello, context)).isEqualTo(new Counter.Count(1, 4711));
    }
}
