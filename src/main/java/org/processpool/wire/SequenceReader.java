package org.processpool.wire;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;

/**
 * Reads the items of a chunk one after the other, as {@link SequenceWriter} wrote them. An item
 * that does not fit its type is refused by itself: the next call of {@link #next} goes on behind
 * it. Not safe for use by several threads; never blocks.
 */
public final class SequenceReader {

    private final byte[] bytes;
    private final Formats format;
    private final Shape @Nullable [] parameters;
    private final Shape shape;
    private final Cbor items;
    private @Nullable JsonParser parser;
    private int line;

    private SequenceReader(Payload payload, Shape shape, Shape @Nullable [] parameters) {
        this.bytes = payload.bytes();
        this.shape = shape;
        this.parameters = parameters;
        this.items = new Cbor(bytes);
        this.format =
                switch (payload.encoding()) {
                    case JSON -> Formats.JSON;
                    case CBOR -> Formats.CBOR;
                    case TEXT, BYTES ->
                            throw new DecodingException("expected a sequence, got " + payload);
                };
    }

    /**
     * Reads items of one type.
     *
     * @throws DecodingException if the payload is neither JSON nor CBOR
     */
    public static SequenceReader of(Payload payload, Type declared) {
        return new SequenceReader(payload, Shapes.of(declared), null);
    }

    /**
     * Reads items that are arrays of positional arguments; each is an {@code Object[]} of as many
     * values as there are types.
     *
     * @throws DecodingException if the payload is neither JSON nor CBOR
     */
    public static SequenceReader ofArguments(Payload payload, List<Type> declared) {
        return new SequenceReader(payload, AnyShape.ANY, Codec.shapes(declared));
    }

    /**
     * The next item.
     *
     * @return the value, or the array of arguments
     * @throws DecodingException if the item does not fit or there is none
     */
    public @Nullable Object next() {
        if (format == Formats.JSON) {
            if (shape instanceof PayloadShape) {
                return nextJson();
            }
            int start = line;
            return parseLine(start, endOfLine());
        }
        if (parser == null && parameters == null) {
            Object value = items.read(shape);
            if (!Cbor.other(value)) {
                return value;
            }
        }
        return parseItem(shape, parameters);
    }

    /** Passes over an item, whatever it is. */
    public void skip() {
        if (format == Formats.JSON) {
            endOfLine();
        } else if (parser != null || Cbor.other(items.read(AnyShape.ANY))) {
            parseItem(AnyShape.ANY, null);
        }
    }

    /**
     * The next item of a JSON sequence as it is.
     *
     * @throws IllegalStateException if this is no reader of JSON
     * @throws DecodingException if there is none
     */
    public Payload nextJson() {
        if (format != Formats.JSON) {
            throw new IllegalStateException("JSON text from a CBOR sequence");
        }
        int start = line;
        return Payload.json(Arrays.copyOfRange(bytes, start, endOfLine()));
    }

    /** Moves to the next line and tells where this one ends. */
    private int endOfLine() {
        if (line >= bytes.length) {
            throw new DecodingException("the sequence has fewer items than announced");
        }
        int end = line;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        line = end + 1;
        return end;
    }

    private @Nullable Object parseLine(int start, int end) {
        try (JsonParser in = Formats.JSON.parser(bytes, start, end - start)) {
            if (in.nextToken() == null) {
                throw new DecodingException("expected " + shape.expected() + ", got nothing");
            }
            Object value = read(in, shape, parameters);
            if (in.nextToken() != null) {
                throw new DecodingException("expected one value, got more behind it");
            }
            return value;
        } catch (IOException | RuntimeException malformed) {
            throw Codec.refusal(Formats.JSON, malformed);
        }
    }

    private @Nullable Object parseItem(Shape wanted, Shape @Nullable [] arguments) {
        JsonParser in = parser;
        try {
            if (in == null) {
                int from = items.position();
                in = Formats.CBOR.parser(bytes, from, bytes.length - from);
                parser = in;
            }
            if (in.nextToken() == null) {
                throw new DecodingException("the sequence has fewer items than announced");
            }
            try {
                return read(in, wanted, arguments);
            } catch (DecodingException unfit) {
                while (!in.getParsingContext().inRoot() && in.nextToken() != null) {
                    // to the end of the item
                }
                throw unfit;
            }
        } catch (IOException | RuntimeException malformed) {
            throw Codec.refusal(Formats.CBOR, malformed);
        }
    }

    private static @Nullable Object read(JsonParser in, Shape wanted, Shape @Nullable [] arguments)
            throws IOException {
        return arguments == null ? wanted.read(in) : Codec.readArguments(in, arguments);
    }
}
