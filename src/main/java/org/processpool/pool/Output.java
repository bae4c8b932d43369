package org.processpool.pool;

/**
 * What the code of a call has printed. The texts of one stream, one after the other, are what was
 * printed to it, read as UTF-8 with U+FFFD for what is none.
 *
 * @param stream where it was printed
 * @param text at most 65,536 characters; whole lines with their newlines, or less if it was flushed
 *     without a newline, is a piece of a line longer than 64 KiB or the rest at the end of the call
 */
public record Output(Stream stream, String text) {

    /** Most bytes of one stream that are told of one run of a call; a line says that it was cut. */
    public static final int MOST_BYTES = org.processpool.wire.Message.Said.MOST;

    /** The two streams a program prints to. */
    public enum Stream {
        /** {@code System.out}. */
        STDOUT,
        /** {@code System.err}. */
        STDERR
    }
}
