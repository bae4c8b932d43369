package org.processpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.task.Payload;
import org.processpool.wire.Message.Done;
import org.processpool.wire.Message.Run;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;

/** Channels with shelves between them. */
@Timeout(60)
class LargePayloadTest {

    private static final int MAX = 64 << 20;
    private static final int ALL_PLACES = Shelf.PLACES * Shelf.PIECE;

    private static final List<Integer> SIZES =
            List.of(
                    Shelf.LARGE - 1,
                    Shelf.LARGE,
                    Shelf.PIECE - 1,
                    Shelf.PIECE,
                    Shelf.PIECE + 1,
                    1 << 20,
                    ALL_PLACES - 1,
                    ALL_PLACES,
                    ALL_PLACES + 1,
                    20_000_000);

    @TempDir Path directory;

    private static Payload payload(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Payload.bytes(bytes);
    }

    private static Run run(int size) {
        return new Run(size, 2, 1, false, payload(size));
    }

    private StreamChannel<ToWorker, ToParent> parent(InputStream in, OutputStream out) {
        return StreamChannel.parentSide(in, out, MAX, directory);
    }

    private StreamChannel<ToParent, ToWorker> worker(InputStream in, OutputStream out) {
        return StreamChannel.workerSide(in, out, MAX, directory);
    }

    /** What goes through the pipe, while nobody reads. */
    private byte[] said(Run... runs) throws IOException {
        worker(InputStream.nullInputStream(), OutputStream.nullOutputStream()).close();
        var bytes = new ByteArrayOutputStream();
        try (var parent = parent(InputStream.nullInputStream(), bytes)) {
            parent.send(List.of(runs));
        }
        return bytes.toByteArray();
    }

    private List<ToWorker> heard(byte[] bytes) throws IOException {
        try (var worker =
                worker(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream())) {
            List<ToWorker> heard = new ArrayList<>();
            for (ToWorker message; (message = worker.receive()) != null; ) {
                heard.add(message);
            }
            return heard;
        }
    }

    @Test
    void payloads_of_all_sizes_arrive_in_both_directions_at_once() throws Exception {
        Pipe down = Pipe.open();
        Pipe up = Pipe.open();
        try (var threads = Executors.newCachedThreadPool();
                var parent =
                        parent(
                                Channels.newInputStream(up.source()),
                                Channels.newOutputStream(down.sink()));
                var worker =
                        worker(
                                Channels.newInputStream(down.source()),
                                Channels.newOutputStream(up.sink()))) {
            Future<?> asking =
                    threads.submit(() -> {
                        for (int size : SIZES) {
                            parent.send(List.of(run(size), run(7)));
                        }
                        return null;
                    });
            Future<?> answering =
                    threads.submit(() -> {
                        for (int i = 0; i < 2 * SIZES.size(); i++) {
                            Run asked = (Run) worker.receive();
                            worker.send(List.of(new Done(asked.callId(), 3, asked.input())));
                        }
                        return null;
                    });
            for (int size : SIZES) {
                assertThat(parent.receive()).isEqualTo(new Done(size, 3, payload(size)));
                assertThat(parent.receive()).isEqualTo(new Done(7, 3, payload(7)));
            }
            asking.get();
            answering.get();
        }
    }

    @Test
    void what_several_threads_send_is_not_mixed_up() throws Exception {
        Pipe up = Pipe.open();
        try (var threads = Executors.newCachedThreadPool();
                var parent =
                        parent(
                                Channels.newInputStream(up.source()),
                                OutputStream.nullOutputStream());
                var worker =
                        worker(
                                InputStream.nullInputStream(),
                                Channels.newOutputStream(up.sink()))) {
            List<Future<?>> senders = new ArrayList<>();
            for (int sender = 0; sender < 4; sender++) {
                var random = new Random(sender);
                senders.add(
                        threads.submit(() -> {
                            for (int i = 0; i < 25; i++) {
                                int size = random.nextInt(3_000_000);
                                worker.send(List.of(new Done(size, 3, payload(size))));
                            }
                            return null;
                        }));
            }
            for (int i = 0; i < 100; i++) {
                Done done = (Done) parent.receive();
                assertThat(done.output()).isEqualTo(payload((int) done.callId()));
            }
            for (Future<?> sender : senders) {
                sender.get();
            }
        }
    }

    @Test
    void the_pipe_has_only_what_finds_no_place() throws Exception {
        byte[] one = said(run(ALL_PLACES));
        assertThat(one).hasSizeLessThan(1000);
        assertThat(heard(one)).containsExactly(run(ALL_PLACES));
        byte[] more = said(run(ALL_PLACES), run(1 << 20));
        assertThat(more).hasSizeBetween(1 << 20, (1 << 20) + 2000);
        assertThat(heard(more)).containsExactly(run(ALL_PLACES), run(1 << 20));
    }

    @Test
    void without_the_other_side_at_the_shelf_all_goes_through_the_pipe() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var parent = parent(InputStream.nullInputStream(), bytes)) {
            parent.send(List.of(run(1 << 20)));
        }
        assertThat(bytes.size()).isGreaterThan(1 << 20);
        assertThat(heard(bytes.toByteArray())).containsExactly(run(1 << 20));
    }

    @Test
    void a_line_that_ends_between_pieces_is_torn() throws Exception {
        byte[] bytes = said(run(3 * Shelf.PIECE));
        for (int cut = 1; cut < bytes.length; cut++) {
            byte[] part = Arrays.copyOf(bytes, cut);
            assertThatExceptionOfType(EOFException.class).isThrownBy(() -> heard(part));
        }
    }

    @Test
    void shared_memory_that_is_cut_off_tears_the_line() throws Exception {
        byte[] bytes = said(run(3 * Shelf.PIECE));
        try (var file = new RandomAccessFile(directory.resolve("down").toFile(), "rw")) {
            file.setLength(Shelf.PIECE);
        }
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> heard(bytes))
                .isNotInstanceOf(ProtocolException.class)
                .withMessageContaining("cut off");
    }

    @Test
    void lengths_and_places_that_cannot_be_are_refused() throws Exception {
        byte[] bytes = said(run(3 * Shelf.PIECE));
        int total = 4 + FrameCodec.HEAD + 4 + 4 + 1 + 1;
        int piece = total + 4;
        int place = piece + 4 + 1;
        int length = place + 8;
        for (int wrong : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, MAX + 1}) {
            assertRefused(ByteBuffer.wrap(bytes.clone()).putInt(total, wrong).array());
        }
        assertRefused(ByteBuffer.wrap(bytes.clone()).putInt(total, Shelf.PIECE + 1).array());
        for (int wrong : new int[] {-1, 0, Integer.MAX_VALUE, Shelf.PIECE + 1}) {
            assertRefused(ByteBuffer.wrap(bytes.clone()).putInt(length, wrong).array());
        }
        for (long wrong : new long[] {-1, Shelf.PLACES, Long.MAX_VALUE}) {
            assertRefused(ByteBuffer.wrap(bytes.clone()).putLong(place, wrong).array());
        }
        assertRefused(ByteBuffer.wrap(bytes.clone()).put(piece + 4, (byte) 3).array());
    }

    private void assertRefused(byte[] wrong) {
        assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> heard(wrong));
    }

    @Test
    void a_message_without_payload_cannot_have_one_in_pieces() {
        byte[] ping = ByteBuffer.allocate(4 + FrameCodec.HEAD).putInt(9).put((byte) 0x8a).array();
        assertRefused(ping);
    }

    @Test
    void noise_is_refused_and_never_anything_else_happens() throws Exception {
        byte[] good = said(run(2 * Shelf.PIECE));
        var random = new Random(3);
        for (int i = 0; i < 500; i++) {
            byte[] noise = good.clone();
            noise[random.nextInt(noise.length)] = (byte) random.nextInt();
            try {
                heard(noise);
            } catch (ProtocolException | EOFException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void a_flipped_bit_in_what_a_worker_says_of_its_pieces_is_noticed() throws Exception {
        parent(InputStream.nullInputStream(), OutputStream.nullOutputStream()).close();
        var said = new ByteArrayOutputStream();
        try (var worker = worker(InputStream.nullInputStream(), said)) {
            worker.send(List.of(new Done(1, 2, payload(2 * Shelf.PIECE))));
        }
        byte[] bytes = said.toByteArray();
        for (int bit = 32; bit < 8 * bytes.length; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            try (var parent =
                    parent(new ByteArrayInputStream(flipped), OutputStream.nullOutputStream())) {
                assertThatExceptionOfType(IOException.class).isThrownBy(parent::receive);
            }
        }
    }
}
