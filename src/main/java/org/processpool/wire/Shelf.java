package org.processpool.wire;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file in shared memory where one side puts pieces of large payloads and the other takes them.
 * Through the pipe it is said what lies where, after it was put there; so what was announced is
 * there, whatever has become of the side that put it. Nobody waits here: a piece that finds no
 * place goes through the pipe.
 *
 * <p>The file has {@link #PLACES} places, and behind them a count of the pieces that were taken. It
 * is made by the taker, empty, which shows that the taker can see it; the other side fills it
 * before its first piece, so that a shared memory without room is an {@link IOException} then and
 * not a fault later.
 *
 * <p>The other side is not trusted. Bytes are copied before anybody looks at them, and a file that
 * is cut off under its mapping is noticed: the JVM makes an {@link InternalError} of the fault, at
 * the latest when it returns from the next native method, which is asking for the file's length.
 *
 * <p>One thread at a time may put or take; any thread may close.
 */
final class Shelf implements Closeable {

    /** Payloads at least this large travel in pieces. */
    static final int LARGE = 128 << 10;

    /** Most bytes of a piece in one place. */
    static final int PIECE = 256 << 10;

    /** Most bytes of a piece that goes through the pipe. */
    static final int PIPED = 64 << 10;

    /**
     * More make payloads of some megabytes faster still, and take their memory from each worker.
     */
    static final int PLACES = 8;

    /** What {@link #put} answers if the piece has to go through the pipe. */
    static final int NOWHERE = -1;

    private static final long COUNT = (long) PLACES * PIECE;
    private static final long SIZE = COUNT + 4096;

    /** A class of its own, as a worker starts faster without it. */
    private static final class Count {
        static final VarHandle TAKEN = ValueLayout.JAVA_LONG.varHandle();
    }

    private final Path path;
    private @Nullable RandomAccessFile file;
    private @Nullable Arena arena;
    private @Nullable MemorySegment memory;

    /** Whether nothing is put here any more. */
    private boolean useless;

    /** Pieces put or taken, whichever this side does. */
    private long pieces;

    /** Where the next piece is put. */
    private int next;

    private Shelf(Path path, @Nullable RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /** For the side that puts; whether there is such a file is found out when it is needed. */
    static Shelf toPutOn(Path path) {
        return new Shelf(path, null);
    }

    /**
     * For the side that puts and does not trust the other: makes the file now, before the other
     * side can have put something else in its place that this side would follow.
     */
    static Shelf toPutOnSafely(Path path) throws IOException {
        return new Shelf(path, new RandomAccessFile(path.toFile(), "rw"));
    }

    /** For the side that takes: makes the file, and a sign in it that there is somebody to take. */
    static Shelf toTakeFrom(Path path) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        if (file.length() == 0) {
            file.setLength(1);
        }
        return new Shelf(path, file);
    }

    /** Whether it is worth while to {@link #put}: the other side can see this shelf. */
    synchronized boolean isSeen() {
        if (memory == null
                && !useless
                && (file != null || Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))) {
            try {
                RandomAccessFile shared = file;
                if (shared == null) {
                    shared = new RandomAccessFile(path.toFile(), "rw");
                    file = shared;
                }
                if (shared.length() == 0) {
                    return false; // nobody takes from it, or not yet
                }
                fill(shared);
                memory = map();
            } catch (IOException full) {
                useless = true; // there is still the pipe
            }
        }
        return memory != null && !useless;
    }

    /**
     * Copies a piece to a place.
     *
     * @param length at most {@link #PIECE}
     * @return the place, or {@link #NOWHERE}
     */
    synchronized int put(byte[] bytes, int from, int length) {
        if (memory == null || useless) {
            return NOWHERE;
        }
        try {
            long lying = pieces - (long) Count.TAKEN.getAcquire(memory, COUNT);
            if (lying == PLACES) {
                return NOWHERE;
            }
            if (lying < 0 || lying > PLACES) {
                throw new IOException("%d pieces in %d places".formatted(lying, PLACES));
            }
            int place = lying == 0 ? 0 : next; // what was used last is in the processor's cache
            MemorySegment.copy(
                    bytes, from, memory, ValueLayout.JAVA_BYTE, (long) place * PIECE, length);
            checkWhole();
            pieces++;
            next = (place + 1) % PLACES;
            return place;
        } catch (IOException | InternalError spoilt) {
            useless = true; // there is still the pipe
            return NOWHERE;
        }
    }

    /**
     * Copies a piece that was announced.
     *
     * @throws ProtocolException nothing of the kind can be there
     * @throws IOException the file was cut off, or this is closed
     */
    synchronized void take(long place, byte[] into, int from, int length) throws IOException {
        if (place < 0 || place >= PLACES || length > PIECE) {
            throw new ProtocolException(
                    "%d bytes in place %d, there are %d places for %d bytes each"
                            .formatted(length, place, PLACES, PIECE));
        }
        try {
            if (memory == null) {
                checkWhole();
                memory = map();
            }
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, place * PIECE, into, from, length);
            Count.TAKEN.setRelease(memory, COUNT, ++pieces);
            checkWhole();
        } catch (InternalError fault) {
            throw new IOException("the shared memory was cut off: " + path, fault);
        }
    }

    private static void fill(RandomAccessFile file) throws IOException {
        byte[] nothing = new byte[64 << 10];
        try {
            for (long left = SIZE; left > 0; left -= nothing.length) {
                file.write(nothing, 0, (int) Math.min(left, nothing.length));
            }
        } catch (IOException full) {
            file.setLength(0); // others need what there is
            throw full;
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // close does
    private MemorySegment map() throws IOException {
        boolean interrupted = Thread.interrupted(); // which would close the file
        try {
            arena = Arena.ofShared();
            return open().getChannel().map(MapMode.READ_WRITE, 0, SIZE, arena);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void checkWhole() throws IOException {
        long length = open().length();
        if (length < SIZE) {
            throw new IOException(
                    "the shared memory was cut off at %d bytes: %s".formatted(length, path));
        }
    }

    private RandomAccessFile open() throws IOException {
        if (file == null) {
            throw new IOException("the shared memory was closed: " + path);
        }
        return file;
    }

    /** Gives the memory back; the file stays. */
    @Override
    public synchronized void close() throws IOException {
        useless = true;
        memory = null;
        if (arena != null) {
            arena.close();
            arena = null;
        }
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
