package org.processpool.wire;

/**
 * Numbers in network byte order inside byte arrays. Plain shifts and no {@code VarHandle}, whose
 * linking would cost a starting worker milliseconds; the compiler merges them.
 */
final class BigEndian {

    private BigEndian() {}

    static void put(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }

    static void put(byte[] bytes, int at, long value) {
        put(bytes, at, (int) (value >>> 32));
        put(bytes, at + 4, (int) value);
    }

    static int getInt(byte[] bytes, int at) {
        return bytes[at] << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }

    static long getLong(byte[] bytes, int at) {
        return (long) getInt(bytes, at) << 32 | (getInt(bytes, at + 4) & 0xffff_ffffL);
    }
}
