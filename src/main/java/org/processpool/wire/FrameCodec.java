package org.processpool.wire;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;
import org.processpool.wire.Message.Cancel;
import org.processpool.wire.Message.Catalog;
import org.processpool.wire.Message.ChunkDone;
import org.processpool.wire.Message.Define;
import org.processpool.wire.Message.Describe;
import org.processpool.wire.Message.Done;
import org.processpool.wire.Message.DumpThreads;
import org.processpool.wire.Message.End;
import org.processpool.wire.Message.Failed;
import org.processpool.wire.Message.Hello;
import org.processpool.wire.Message.InitFailed;
import org.processpool.wire.Message.ItemFailure;
import org.processpool.wire.Message.Open;
import org.processpool.wire.Message.Part;
import org.processpool.wire.Message.Ping;
import org.processpool.wire.Message.Pong;
import org.processpool.wire.Message.Progress;
import org.processpool.wire.Message.Ready;
import org.processpool.wire.Message.Recall;
import org.processpool.wire.Message.Run;
import org.processpool.wire.Message.RunChunk;
import org.processpool.wire.Message.Said;
import org.processpool.wire.Message.Say;
import org.processpool.wire.Message.Skipped;
import org.processpool.wire.Message.Stop;
import org.processpool.wire.Message.Threads;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;

/**
 * Messages as frames.
 *
 * <p>A frame is a length of 4 bytes (of all that follows), a kind of 1 byte, an id of 8 bytes (of
 * the call, the conversation or the question; else 0), a body, and, in what a worker says, a
 * CRC-32C of 4 bytes over kind, id and body. Numbers are big-endian, texts are UTF-8 behind a
 * length of 4 bytes, a payload is 1 byte of encoding and then everything up to the end of the body.
 *
 * <p>Why a checksum on a pipe: when a process exits, the JDK's reaper thread drains the child's
 * output concurrently with our reader, so bytes of the tail could arrive out of order; and native
 * code in a worker may scribble on the descriptor. A frame is whole or the channel is dead.
 *
 * <p>A large payload goes over a {@link Shelf} if there is one; what lies there has no checksum.
 *
 * <p>The length is checked before anything is allocated, unknown kinds are skipped, and a malformed
 * body is a {@link ProtocolException} and never another exception.
 */
final class FrameCodec {

    /** Bytes of kind and id. */
    static final int HEAD = 9;

    /** Bytes of the checksum. */
    static final int CHECKSUM = 4;

    /** Bytes a body may have beside its payload. */
    static final int OVERHEAD = 1024 * 1024;

    /**
     * This bit of the kind says that there is only the length of the payload, 4 bytes, and that the
     * payload is in the frames that follow.
     */
    static final int IN_PIECES = 0x80;

    /** Bytes of a payload. */
    static final int PIECE = 126;

    /** So many bytes of a payload, 4 bytes, are on the {@link Shelf}; the id is their place. */
    static final int PIECE_ON_SHELF = 127;

    private static final int HELLO = 1;
    private static final int DEFINE = 2;
    private static final int RUN = 3;
    private static final int RUN_CHUNK = 4;
    private static final int OPEN = 5;
    private static final int SAY = 6;
    private static final int END = 7;
    private static final int CANCEL = 8;
    private static final int RECALL = 9;
    private static final int PING = 10;
    private static final int DUMP_THREADS = 11;
    private static final int DESCRIBE = 12;
    private static final int STOP = 13;

    private static final int READY = 65;
    private static final int INIT_FAILED = 66;
    private static final int DONE = 67;
    private static final int CHUNK_DONE = 68;
    private static final int FAILED = 69;
    private static final int SKIPPED = 70;
    private static final int PROGRESS = 71;
    private static final int PART = 72;
    private static final int PONG = 73;
    private static final int THREADS = 74;
    private static final int CATALOG = 75;
    private static final int SAID = 76;

    /** Bits of what is said of a run in one byte; a token of 8 bytes follows if it has one. */
    private static final int STAR = 1;

    private static final int OVERHEARD = 2;
    private static final int TOKEN = 4;

    /** Fewest bytes of a failure: its kind and three empty texts. */
    private static final int SMALLEST_FAILURE = 1 + 3 * 4;

    /** Fewest bytes of a task's description: seven texts and a flag. */
    private static final int SMALLEST_DESCRIPTION = 7 * 4 + 1;

    private static final Payload.Encoding[] ENCODINGS = Payload.Encoding.values();
    private static final Failure.Kind[] FAILURES = Failure.Kind.values();
    private static final Target.Kind[] TARGETS = Target.Kind.values();

    private FrameCodec() {}

    /**
     * Refuses a message that is too large for the channel.
     *
     * @throws PayloadTooLargeException if its payload is over the limit, or its texts together with
     *     the payload are over the limit and the overhead
     */
    static void check(Message message, int maxPayload) throws PayloadTooLargeException {
        switch (message) {
            case Run run -> check(run.input(), 0, maxPayload);
            case Done done -> check(done.output(), 0, maxPayload);
            case RunChunk run -> check(run.inputs(), 0, maxPayload);
            case ChunkDone done -> check(done.outputs(), weigh(done.failures()), maxPayload);
            case Say say -> check(say.input(), 0, maxPayload);
            case Part part -> check(part.part(), 0, maxPayload);
            case Hello hello -> {
                if (hello.initArgs() != null) {
                    check(hello.initArgs(), 0, maxPayload);
                }
            }
            case Failed failed -> check(weigh(failed.failure()), maxPayload);
            case InitFailed failed -> check(weigh(failed.failure()), maxPayload);
            case Threads threads -> check(weigh(threads.dump()), maxPayload);
            case Said said -> check(weigh(said.text()), maxPayload);
            case Catalog catalog -> check(weigh(catalog), maxPayload);
            case Progress progress -> {
                if (progress.message() != null) {
                    check(weigh(progress.message()), maxPayload);
                }
            }
            case Define _, Open _, End _, Cancel _, Recall _, Ping _ -> {}
            case DumpThreads _, Describe _, Stop _, Ready _, Skipped _, Pong _ -> {}
        }
    }

    private static void check(Payload payload, long texts, int maxPayload)
            throws PayloadTooLargeException {
        if (payload.size() > maxPayload) {
            throw new PayloadTooLargeException(payload.size(), maxPayload);
        }
        check(payload.size() + texts, maxPayload);
    }

    private static void check(long size, int maxPayload) throws PayloadTooLargeException {
        long longest = (long) maxPayload + OVERHEAD - 1024;
        if (size > longest) {
            throw new PayloadTooLargeException(size, longest);
        }
    }

    private static long weigh(List<ItemFailure> failures) {
        long weight = 0;
        for (int i = 0; i < failures.size(); i++) {
            weight += 4 + weigh(failures.get(i).failure());
        }
        return weight;
    }

    private static long weigh(Failure failure) {
        return 1 + weigh(failure.type()) + weigh(failure.message()) + weigh(failure.stack());
    }

    private static long weigh(Catalog catalog) {
        long weight = 0;
        for (TaskDescription task : catalog.tasks()) {
            weight +=
                    SMALLEST_DESCRIPTION
                            + weigh(task.name().value())
                            + weigh(task.summary())
                            + weigh(task.inputSchema())
                            + weigh(task.outputSchema())
                            + weigh(task.example())
                            + weigh(task.timeout())
                            + weigh(task.produces());
        }
        return weight;
    }

    /** At most so many bytes on the wire. */
    private static long weigh(String text) {
        return 4 + 3L * text.length();
    }

    static void write(Message message, FrameWriter out) throws IOException {
        switch (message) {
            case Run run -> {
                out.begin(RUN, run.callId()).i32(run.targetId()).i32(run.attempt());
                manner(run.star(), run.overheard(), run.token(), out).end(run.input());
            }
            case Done(long callId, long runNanos, Payload output) ->
                    out.begin(DONE, callId).i64(runNanos).end(output);
            case RunChunk run -> {
                out.begin(RUN_CHUNK, run.callId()).i32(run.targetId()).i32(run.attempt());
                manner(run.star(), run.overheard(), run.token(), out)
                        .i32(run.count())
                        .end(run.inputs());
            }
            case ChunkDone(
                            long callId,
                            long runNanos,
                            int count,
                            Payload outputs,
                            List<ItemFailure> failures) -> {
                out.begin(CHUNK_DONE, callId).i64(runNanos).i32(count).i32(failures.size());
                for (int i = 0; i < failures.size(); i++) {
                    ItemFailure failed = failures.get(i);
                    write(failed.failure(), out.i32(failed.index()));
                }
                out.end(outputs);
            }
            case Say(long callId, long conversationId, int attempt, Payload input) ->
                    out.begin(SAY, callId).i64(conversationId).i32(attempt).end(input);
            case Failed(long callId, long runNanos, Failure failure) ->
                    write(failure, out.begin(FAILED, callId).i64(runNanos)).end();
            case Part(long callId, Payload part) -> out.begin(PART, callId).end(part);
            case Progress(long callId, long done, long total, var text) ->
                    out.begin(PROGRESS, callId).i64(done).i64(total).text(text).end();
            case Said(long callId, boolean error, String text) ->
                    out.begin(SAID, callId).flag(error).text(text).end();
            case Skipped(long callId) -> out.begin(SKIPPED, callId).end();
            case Cancel(long callId) -> out.begin(CANCEL, callId).end();
            case Recall(long callId) -> out.begin(RECALL, callId).end();
            case Ping(long nonce) -> out.begin(PING, nonce).end();
            case Pong(long nonce, long heapUsed) -> out.begin(PONG, nonce).i64(heapUsed).end();
            case Hello hello -> write(hello, out);
            case Ready(int protocol, long pid) -> out.begin(READY, 0).i32(protocol).i64(pid).end();
            case InitFailed(Failure failure) -> write(failure, out.begin(INIT_FAILED, 0)).end();
            case Define(int targetId, Target target) ->
                    write(target, out.begin(DEFINE, 0).i32(targetId)).end();
            case Open(long callId, long conversationId, TaskName conversation) ->
                    out.begin(OPEN, callId).i64(conversationId).text(conversation.value()).end();
            case End(long callId, long conversationId) ->
                    out.begin(END, callId).i64(conversationId).end();
            case DumpThreads(long nonce) -> out.begin(DUMP_THREADS, nonce).end();
            case Threads(long nonce, String dump) -> out.begin(THREADS, nonce).text(dump).end();
            case Describe(long nonce) -> out.begin(DESCRIBE, nonce).end();
            case Catalog(long nonce, List<TaskDescription> tasks) -> {
                out.begin(CATALOG, nonce).i32(tasks.size());
                for (TaskDescription task : tasks) {
                    write(task, out);
                }
                out.end();
            }
            case Stop() -> out.begin(STOP, 0).end();
        }
    }

    private static FrameWriter manner(
            boolean star, boolean overheard, long token, FrameWriter out) {
        out.u8((star ? STAR : 0) | (overheard ? OVERHEARD : 0) | (token == 0 ? 0 : TOKEN));
        return token == 0 ? out : out.i64(token);
    }

    private static void write(Hello hello, FrameWriter out) throws IOException {
        out.begin(HELLO, 0)
                .i32(hello.protocol())
                .i32(hello.maxPayload())
                .i64(hello.spinNanos())
                .flag(hello.trouble())
                .flag(hello.initializer() != null);
        if (hello.initializer() != null) {
            write(hello.initializer(), out);
        }
        if (hello.initArgs() == null) {
            out.end();
        } else {
            out.end(hello.initArgs());
        }
    }

    private static FrameWriter write(Target target, FrameWriter out) {
        return switch (target) {
            case Target.Named(TaskName name) -> out.u8(0).text(name.value());
            case Target.Method(String owner, String name, String descriptor, Target.Kind kind) ->
                    out.u8(1).text(owner).text(name).text(descriptor).constant(kind);
        };
    }

    private static FrameWriter write(Failure failure, FrameWriter out) {
        return out.constant(failure.kind())
                .text(failure.type())
                .text(failure.message())
                .text(failure.stack());
    }

    private static void write(TaskDescription task, FrameWriter out) {
        out.text(task.name().value())
                .flag(task.conversation())
                .text(task.summary())
                .text(task.inputSchema())
                .text(task.outputSchema())
                .text(task.example())
                .text(task.timeout())
                .text(task.produces());
    }

    /** Whether frames of this kind say something; others are passed over. */
    static boolean isKnown(int kind) {
        return (kind >= HELLO && kind <= STOP) || (kind >= READY && kind <= SAID);
    }

    /**
     * Reads the open frame as something a parent says.
     *
     * @return null if it is of a kind we do not know
     */
    static @Nullable ToWorker readToWorker(FrameReader in) throws IOException {
        int kind = in.kind();
        long id = in.i64();
        ToWorker message =
                switch (kind) {
                    case RUN -> run(id, in);
                    case RUN_CHUNK -> runChunk(id, in);
                    case SAY -> new Say(id, in.i64(), in.i32(), payload(in));
                    case HELLO -> hello(in);
                    case DEFINE -> new Define(in.i32(), target(in));
                    case OPEN -> new Open(id, in.i64(), taskName(in));
                    case END -> new End(id, in.i64());
                    case CANCEL -> new Cancel(id);
                    case RECALL -> new Recall(id);
                    case PING -> new Ping(id);
                    case DUMP_THREADS -> new DumpThreads(id);
                    case DESCRIBE -> new Describe(id);
                    case STOP -> new Stop();
                    default -> null;
                };
        finish(message, in);
        return message;
    }

    /**
     * Reads the open frame as something a worker says.
     *
     * @return null if it is of a kind we do not know
     */
    static @Nullable ToParent readToParent(FrameReader in) throws IOException {
        int kind = in.kind();
        long id = in.i64();
        ToParent message =
                switch (kind) {
                    case DONE -> new Done(id, in.i64(), payload(in));
                    case CHUNK_DONE -> chunkDone(id, in);
                    case FAILED -> new Failed(id, in.i64(), failure(in));
                    case SKIPPED -> new Skipped(id);
                    case PROGRESS -> new Progress(id, in.i64(), in.i64(), in.textOrNull());
                    case PART -> new Part(id, payload(in));
                    case PONG -> new Pong(id, in.i64());
                    case READY -> new Ready(in.i32(), in.i64());
                    case INIT_FAILED -> new InitFailed(failure(in));
                    case THREADS -> new Threads(id, in.text());
                    case CATALOG -> new Catalog(id, descriptions(in));
                    case SAID -> new Said(id, in.flag(), in.text());
                    default -> null;
                };
        finish(message, in);
        return message;
    }

    private static void finish(@Nullable Message message, FrameReader in) throws IOException {
        if (message == null) {
            in.skip();
        }
        in.end();
    }

    private static Hello hello(FrameReader in) throws IOException {
        int protocol = in.i32();
        if (protocol != Message.PROTOCOL) {
            in.skip(); // whatever another version says here, its number is enough to refuse it
            return new Hello(protocol, 0, 0, false, null, null);
        }
        return new Hello(
                protocol,
                in.i32(),
                in.i64(),
                in.flag(),
                in.flag() ? target(in) : null,
                in.left() > 0 ? payload(in) : null);
    }

    private static Run run(long callId, FrameReader in) throws IOException {
        int targetId = in.i32();
        int attempt = in.i32();
        int manner = manner(in);
        long token = token(manner, in);
        return new Run(
                callId,
                targetId,
                attempt,
                (manner & STAR) != 0,
                (manner & OVERHEARD) != 0,
                token,
                payload(in));
    }

    private static RunChunk runChunk(long callId, FrameReader in) throws IOException {
        int targetId = in.i32();
        int attempt = in.i32();
        int manner = manner(in);
        long token = token(manner, in);
        return new RunChunk(
                callId,
                targetId,
                attempt,
                (manner & STAR) != 0,
                (manner & OVERHEARD) != 0,
                token,
                positive(in),
                payload(in));
    }

    private static int manner(FrameReader in) throws IOException {
        int manner = in.u8();
        if (manner > (STAR | OVERHEARD | TOKEN)) {
            throw new ProtocolException("no run is of manner %d".formatted(manner));
        }
        return manner;
    }

    private static long token(int manner, FrameReader in) throws IOException {
        return (manner & TOKEN) == 0 ? 0 : in.i64();
    }

    private static ChunkDone chunkDone(long callId, FrameReader in) throws IOException {
        long runNanos = in.i64();
        int count = positive(in);
        int failed = in.entries(4 + SMALLEST_FAILURE);
        if (failed > count) {
            throw new ProtocolException("%d failures of %d items".formatted(failed, count));
        }
        List<ItemFailure> failures = failed == 0 ? List.of() : new ArrayList<>(failed);
        int previous = -1;
        for (int i = 0; i < failed; i++) {
            int index = in.i32();
            if (index <= previous || index >= count) {
                throw new ProtocolException(
                        "failure of item %d of %d after item %d".formatted(index, count, previous));
            }
            failures.add(new ItemFailure(index, failure(in)));
            previous = index;
        }
        return new ChunkDone(callId, runNanos, count, payload(in), failures);
    }

    private static List<TaskDescription> descriptions(FrameReader in) throws IOException {
        int entries = in.entries(SMALLEST_DESCRIPTION);
        List<TaskDescription> tasks = new ArrayList<>(entries);
        for (int i = 0; i < entries; i++) {
            TaskName name = taskName(in);
            tasks.add(
                    new TaskDescription(
                            name, in.flag(), in.text(), in.text(), in.text(), in.text(), in.text(),
                            in.text()));
        }
        return tasks;
    }

    private static Target target(FrameReader in) throws IOException {
        int kind = in.u8();
        return switch (kind) {
            case 0 -> new Target.Named(taskName(in));
            case 1 ->
                    new Target.Method(
                            in.text(), in.text(), in.text(), TARGETS[ordinal(in, TARGETS.length)]);
            default -> throw new ProtocolException("no target is of kind %d".formatted(kind));
        };
    }

    private static Failure failure(FrameReader in) throws IOException {
        return new Failure(FAILURES[ordinal(in, FAILURES.length)], in.text(), in.text(), in.text());
    }

    private static Payload payload(FrameReader in) throws IOException {
        Payload.Encoding encoding = ENCODINGS[ordinal(in, ENCODINGS.length)];
        return new Payload(encoding, in.payload());
    }

    private static TaskName taskName(FrameReader in) throws IOException {
        String name = in.text();
        try {
            return new TaskName(name);
        } catch (IllegalArgumentException refused) {
            throw new ProtocolException(String.valueOf(refused.getMessage()));
        }
    }

    private static int positive(FrameReader in) throws IOException {
        int count = in.i32();
        if (count < 1) {
            throw new ProtocolException("a chunk of %d items".formatted(count));
        }
        return count;
    }

    private static int ordinal(FrameReader in, int end) throws IOException {
        int ordinal = in.u8();
        if (ordinal >= end) {
            throw new ProtocolException(
                    "number %d, allowed are 0 to %d".formatted(ordinal, end - 1));
        }
        return ordinal;
    }
}
