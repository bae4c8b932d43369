package org.processpool.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;

/**
 * Collects frames and writes them in as few writes as possible. Bytes of a large payload go out
 * straight from the caller's array. Not safe for use by several threads.
 */
final class FrameWriter {

    /** From this size on bytes are not copied into the buffer. */
    private static final int DIRECT = 64 * 1024;

    private static final byte[] NOTHING = {};

    private final OutputStream out;
    private final @Nullable CRC32C checksum;
    private final @Nullable Shelf shelf;
    private byte[] buffer = new byte[1024];
    private int count;
    private int frame;

    /**
     * Writes to the stream.
     *
     * @param checked whether frames have a checksum
     * @param shelf where large payloads go, or null
     */
    FrameWriter(OutputStream out, boolean checked, @Nullable Shelf shelf) {
        this.out = out;
        this.checksum = checked ? new CRC32C() : null;
        this.shelf = shelf;
    }

    /** Opens a frame. */
    FrameWriter begin(int kind, long id) {
        frame = count;
        room(4);
        count += 4;
        return u8(kind).i64(id);
    }

    FrameWriter u8(int value) {
        room(1);
        buffer[count++] = (byte) value;
        return this;
    }

    FrameWriter flag(boolean value) {
        return u8(value ? 1 : 0);
    }

    FrameWriter i32(int value) {
        room(4);
        BigEndian.put(buffer, count, value);
        count += 4;
        return this;
    }

    FrameWriter i64(long value) {
        room(8);
        BigEndian.put(buffer, count, value);
        count += 8;
        return this;
    }

    /** A constant of an enum whose order is fixed because it is the number on the wire. */
    @SuppressWarnings("EnumOrdinal")
    FrameWriter constant(Enum<?> value) {
        return u8(value.ordinal());
    }

    /** Length and UTF-8; null has length -1. */
    FrameWriter text(@Nullable String value) {
        if (value == null) {
            return i32(-1);
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return i32(utf8.length).raw(utf8, 0, utf8.length);
    }

    /** Closes a frame whose body is complete. */
    void end() throws IOException {
        end(NOTHING, 0, 0);
    }

    /** Closes a frame with a payload as the last part of its body. */
    void end(Payload payload) throws IOException {
        constant(payload.encoding());
        byte[] bytes = payload.bytes();
        if (shelf != null && bytes.length >= Shelf.LARGE && shelf.isSeen()) {
            buffer[frame + 4] |= (byte) FrameCodec.IN_PIECES;
            i32(bytes.length).end();
            pieces(bytes, shelf);
        } else {
            end(bytes, 0, bytes.length);
        }
    }

    /** Frames with the bytes; each goes out at once, so that the other side copies meanwhile. */
    private void pieces(byte[] bytes, Shelf shelf) throws IOException {
        int length;
        for (int from = 0; from < bytes.length; from += length) {
            length = Math.min(Shelf.PIECE, bytes.length - from);
            int place = shelf.put(bytes, from, length);
            if (place == Shelf.NOWHERE) {
                length = Math.min(Shelf.PIPED, length);
                begin(FrameCodec.PIECE, 0).end(bytes, from, length);
            } else {
                begin(FrameCodec.PIECE_ON_SHELF, place).i32(length).end();
            }
            flush();
        }
    }

    private void end(byte[] tail, int from, int length) throws IOException {
        int trailer = checksum == null ? 0 : FrameCodec.CHECKSUM;
        BigEndian.put(buffer, frame, count - frame - 4 + length + trailer);
        boolean direct = length >= DIRECT;
        if (!direct) {
            raw(tail, from, length);
        }
        if (checksum != null) {
            checksum.reset();
            checksum.update(buffer, frame + 4, count - frame - 4);
        }
        if (direct) {
            flush();
            out.write(tail, from, length);
            if (checksum != null) {
                checksum.update(tail, from, length);
            }
        }
        if (checksum != null) {
            i32((int) checksum.getValue());
        }
        if (count >= DIRECT) {
            flush();
        }
    }

    /** Writes out what was collected. */
    void flush() throws IOException {
        int length = count;
        count = 0;
        if (length > 0) {
            out.write(buffer, 0, length);
        }
        out.flush();
        if (buffer.length > 4 * DIRECT) {
            buffer = new byte[DIRECT];
        }
    }

    /** Forgets what was collected, after a failure. */
    void clear() {
        count = 0;
    }

    private FrameWriter raw(byte[] bytes, int from, int length) {
        room(length);
        System.arraycopy(bytes, from, buffer, count, length);
        count += length;
        return this;
    }

    private void room(int more) {
        if (buffer.length - count < more) {
            buffer = Arrays.copyOf(buffer, Math.max(count + more, 2 * buffer.length));
        }
    }
}
