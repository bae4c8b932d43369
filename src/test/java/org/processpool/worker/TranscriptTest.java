package org.processpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.processpool.wire.Channel;
import org.processpool.wire.Message.Said;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;

/** What the parent hears of what a call prints. */
class TranscriptTest {

    private final List<Said> said = new ArrayList<>();
    private final Transcript transcript = new Transcript(new Ear(), 7);

    /** Keeps what is sent. */
    private final class Ear implements Channel<ToParent, ToWorker> {
        @Override
        public void send(List<? extends ToParent> messages) {
            messages.forEach(message -> said.add((Said) message));
        }

        @Override
        public ToWorker receive() {
            throw new AssertionError("a transcript does not listen");
        }

        @Override
        public boolean ready(long spinNanos) {
            return false;
        }

        @Override
        public boolean buffered() {
            return false;
        }

        @Override
        public void close() {}
    }

    private void print(String text) {
        print(text.getBytes(StandardCharsets.UTF_8));
    }

    private void print(byte[] bytes) {
        transcript.add(false, bytes, 0, bytes.length);
    }

    private List<String> texts() {
        return said.stream().map(Said::text).toList();
    }

    private String all(boolean error) {
        return said.stream()
                .filter(each -> each.error() == error)
                .map(Said::text)
                .collect(Collectors.joining());
    }

    @Test
    void a_line_is_told_at_once_and_a_half_one_at_the_end() {
        print("one\ntwo\nthr");
        assertThat(said).containsExactly(new Said(7, false, "one\ntwo\n"));
        print("ee\nfour");
        transcript.end();
        assertThat(texts()).containsExactly("one\ntwo\n", "three\n", "four");
    }

    @Test
    void half_a_line_is_told_when_it_is_flushed() {
        print("password: ");
        transcript.flush(true);
        assertThat(said).as("the other stream").isEmpty();
        transcript.flush(false);
        assertThat(texts()).containsExactly("password: ");
    }

    @Test
    void both_streams_are_kept_apart() {
        print("out ");
        transcript.add(true, "err\n".getBytes(StandardCharsets.UTF_8), 0, 4);
        transcript.end();
        assertThat(said).containsExactly(new Said(7, true, "err\n"), new Said(7, false, "out "));
    }

    @Test
    void after_the_end_nothing_follows() {
        transcript.end();
        print("late\n");
        transcript.flush(false);
        transcript.end();
        assertThat(said).isEmpty();
    }

    @Test
    void a_character_is_never_torn_by_a_flush() {
        byte[] face = "😀".getBytes(StandardCharsets.UTF_8);
        for (byte each : face) {
            print(new byte[] {each});
            transcript.flush(false);
        }
        assertThat(texts()).containsExactly("😀");
    }

    @Test
    void bytes_that_are_no_text_are_told_as_what_stands_for_them() {
        print(new byte[] {'a', (byte) 0xff, (byte) 0xc3, '\n', (byte) 0xe2, (byte) 0x82});
        transcript.end();
        assertThat(texts()).containsExactly("a\ufffd\ufffd\n", "\ufffd");
    }

    /**
     * Whatever the pieces in which it is printed and flushed, and wherever they tear characters.
     */
    @Test
    void the_texts_one_after_the_other_are_what_was_printed() {
        for (long seed = 1; seed <= 50; seed++) {
            var random = new Random(seed);
            var text = new StringBuilder();
            for (int i = random.nextInt(100_000); i > 0; i--) {
                text.appendCodePoint(
                        switch (random.nextInt(10)) {
                            case 0 -> 0x1F600 + random.nextInt(50);
                            case 1 -> 0x20AC;
                            case 2 -> random.nextInt(500) == 0 ? '\n' : 'ü';
                            default -> 'x';
                        });
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            said.clear();
            var fresh = new Transcript(new Ear(), seed);
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(90_000));
                fresh.add(false, bytes, at, length);
                at += length;
                if (random.nextInt(3) == 0) {
                    fresh.flush(false);
                }
            }
            fresh.end();
            assertThat(all(false)).as("seed %d", seed).isEqualTo(text.toString());
            assertThat(texts())
                    .as("seed %d", seed)
                    .allSatisfy(each -> assertThat(each).hasSizeBetween(1, Said.PIECE));
        }
    }

    @Test
    void of_each_stream_a_mebibyte_is_told_and_then_that_the_rest_is_cut() {
        byte[] block = "0123456789abcde\n".repeat(1 << 12).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 160; i++) { // 10 MiB
            transcript.add(i % 2 == 0, block, 0, block.length);
        }
        transcript.end();
        for (boolean error : new boolean[] {false, true}) {
            assertThat(all(error))
                    .startsWith("0123456789abcde\n")
                    .endsWith(
                            "\nprocess-pool: the call printed more than 1,048,576 bytes to standard "
                                    + (error ? "error" : "output")
                                    + "; the rest is cut\n")
                    .hasSizeBetween(Said.MOST, Said.MOST + 200);
        }
    }

    @Test
    void exactly_a_mebibyte_is_told_whole() {
        print("x".repeat(Said.MOST));
        transcript.end();
        assertThat(all(false)).isEqualTo("x".repeat(Said.MOST));
    }

    @Test
    void a_cut_in_a_line_and_a_character_begins_a_new_line() {
        print("x".repeat(Said.MOST - 1));
        print("€ and more\n");
        transcript.end();
        assertThat(all(false))
                .startsWith("x".repeat(Said.MOST - 1) + "\nprocess-pool: the call printed more");
    }
}
