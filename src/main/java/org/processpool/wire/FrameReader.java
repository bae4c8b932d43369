package org.processpool.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Takes frames apart. Whatever the other side sends, a reader either delivers values it really sent
 * or throws {@link IOException}; it never asks for more memory than a frame may have. Not safe for
 * use by several threads.
 */
final class FrameReader {

    private static final int BUFFER = 64 * 1024;

    private final InputStream in;
    private final @Nullable CRC32C checksum;
    private final int trailer;
    private final @Nullable Shelf shelf;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;

    /** Bytes of the frame's body not taken yet, without the checksum. */
    private int left;

    /** Most bytes the open frame may have. */
    private int longest;

    /** Whether the open frame's payload is in frames of its own that follow. */
    private boolean inPieces;

    /** Where in the buffer the bytes begin that are not in the checksum yet. */
    private int unsummed;

    /**
     * Reads from the stream.
     *
     * @param checked whether frames have a checksum
     * @param shelf where large payloads are, or null
     */
    FrameReader(InputStream in, boolean checked, @Nullable Shelf shelf) {
        this.in = in;
        this.checksum = checked ? new CRC32C() : null;
        this.trailer = checked ? FrameCodec.CHECKSUM : 0;
        this.shelf = shelf;
    }

    /** Whether bytes wait in the buffer or in the stream. */
    boolean available() throws IOException {
        return position < limit || in.available() > 0;
    }

    /** Whether a whole frame that says something waits in the buffer. */
    boolean buffered() {
        int ready = limit - position;
        return ready > 4
                && ready - 4 >= BigEndian.getInt(buffer, position)
                && FrameCodec.isKnown(buffer[position + 4]);
    }

    /**
     * Opens the next frame, waiting for it.
     *
     * @param longest most bytes a body may have
     * @return false at the end of the stream
     */
    boolean next(int longest) throws IOException {
        if (position == limit && !fill()) {
            return false;
        }
        need(4);
        int length = BigEndian.getInt(buffer, position);
        position += 4;
        int body = length - trailer;
        if (length < 0 || body < FrameCodec.HEAD || body > longest) {
            throw new ProtocolException(
                    "frame of %d bytes, allowed are %d to %d"
                            .formatted(
                                    length, FrameCodec.HEAD + trailer, (long) longest + trailer));
        }
        this.longest = longest;
        left = body;
        unsummed = position;
        if (checksum != null) {
            checksum.reset();
        }
        return true;
    }

    /** Closes the frame: all of it was taken and it is what was sent. */
    void end() throws IOException {
        if (inPieces) {
            throw new ProtocolException("a payload in pieces where there is none");
        }
        if (left != 0) {
            throw new ProtocolException("%d bytes too many in a frame".formatted(left));
        }
        if (checksum != null) {
            sum(checksum);
            int sum = (int) checksum.getValue();
            need(trailer);
            int sent = BigEndian.getInt(buffer, position);
            position += trailer;
            if (sum != sent) {
                throw new ProtocolException("a frame's checksum is wrong");
            }
        }
    }

    /** Bytes left in the frame. */
    int left() {
        return left;
    }

    /** Takes what is left of the frame without looking at it. */
    void skip() throws IOException {
        while (left > 0) {
            take(Math.min(left, BUFFER));
        }
        inPieces = false;
    }

    /** The kind a frame begins with. */
    int kind() throws IOException {
        int kind = u8();
        inPieces = (kind & FrameCodec.IN_PIECES) != 0;
        return kind & ~FrameCodec.IN_PIECES;
    }

    int u8() throws IOException {
        return buffer[take(1)] & 0xff;
    }

    boolean flag() throws IOException {
        int value = u8();
        if (value > 1) {
            throw new ProtocolException("a flag must be 0 or 1, was %d".formatted(value));
        }
        return value == 1;
    }

    int i32() throws IOException {
        return BigEndian.getInt(buffer, take(4));
    }

    long i64() throws IOException {
        return BigEndian.getLong(buffer, take(8));
    }

    /** A text that is there. */
    String text() throws IOException {
        String text = textOrNull();
        if (text == null) {
            throw new ProtocolException("a text is missing");
        }
        return text;
    }

    @Nullable String textOrNull() throws IOException {
        int length = i32();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > left) {
            throw new ProtocolException(
                    "a text of %d bytes in the last %d bytes of a frame".formatted(length, left));
        }
        if (length > BUFFER) {
            return new String(bytes(length), StandardCharsets.UTF_8);
        }
        return new String(buffer, take(length), length, StandardCharsets.UTF_8);
    }

    /**
     * Number of entries of a list.
     *
     * @param smallest fewest bytes an entry can have
     */
    int entries(int smallest) throws IOException {
        int entries = i32();
        if (entries < 0 || entries > left / smallest) {
            throw new ProtocolException(
                    "a list of %d entries in the last %d bytes of a frame"
                            .formatted(entries, left));
        }
        return entries;
    }

    /**
     * Takes bytes of the frame into an array of their own; {@code length} is at most {@link #left}.
     */
    byte[] bytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        bytes(bytes, 0, length);
        return bytes;
    }

    /**
     * Takes the payload at the end of the frame. If it comes in frames of its own, the last of them
     * is the open one then.
     */
    byte[] payload() throws IOException {
        if (!inPieces) {
            return bytes(left);
        }
        inPieces = false;
        int length = i32();
        if (length < 0 || length > longest - FrameCodec.OVERHEAD) {
            throw new ProtocolException("a payload of %d bytes in pieces".formatted(length));
        }
        byte[] bytes = new byte[length];
        for (int from = 0; from < length; ) {
            end();
            if (!next(longest)) {
                throw torn();
            }
            from += piece(bytes, from);
        }
        return bytes;
    }

    private int piece(byte[] into, int from) throws IOException {
        int kind = u8();
        long place = i64();
        if (kind != FrameCodec.PIECE && (kind != FrameCodec.PIECE_ON_SHELF || shelf == null)) {
            throw new ProtocolException("a frame of kind %d is no piece".formatted(kind));
        }
        int length = kind == FrameCodec.PIECE ? left : i32();
        if (length < 1 || length > into.length - from) {
            throw new ProtocolException(
                    "a piece of %d bytes in the last %d bytes of a payload"
                            .formatted(length, into.length - from));
        }
        if (kind == FrameCodec.PIECE || shelf == null) {
            bytes(into, from, length);
        } else {
            shelf.take(place, into, from, length);
        }
        return length;
    }

    private void bytes(byte[] bytes, int from, int length) throws IOException {
        int here = Math.min(length, limit - position);
        System.arraycopy(buffer, position, bytes, from, here);
        position += here;
        left -= length;
        if (here < length) {
            if (checksum != null) {
                sum(checksum);
            }
            if (in.readNBytes(bytes, from + here, length - here) < length - here) {
                throw torn();
            }
            if (checksum != null) {
                checksum.update(bytes, from + here, length - here);
            }
        }
    }

    /** Takes bytes of the frame and tells where in the buffer they are. */
    private int take(int length) throws IOException {
        if (length > left) {
            throw new ProtocolException("a frame ends %d bytes too early".formatted(length - left));
        }
        need(length);
        int at = position;
        position += length;
        left -= length;
        return at;
    }

    /** Waits until so many bytes, at most {@link #BUFFER}, are in the buffer. */
    private void need(int length) throws IOException {
        while (limit - position < length) {
            if (!fill()) {
                throw torn();
            }
        }
    }

    private boolean fill() throws IOException {
        if (position > 0) {
            if (checksum != null && left > 0) {
                sum(checksum);
            }
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
            unsummed = 0;
        }
        int read = in.read(buffer, limit, buffer.length - limit);
        if (read < 0) {
            return false;
        }
        limit += read;
        return true;
    }

    private void sum(CRC32C sum) {
        sum.update(buffer, unsummed, position - unsummed);
        unsummed = position;
    }

    private static EOFException torn() {
        return new EOFException("the stream ended in the middle of a message");
    }
}
