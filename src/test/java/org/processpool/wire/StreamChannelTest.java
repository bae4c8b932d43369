package org.processpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.processpool.task.Payload;
import org.processpool.task.Payload.Encoding;
import org.processpool.task.TaskName;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;

class StreamChannelTest {

    private static final int MAX = 1 << 20;

    /** Delivers bytes in pieces of any size. */
    private static final class Crumbs extends FilterInputStream {
        private final Random random;

        Crumbs(byte[] bytes, Random random) {
            super(new ByteArrayInputStream(bytes));
            this.random = random;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            return super.read(buffer, from, Math.min(length, 1 + random.nextInt(10_000)));
        }
    }

    private static byte[] fromWorker(List<ToParent> messages) throws IOException {
        var bytes = new ByteArrayOutputStream();
        StreamChannel.workerSide(InputStream.nullInputStream(), bytes, MAX).send(messages);
        return bytes.toByteArray();
    }

    private static byte[] fromParent(List<ToWorker> messages) throws IOException {
        var bytes = new ByteArrayOutputStream();
        StreamChannel.parentSide(InputStream.nullInputStream(), bytes, MAX).send(messages);
        return bytes.toByteArray();
    }

    private static StreamChannel<ToWorker, ToParent> parentHearing(InputStream in) {
        return StreamChannel.parentSide(in, OutputStream.nullOutputStream(), MAX);
    }

    private static StreamChannel<ToParent, ToWorker> workerHearing(InputStream in) {
        return StreamChannel.workerSide(in, OutputStream.nullOutputStream(), MAX);
    }

    private static <R extends Message> List<R> all(Channel<?, R> channel) throws IOException {
        List<R> heard = new ArrayList<>();
        for (R message = channel.receive(); message != null; message = channel.receive()) {
            heard.add(message);
        }
        return heard;
    }

    private static Payload payload(Random random) {
        int size =
                switch (random.nextInt(20)) {
                    case 0 -> 60_000 + random.nextInt(10_000);
                    case 1 -> random.nextInt(400_000);
                    default -> random.nextInt(200);
                };
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return new Payload(pick(Encoding.values(), random), bytes);
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(random.nextInt(50) == 0 ? 30_000 : 30); i > 0; i--) {
            text.appendCodePoint(
                    random.nextInt(8) == 0
                            ? 0x1F600 + random.nextInt(50)
                            : 32 + random.nextInt(600));
        }
        return text.toString();
    }

    private static <T> T pick(T[] constants, Random random) {
        return constants[random.nextInt(constants.length)];
    }

    private static Target target(Random random) {
        return random.nextBoolean()
                ? new Target.Named(new TaskName("task-" + random.nextInt(100)))
                : new Target.Method(
                        text(random),
                        text(random),
                        text(random),
                        pick(Target.Kind.values(), random));
    }

    private static Failure failure(Random random) {

        return new Failure(
                pick(Failure.Kind.values(), random), text(random), text(random), text(random));
    }

    private static ToWorker toWorker(Random random) {
        long id = random.nextLong();
        return switch (random.nextInt(13)) {
            case 0 ->
                    new Message.Hello(
                            Message.PROTOCOL,
                            random.nextInt(MAX),
                            random.nextLong(),
                            random.nextBoolean(),
                            random.nextBoolean() ? target(random) : null,
                            random.nextBoolean() ? payload(random) : null);
            case 1 -> new Message.Define(random.nextInt(), target(random));
            case 2 ->
                    new Message.Run(
                            id,
                            random.nextInt(),
                            random.nextInt(),
                            random.nextBoolean(),
                            random.nextBoolean(),
                            random.nextBoolean() ? random.nextLong() : 0,
                            payload(random));
            case 3 ->
                    new Message.RunChunk(
                            id,
                            random.nextInt(),
                            random.nextInt(),
                            random.nextBoolean(),
                            random.nextBoolean(),
                            random.nextBoolean() ? random.nextLong() : 0,
                            1 + random.nextInt(9),
                            payload(random));
            case 4 -> new Message.Open(id, random.nextLong(), new TaskName("talk"));
            case 5 -> new Message.Say(id, random.nextLong(), random.nextInt(), payload(random));
            case 6 -> new Message.End(id, id + 1);
            case 7 -> new Message.Cancel(id);
            case 8 -> new Message.Recall(id);
            case 9 -> new Message.Ping(id);
            case 10 -> new Message.DumpThreads(id);
            case 11 -> new Message.Describe(id);
            default -> new Message.Stop();
        };
    }

    private static ToParent toParent(Random random) {
        long id = random.nextLong();
        return switch (random.nextInt(12)) {
            case 0 -> new Message.Ready(random.nextInt(), random.nextLong());
            case 1 -> new Message.InitFailed(failure(random));
            case 2 -> new Message.Done(id, random.nextLong(), payload(random));
            case 3 -> {
                List<Message.ItemFailure> failures = new ArrayList<>();
                int count = 1 + random.nextInt(6);
                for (int i = 0; i < count; i++) {
                    if (random.nextBoolean()) {
                        failures.add(new Message.ItemFailure(i, failure(random)));
                    }
                }
                yield new Message.ChunkDone(
                        id, random.nextLong(), count, payload(random), failures);
            }
            case 4 -> new Message.Failed(id, random.nextLong(), failure(random));
            case 5 -> new Message.Skipped(id);
            case 6 ->
                    new Message.Progress(
                            id,
                            random.nextLong(),
                            random.nextLong(),
                            random.nextBoolean() ? text(random) : null);
            case 7 -> new Message.Part(id, payload(random));
            case 8 -> new Message.Pong(id, random.nextLong());
            case 9 -> new Message.Threads(id, text(random));
            case 10 -> new Message.Said(id, random.nextBoolean(), text(random));
            default ->
                    new Message.Catalog(
                            id,
                            List.of(
                                    new TaskDescription(
                                            new TaskName("a.b-c"),
                                            random.nextBoolean(),
                                            text(random),
                                            text(random),
                                            text(random),
                                            text(random),
                                            text(random),
                                            text(random))));
        };
    }

    @Test
    void whatever_is_said_is_heard_in_order() throws IOException {
        for (long seed = 1; seed <= 40; seed++) {
            var random = new Random(seed);
            List<ToWorker> orders = new ArrayList<>();
            List<ToParent> answers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                orders.add(toWorker(random));
                answers.add(toParent(random));
            }
            assertThat(all(workerHearing(new Crumbs(fromParent(orders), random))))
                    .describedAs("seed %d", seed)
                    .isEqualTo(orders);
            assertThat(all(parentHearing(new Crumbs(fromWorker(answers), random))))
                    .describedAs("seed %d", seed)
                    .isEqualTo(answers);
        }
    }

    @Test
    void many_small_messages_are_one_write() throws IOException {
        int[] writes = {0};
        var out =
                new OutputStream() {
                    @Override
                    public void write(int value) {
                        throw new AssertionError("byte by byte");
                    }

                    @Override
                    public void write(byte[] bytes, int from, int length) {
                        writes[0]++;
                    }
                };
        var channel = StreamChannel.parentSide(InputStream.nullInputStream(), out, MAX);
        List<ToWorker> messages = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            messages.add(new Message.Run(i, 1, 1, false, Codec.encode(i)));
        }
        channel.send(messages);
        assertThat(writes[0]).isEqualTo(1);
    }

    @Test
    void a_payload_over_the_limit_is_refused_before_anything_is_written() throws IOException {
        var out = new ByteArrayOutputStream();
        var channel = StreamChannel.parentSide(InputStream.nullInputStream(), out, 100);
        var small = new Message.Run(1, 1, 1, false, Payload.bytes(new byte[100]));
        var large = new Message.Run(2, 1, 1, false, Payload.bytes(new byte[101]));
        assertThatThrownBy(() -> channel.send(List.of(small, large)))
                .isInstanceOf(PayloadTooLargeException.class)
                .hasMessage("payload of 101 bytes is over the limit of 100 bytes");
        assertThat(out.size()).isZero();
        channel.send(List.of(small));
        assertThat(all(workerHearing(new ByteArrayInputStream(out.toByteArray()))))
                .containsExactly(small);
    }

    @Test
    void lengths_that_cannot_be_are_refused_before_allocating() {
        for (int length :
                new int[] {
                    -1, Integer.MIN_VALUE, 0, 12, Integer.MAX_VALUE, MAX + FrameCodec.OVERHEAD + 5
                }) {
            byte[] bytes = ByteBuffer.allocate(64).putInt(length).array();
            assertThatThrownBy(() -> parentHearing(new ByteArrayInputStream(bytes)).receive())
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageStartingWith("frame of " + length + " bytes");
        }
    }

    @Test
    void a_stream_that_ends_between_messages_has_ended_and_one_that_ends_inside_is_torn()
            throws IOException {
        byte[] bytes = fromWorker(List.of(new Message.Done(1, 2, Payload.json("[1,2,3]"))));
        assertThat(parentHearing(InputStream.nullInputStream()).receive()).isNull();
        for (int cut = 1; cut < bytes.length; cut++) {
            byte[] part = Arrays.copyOf(bytes, cut);
            assertThatThrownBy(() -> parentHearing(new ByteArrayInputStream(part)).receive())
                    .isInstanceOf(EOFException.class);
        }
    }

    @Test
    void a_flipped_bit_is_noticed() throws IOException {
        byte[] bytes =
                fromWorker(List.of(new Message.Done(1, 2, Payload.bytes(new byte[100_000]))));
        var random = new Random(7);
        for (int i = 0; i < 500; i++) {
            byte[] flipped = bytes.clone();
            flipped[4 + random.nextInt(bytes.length - 4)] ^= (byte) (1 << random.nextInt(8));
            assertThatThrownBy(() -> all(parentHearing(new ByteArrayInputStream(flipped))))
                    .isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void noise_is_refused_and_never_anything_else_happens() throws IOException {
        var random = new Random(99);
        byte[] good =
                fromWorker(
                        List.of(new Message.Failed(1, 2, failure(random)), new Message.Skipped(3)));
        for (int i = 0; i < 30_000; i++) {
            byte[] noise;
            if (random.nextBoolean()) {
                noise = new byte[random.nextInt(300)];
                random.nextBytes(noise);
                if (noise.length > 5) {
                    ByteBuffer.wrap(noise)
                            .putInt(random.nextInt(noise.length))
                            .put((byte) (65 + random.nextInt(11)));
                }
            } else {
                noise = good.clone();
                noise[random.nextInt(noise.length)] = (byte) random.nextInt();
            }
            try {
                all(parentHearing(new ByteArrayInputStream(noise)));
            } catch (ProtocolException | EOFException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
            try {
                all(workerHearing(new ByteArrayInputStream(noise)));
            } catch (ProtocolException | EOFException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void an_unknown_kind_is_skipped() throws IOException {
        var frames = new ByteArrayOutputStream();
        frames.write(ByteBuffer.allocate(4 + 9 + 3).putInt(12).put((byte) 33).array());
        frames.write(fromParent(List.of(new Message.Ping(5))));
        assertThat(all(workerHearing(new ByteArrayInputStream(frames.toByteArray()))))
                .containsExactly(new Message.Ping(5));
    }

    @Test
    void a_parent_of_another_version_can_still_be_understood_enough_to_refuse_it()
            throws IOException {
        byte[] hello =
                ByteBuffer.allocate(4 + 9 + 4 + 50)
                        .putInt(63)
                        .put((byte) 1)
                        .putLong(0)
                        .putInt(99)
                        .array();
        assertThat(workerHearing(new ByteArrayInputStream(hello)).receive())
                .isEqualTo(new Message.Hello(99, 0, 0, false, null, null));
    }

    @Test
    void what_is_buffered_needs_no_waiting() throws IOException {
        var two = fromParent(List.of(new Message.Ping(1), new Message.Ping(2)));
        var channel = workerHearing(new ByteArrayInputStream(two));
        assertThat(channel.buffered()).isFalse();
        assertThat(channel.ready(0)).isTrue();
        channel.receive();
        assertThat(channel.buffered()).isTrue();
        channel.receive();
        assertThat(channel.buffered()).isFalse();
        assertThat(channel.ready(1000)).isFalse();
    }
}
