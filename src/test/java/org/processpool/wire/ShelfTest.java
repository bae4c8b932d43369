package org.processpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShelfTest {

    @TempDir Path directory;

    private final byte[] bytes = new byte[Shelf.PIECE];
    private final byte[] back = new byte[Shelf.PIECE];
    private Shelf putter;
    private Shelf taker;

    @BeforeEach
    void open_both_sides() throws IOException {
        new Random(5).nextBytes(bytes);
        putter = Shelf.toPutOn(file());
        taker = Shelf.toTakeFrom(file());
    }

    @AfterEach
    void close() throws IOException {
        putter.close();
        taker.close();
    }

    private Path file() {
        return directory.resolve("shelf");
    }

    private void cutOff(long length) throws IOException {
        try (var file = new RandomAccessFile(file().toFile(), "rw")) {
            file.setLength(length);
        }
    }

    private int put() {
        return putter.isSeen() ? putter.put(bytes, 0, bytes.length) : Shelf.NOWHERE;
    }

    @Test
    void what_was_put_can_be_taken() throws IOException {
        for (int i = 0; i < 3 * Shelf.PLACES; i++) {
            taker.take(put(), back, 0, back.length);
            assertThat(back).isEqualTo(bytes);
        }
    }

    @Test
    void when_all_places_are_taken_a_piece_finds_none_until_one_is_free() throws IOException {
        for (int place = 0; place < Shelf.PLACES; place++) {
            assertThat(put()).isEqualTo(place);
        }
        assertThat(put()).isEqualTo(Shelf.NOWHERE);
        taker.take(0, back, 0, 10);
        assertThat(put()).isZero();
        assertThat(put()).isEqualTo(Shelf.NOWHERE);
    }

    @Test
    void nothing_is_put_where_the_other_side_does_not_see_it() throws IOException {
        Files.delete(file());
        assertThat(put()).isEqualTo(Shelf.NOWHERE);
        assertThat(file()).doesNotExist();
        Files.createSymbolicLink(file(), directory.resolve("elsewhere"));
        assertThat(put()).isEqualTo(Shelf.NOWHERE);
        assertThat(directory.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void places_and_lengths_that_cannot_be_are_refused() {
        put();
        for (long place : new long[] {-1, Shelf.PLACES, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThatExceptionOfType(ProtocolException.class)
                    .isThrownBy(() -> taker.take(place, back, 0, 1));
        }
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> taker.take(0, new byte[2 * Shelf.PIECE], 0, Shelf.PIECE + 1));
    }

    @Test
    void taking_from_a_file_that_was_cut_off_tears_the_line_and_not_the_process() throws Exception {
        for (int i = 0; i < 2000; i++) { // also once it is compiled
            taker.take(put(), back, 0, 5000);
        }
        for (long length : new long[] {Shelf.PIECE, 4096, 0}) {
            cutOff(length);
            for (int i = 0; i < 100; i++) {
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> taker.take(1, back, 0, back.length))
                        .withMessageStartingWith("the shared memory was cut off");
            }
        }
    }

    @Test
    void taking_what_was_never_put_tears_the_line() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> taker.take(0, back, 0, 1))
                .withMessageStartingWith("the shared memory was cut off at 1 bytes");
    }

    @Test
    void putting_into_a_file_that_was_cut_off_finds_no_place_any_more() throws IOException {
        taker.take(put(), back, 0, back.length);
        cutOff(0);
        assertThat(put()).isEqualTo(Shelf.NOWHERE);
        assertThat(putter.isSeen()).isFalse();
    }

    @Test
    void an_interrupted_thread_can_put_and_take_and_stays_interrupted() throws IOException {
        Thread.currentThread().interrupt();
        taker.take(put(), back, 0, back.length);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(back).isEqualTo(bytes);
    }

    @Test
    void once_closed_there_is_nothing_to_put_or_take_and_closing_again_does_nothing()
            throws IOException {
        put();
        putter.close();
        putter.close();
        assertThat(put()).isEqualTo(Shelf.NOWHERE);
        taker.close();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> taker.take(0, back, 0, back.length));
    }
}
