package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How values of one type look in JSON and CBOR: read, written and described in one place, so that
 * the three agree. Shapes are found by {@link Shapes}; they do not change and are safe for use by
 * several threads.
 */
sealed interface Shape
        permits AnyShape,
                ArrayShape,
                CollectionShape,
                EnumShape,
                MapShape,
                OptionalShape,
                PayloadShape,
                PrimitiveShape,
                RecordShape,
                Scalar,
                UnsupportedShape {

    /**
     * Reads the value whose first token is the current one and which is not null; afterwards its
     * last token is the current one.
     *
     * @throws DecodingException if it does not fit
     */
    Object bind(JsonParser in) throws IOException;

    /**
     * Writes a value of the type.
     *
     * @throws EncodingException if it or a part of it cannot travel
     */
    void put(Object value, JsonGenerator out) throws IOException;

    /** Writes the JSON Schema. */
    void describe(SchemaWriter schema) throws IOException;

    /** What is expected here, in words for an error message. */
    String expected();

    /** Shapes inside this one. */
    default List<Shape> parts() {
        return List.of();
    }

    /** Whether null is refused. */
    default boolean required() {
        return false;
    }

    /** What stands for null and for an absent member. */
    default @Nullable Object empty() {
        return null;
    }

    /** Reads a value that may be null. */
    default @Nullable Object read(JsonParser in) throws IOException {
        if (in.currentToken() != JsonToken.VALUE_NULL) {
            return bind(in);
        }
        if (required()) {
            throw DecodingException.expected(expected(), in);
        }
        return empty();
    }

    /** Writes a value that may be null. */
    default void write(@Nullable Object value, JsonGenerator out) throws IOException {
        if (value == null) {
            out.writeNull();
        } else if (out.getOutputContext().getNestingDepth() > Formats.DEPTH) {
            throw Codec.tooDeep(null);
        } else {
            put(value, out);
        }
    }

    /** Writes a member of a larger value. */
    default void write(@Nullable Object value, JsonGenerator out, String name) throws IOException {
        try {
            write(value, out);
        } catch (EncodingException refused) {
            throw refused.within(name);
        }
    }

    /** Writes an element of a larger value. */
    default void write(@Nullable Object value, JsonGenerator out, int index) throws IOException {
        try {
            write(value, out);
        } catch (EncodingException refused) {
            throw refused.within(Integer.toString(index));
        }
    }
}
