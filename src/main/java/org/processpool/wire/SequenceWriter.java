package org.processpool.wire;

import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.Payload.Encoding;

/**
 * Writes the items of a chunk one after the other: a CBOR sequence (RFC 8742) or, as JSON, values
 * separated by newlines. Not safe for use by several threads; never blocks.
 */
public final class SequenceWriter {

    private final Formats format;
    private final ByteSink sink;
    private int count;

    /**
     * @param family {@code JSON} for JSON, any other for CBOR
     * @param expectedBytes how large it will probably be; at least 0
     */
    public SequenceWriter(Encoding family, int expectedBytes) {
        format = family == Encoding.JSON ? Formats.JSON : Formats.CBOR;
        sink = new ByteSink(Math.max(64, expectedBytes));
    }

    /**
     * Writes an item.
     *
     * @throws EncodingException if it cannot travel; the writer is as it was before
     */
    public void add(@Nullable Object item) {
        int before = sink.size();
        try {
            if (format == Formats.CBOR && Cbor.write(item, sink)) {
                count++;
                return;
            }
            if (format == Formats.JSON
                    && item instanceof Payload(Encoding encoding, byte[] text)
                    && encoding == Encoding.JSON) {
                Codec.refuseUnlessOneValue(text);
                addJson(text);
                return;
            }
            separate();
            Codec.write(item, format, sink);
            count++;
        } catch (RuntimeException refused) {
            sink.truncate(before);
            throw refused;
        }
    }

    /**
     * Writes an item that is JSON text already; newlines in it become blanks, which mean the same.
     *
     * @throws IllegalStateException if this is no writer of JSON
     */
    public void addJson(byte[] utf8) {
        if (format != Formats.JSON) {
            throw new IllegalStateException("JSON text in a CBOR sequence");
        }
        separate();
        for (byte each : utf8) {
            sink.write(each == '\n' || each == '\r' ? ' ' : each);
        }
        count++;
    }

    private void separate() {
        if (format == Formats.JSON && count > 0) {
            sink.write('\n');
        }
    }

    /** Number of items so far. */
    public int count() {
        return count;
    }

    /** Number of bytes so far. */
    public int size() {
        return sink.size();
    }

    /** All items; the writer must not be used afterwards. */
    public Payload payload() {
        return new Payload(format == Formats.JSON ? Encoding.JSON : Encoding.CBOR, sink.take());
    }
}
