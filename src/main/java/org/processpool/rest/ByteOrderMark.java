package org.processpool.rest;

/** Three bytes some programs begin UTF-8 with; RFC 8259 allows to pass over them. */
final class ByteOrderMark {

    static final int LENGTH = 3;

    private ByteOrderMark() {}

    /** Whether the bytes of a range begin with it. */
    static boolean starts(byte[] bytes, int from, int to) {
        return to - from >= LENGTH
                && bytes[from] == (byte) 0xef
                && bytes[from + 1] == (byte) 0xbb
                && bytes[from + 2] == (byte) 0xbf;
    }
}
