package org.processpool.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;

/**
 * A channel over two byte streams, such as the pipes of a worker process, and, for large payloads,
 * shared memory. It has buffers of its own in both directions, so the streams should have none.
 *
 * <p>Closing one end of a pipe does not reliably wake a thread that is blocked in {@link #receive};
 * end the other side's process for that.
 *
 * @param <S> what this side says
 * @param <R> what this side hears
 */
public final class StreamChannel<S extends Message, R extends Message> implements Channel<S, R> {

    /** Turns the open frame into a message, or null if its kind is unknown. */
    private interface Decoder<R> {
        @Nullable R read(FrameReader frame) throws IOException;
    }

    private final InputStream in;
    private final OutputStream out;
    private final Decoder<R> decoder;

    /** Frames of unknown kinds in a row that are passed over; more are a flood. */
    private static final int MOST_UNKNOWN = 1000;

    /** What the parent says and what a worker says lies in files of these names. */
    private static final String DOWN = "down";

    private static final String UP = "up";

    private final FrameReader reader;
    private final FrameWriter writer;
    private final @Nullable Shelf hearing;
    private final @Nullable Shelf saying;
    private final ReentrantLock sending = new ReentrantLock();
    private volatile int maxPayload;

    private StreamChannel(
            InputStream in,
            OutputStream out,
            boolean parent,
            Decoder<R> decoder,
            int maxPayload,
            @Nullable Path shelves) {
        this.in = in;
        this.out = out;
        this.decoder = decoder;
        this.hearing = shelves == null ? null : hearing(shelves.resolve(parent ? UP : DOWN));
        this.saying =
                shelves == null
                        ? null
                        : parent
                                ? saying(shelves.resolve(DOWN))
                                : Shelf.toPutOn(shelves.resolve(UP));
        this.reader = new FrameReader(in, parent, hearing);
        this.writer = new FrameWriter(out, !parent, saying);
        limit(maxPayload);
    }

    private static @Nullable Shelf saying(Path path) {
        try {
            return Shelf.toPutOnSafely(path);
        } catch (IOException full) {
            return null; // there is still the pipe
        }
    }

    private static @Nullable Shelf hearing(Path path) {
        try {
            return Shelf.toTakeFrom(path);
        } catch (IOException unseen) {
            return null; // the other side does not see it either and takes the pipe
        }
    }

    /**
     * The parent's end.
     *
     * @param in what the worker says
     * @param out what the worker hears
     * @param maxPayload most bytes of one payload; 0 to {@link Integer#MAX_VALUE} less 1 MiB
     */
    public static StreamChannel<ToWorker, ToParent> parentSide(
            InputStream in, OutputStream out, int maxPayload) {
        return parentSide(in, out, maxPayload, null);
    }

    /**
     * The parent's end.
     *
     * @param in what the worker says
     * @param out what the worker hears
     * @param maxPayload most bytes of one payload; 0 to {@link Integer#MAX_VALUE} less 1 MiB
     * @param shelves an empty directory in shared memory, the same for both ends, or null; whoever
     *     made it deletes it
     */
    public static StreamChannel<ToWorker, ToParent> parentSide(
            InputStream in, OutputStream out, int maxPayload, @Nullable Path shelves) {
        return new StreamChannel<>(in, out, true, FrameCodec::readToParent, maxPayload, shelves);
    }

    /**
     * The worker's end.
     *
     * @param in what the parent says
     * @param out what the parent hears
     * @param maxPayload most bytes of one payload until {@link #limit} says otherwise
     */
    public static StreamChannel<ToParent, ToWorker> workerSide(
            InputStream in, OutputStream out, int maxPayload) {
        return workerSide(in, out, maxPayload, null);
    }

    /**
     * The worker's end.
     *
     * @param in what the parent says
     * @param out what the parent hears
     * @param maxPayload most bytes of one payload until {@link #limit} says otherwise
     * @param shelves a directory in shared memory, the same for both ends, or null
     */
    public static StreamChannel<ToParent, ToWorker> workerSide(
            InputStream in, OutputStream out, int maxPayload, @Nullable Path shelves) {
        return new StreamChannel<>(in, out, false, FrameCodec::readToWorker, maxPayload, shelves);
    }

    /**
     * Sets the largest payload, in both directions, from the next message on.
     *
     * @param bytes 0 to {@link Integer#MAX_VALUE} less 1 MiB
     */
    public void limit(int bytes) {
        if (bytes < 0 || bytes > Integer.MAX_VALUE - FrameCodec.OVERHEAD) {
            throw new IllegalArgumentException(
                    "most bytes of a payload must be 0 to %,d, was %,d"
                            .formatted(Integer.MAX_VALUE - FrameCodec.OVERHEAD, bytes));
        }
        this.maxPayload = bytes;
    }

    @Override
    public void send(List<? extends S> messages) throws IOException {
        for (int i = 0; i < messages.size(); i++) {
            FrameCodec.check(messages.get(i), maxPayload);
        }
        sending.lock();
        try {
            for (int i = 0; i < messages.size(); i++) {
                FrameCodec.write(messages.get(i), writer);
            }
            writer.flush();
        } finally {
            writer.clear();
            sending.unlock();
        }
    }

    @Override
    public @Nullable R receive() throws IOException {
        int unknown = 0;
        while (reader.next(maxPayload + FrameCodec.OVERHEAD)) {
            R message = decoder.read(reader);
            if (message != null) {
                return message;
            }
            if (++unknown > MOST_UNKNOWN) {
                throw new ProtocolException(
                        "more than %d frames in a row that say nothing".formatted(MOST_UNKNOWN));
            }
        }
        return null;
    }

    @Override
    public boolean ready(long spinNanos) throws IOException {
        if (reader.available()) {
            return true;
        }
        if (spinNanos > 0) {
            long start = System.nanoTime();
            while (System.nanoTime() - start < spinNanos) {
                Thread.onSpinWait();
                if (reader.available()) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public boolean buffered() {
        return reader.buffered();
    }

    @Override
    public void close() throws IOException {
        try (hearing;
                saying;
                out) {
            in.close();
        }
    }
}
