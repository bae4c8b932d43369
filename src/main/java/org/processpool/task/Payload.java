package org.processpool.task;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A value as bytes, with the encoding they are in. It travels unopened between the caller and the
 * task; a task that takes or returns {@code Payload} gets or gives the bytes as they are. The array
 * is not copied, so whoever hands it over must not change it afterwards.
 *
 * @param encoding what the bytes are
 * @param bytes the bytes
 */
@SuppressWarnings("ArrayRecordComponent") // equals, hashCode and toString below know the array
public record Payload(Encoding encoding, byte[] bytes) {

    /** The encodings a value can travel in. The order is the number on the wire: only append. */
    public enum Encoding {
        /** JSON text in UTF-8 (RFC 8259). */
        JSON("application/json"),
        /** CBOR (RFC 8949): how Java values travel. */
        CBOR("application/cbor"),
        /** A string, in UTF-8. */
        TEXT("text/plain;charset=UTF-8"),
        /** Bytes that mean nothing to us. */
        BYTES("application/octet-stream");

        private final String mediaType;

        Encoding(String mediaType) {
            this.mediaType = mediaType;
        }

        /** The media type of such bytes (RFC 6838). */
        public String mediaType() {
            return mediaType;
        }
    }

    public Payload {
        Objects.requireNonNull(encoding, "encoding");
        Objects.requireNonNull(bytes, "bytes");
    }

    /** JSON text that is already encoded. */
    public static Payload json(byte[] utf8) {
        return new Payload(Encoding.JSON, utf8);
    }

    /** JSON text. */
    public static Payload json(String text) {
        return json(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes as they are. */
    public static Payload bytes(byte[] bytes) {
        return new Payload(Encoding.BYTES, bytes);
    }

    /** The bytes read as UTF-8 text. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Number of bytes. */
    public int size() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Payload(Encoding e, byte[] b)
                && e == encoding
                && Arrays.equals(b, bytes);
    }

    @Override
    public int hashCode() {
        return 31 * encoding.hashCode() + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Payload[%s, %d bytes]".formatted(encoding.mediaType(), bytes.length);
    }
}
