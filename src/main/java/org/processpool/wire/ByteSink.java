package org.processpool.wire;

import java.io.OutputStream;
import java.util.Arrays;

/** Bytes being collected, which can be cut back. Not safe for use by several threads. */
final class ByteSink extends OutputStream {

    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private byte[] bytes;
    private int count;

    ByteSink(int capacity) {
        bytes = new byte[capacity];
    }

    @Override
    public void write(int value) {
        room(1);
        bytes[count++] = (byte) value;
    }

    @Override
    public void write(byte[] source, int from, int length) {
        room(length);
        System.arraycopy(source, from, bytes, count, length);
        count += length;
    }

    void putInt(int value) {
        room(4);
        BigEndian.put(bytes, count, value);
        count += 4;
    }

    void putLong(long value) {
        room(8);
        BigEndian.put(bytes, count, value);
        count += 8;
    }

    int size() {
        return count;
    }

    void truncate(int size) {
        count = size;
    }

    /** The bytes so far; the sink must not be used afterwards. */
    byte[] take() {
        return count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
    }

    private void room(int more) {
        if (more > bytes.length - count) {
            if (more > LARGEST - count) {
                throw new EncodingException("the value is larger than 2 GB");
            }
            long doubled = Math.min(2L * bytes.length, LARGEST);
            bytes = Arrays.copyOf(bytes, (int) Math.max(doubled, count + more));
        }
    }
}
