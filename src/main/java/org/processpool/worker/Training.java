package org.processpool.worker;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskName;
import org.processpool.wire.Codec;
import org.processpool.wire.Message;
import org.processpool.wire.Message.Cancel;
import org.processpool.wire.Message.Define;
import org.processpool.wire.Message.Describe;
import org.processpool.wire.Message.DumpThreads;
import org.processpool.wire.Message.Hello;
import org.processpool.wire.Message.Open;
import org.processpool.wire.Message.Ping;
import org.processpool.wire.Message.Recall;
import org.processpool.wire.Message.Run;
import org.processpool.wire.Message.RunChunk;
import org.processpool.wire.Message.Say;
import org.processpool.wire.Message.Stop;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;
import org.processpool.wire.SequenceWriter;
import org.processpool.wire.StreamChannel;
import org.processpool.wire.Target;

/**
 * A session without a parent that goes through what workers usually do. A JVM that watches it
 * records which classes a worker needs (JEP 483), and later workers start in a fraction of the
 * time.
 */
final class Training {

    private static final int MOST_BYTES = 1 << 20;

    /** Long enough for the standby to take over. */
    private static final long LONG_CALL_MILLIS = 60;

    enum Colour {
        RED,
        GREEN
    }

    record Point(int x, double y, Optional<String> label) {}

    record Shape(String name, List<Point> points, Map<String, Long> counts, Colour colour) {}

    private Training() {}

    /** Runs the session on the calling thread and tells how it ended. */
    static End run(Host host) throws IOException {
        var script = new ByteArrayOutputStream();
        var parent = StreamChannel.parentSide(InputStream.nullInputStream(), script, MOST_BYTES);
        parent.send(session());

        var heard = new ByteArrayOutputStream();
        var channel =
                StreamChannel.workerSide(
                        new ByteArrayInputStream(script.toByteArray()), heard, MOST_BYTES);
        var end = new WorkerLoop(channel, host).run();

        var replies =
                StreamChannel.parentSide(
                        new ByteArrayInputStream(heard.toByteArray()), script, MOST_BYTES);
        int count = 0;
        for (ToParent reply = replies.receive(); reply != null; reply = replies.receive()) {
            count++;
        }
        System.err.println("process-pool: training heard " + count + " answers");
        return end;
    }

    private static List<ToWorker> session() {
        List<ToWorker> session = new ArrayList<>();
        session.add(
                new Hello(
                        Message.PROTOCOL,
                        MOST_BYTES,
                        1000,
                        false,
                        method("prepare", "(Ljava/lang/String;)V"),
                        Codec.encodeArguments(List.of("training"))));
        session.add(new Define(1, method("square", "(I)I")));
        session.add(new Define(2, method("echo", "(Ljava/lang/Object;)Ljava/lang/Object;")));
        session.add(
                new Define(
                        3,
                        method(
                                "move",
                                "(Lorg/processpool/worker/Training$Shape;I)"
                                        + "Lorg/processpool/worker/Training$Shape;")));
        session.add(new Define(4, method("fail", "(Ljava/lang/String;)V")));
        session.add(new Define(5, method("dawdle", "(J)V")));
        session.add(new Define(7, method("prepare", "(Ljava/lang/String;)V")));
        session.add(new Define(6, new Target.Named(new TaskName("echo"))));

        Shape shape =
                new Shape(
                        "triangle",
                        List.of(
                                new Point(1, 2.5, Optional.of("a")),
                                new Point(2, 3, Optional.empty())),
                        Map.of("corners", 3L),
                        Colour.GREEN);
        long call = 0;
        session.add(new Run(++call, 1, 1, false, Codec.encode(7)));
        session.add(new Run(++call, 2, 1, false, Codec.encode("text")));
        session.add(new Run(++call, 2, 1, false, Codec.encode(new byte[] {1, 2})));
        session.add(new Run(++call, 2, 1, false, Codec.encode(List.of(1, 2L, 0.5, true, "x"))));
        session.add(
                new Run(
                        ++call,
                        2,
                        1,
                        false,
                        Codec.encode(List.of(UUID.randomUUID(), Instant.now()))));
        session.add(new Run(++call, 2, 1, false, Payload.json("{\"a\":[1,2.5,null,\"b\"]}")));
        session.add(new Run(++call, 3, 1, true, Codec.encodeArguments(List.of(shape, 2))));
        session.add(
                new Run(
                        ++call,
                        3,
                        1,
                        true,
                        Payload.json("[{\"name\":\"n\",\"points\":[{\"x\":1,\"y\":2}]},3]")));
        session.add(new Run(++call, 3, 1, true, Payload.json("[1]")));
        session.add(new Run(++call, 4, 1, false, Codec.encode("on purpose")));
        session.add(new Run(++call, 6, 1, false, Codec.encode("named")));
        session.add(new Run(++call, 7, 1, false, true, 1, Codec.encode("overheard")));
        session.add(new RunChunk(++call, 1, 1, false, 3, sequence(Payload.Encoding.CBOR, 1, 2, 3)));
        session.add(
                new RunChunk(++call, 1, 1, false, 3, sequence(Payload.Encoding.JSON, 1, "x", 3)));
        session.add(new Open(++call, 1, new TaskName("talk")));
        session.add(new Say(++call, 1, 1, Codec.encode("hello")));
        session.add(new Message.End(++call, 1));
        session.add(new Run(++call, 5, 1, false, Codec.encode(LONG_CALL_MILLIS)));
        session.add(new Ping(1));
        session.add(new DumpThreads(1));
        session.add(new Run(++call, 1, 1, false, Codec.encode(8)));
        session.add(new Recall(call));
        session.add(new Run(++call, 1, 1, false, Codec.encode(8)));
        session.add(new Cancel(call));
        session.add(new Describe(1));
        session.add(new Stop());
        return session;
    }

    private static Payload sequence(Payload.Encoding family, Object... items) {
        SequenceWriter writer = new SequenceWriter(family, 0);
        for (Object item : items) {
            writer.add(item);
        }
        return writer.payload();
    }

    private static Target method(String name, String descriptor) {
        return new Target.Method(Training.class.getName(), name, descriptor, Target.Kind.STATIC);
    }

    // called by name, as user code is

    static void prepare(String who) {
        System.err.println("process-pool: " + who);
    }

    static int square(int number) {
        return number * number;
    }

    static @Nullable Object echo(@Nullable Object value) {
        return value;
    }

    static Shape move(Shape shape, int by) {
        List<Point> moved = new ArrayList<>();
        for (Point point : shape.points()) {
            moved.add(new Point(point.x() + by, point.y(), point.label()));
        }
        return new Shape(shape.name(), moved, shape.counts(), shape.colour());
    }

    static void fail(String why) {
        throw new IllegalStateException(why);
    }

    static void dawdle(long millis) throws InterruptedException {
        TaskContext context = TaskContext.current().orElseThrow();
        context.progress(1, 2, "half");
        context.emit("part");
        Thread.sleep(millis);
        context.progress(2, 2, null);
    }
}
