package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.Payload.Encoding;

/**
 * Java values as payloads and back, bound to declared types only: no class name ever travels. Which
 * types those are is said at {@link org.processpool.task.Task}. Safe for use by several threads,
 * never blocks.
 *
 * <p>A value is nested at most 1,000 levels deep.
 */
public final class Codec {

    private static final byte[] NULL = {(byte) 0xf6};

    private Codec() {}

    /**
     * Encodes a value: {@code byte[]} as bytes, a string as text, a payload as itself, everything
     * else as CBOR.
     *
     * @throws EncodingException if it or a part of it cannot travel
     */
    public static Payload encode(@Nullable Object value) {
        if (value == null) {
            return new Payload(Encoding.CBOR, NULL);
        }
        if (value instanceof Payload payload) {
            return payload;
        }
        if (value instanceof byte[] bytes) {
            return Payload.bytes(bytes);
        }
        if (value instanceof String text) {
            return new Payload(Encoding.TEXT, text.getBytes(StandardCharsets.UTF_8));
        }
        ByteSink sink = new ByteSink(16);
        if (!Cbor.write(value, sink)) {
            write(value, Formats.CBOR, sink);
        }
        return new Payload(Encoding.CBOR, sink.take());
    }

    /**
     * Encodes a value to go with an encoding: for {@code JSON} as compact JSON, except that a
     * payload stays itself and {@code byte[]} stays bytes; for any other as {@link #encode(Object)}
     * does.
     *
     * @throws EncodingException if it or a part of it cannot travel
     */
    public static Payload encode(@Nullable Object value, Encoding family) {
        if (family != Encoding.JSON || value instanceof Payload || value instanceof byte[]) {
            return encode(value);
        }
        ByteSink sink = new ByteSink(64);
        write(value, Formats.JSON, sink);
        return Payload.json(sink.take());
    }

    /**
     * Encodes positional arguments as one CBOR array.
     *
     * @throws EncodingException if one of them or a part of it cannot travel
     */
    public static Payload encodeArguments(List<? extends @Nullable Object> arguments) {
        ByteSink sink = new ByteSink(32);
        Cbor.writeArrayHead(arguments.size(), sink);
        for (int i = 0; i < arguments.size(); i++) {
            if (!Cbor.write(arguments.get(i), sink)) {
                sink.truncate(0);
                write(arguments, Formats.CBOR, sink);
                break;
            }
        }
        return new Payload(Encoding.CBOR, sink.take());
    }

    /**
     * Loads what reading and writing needs, which costs a fresh JVM some 15 ms: the JDK's {@code
     * BigDecimal}, which parsers refer to, computes tables when it is initialized.
     */
    public static void warmUp() {
        decode(encode(List.of(1.5, "warm")), Object.class);
    }

    /**
     * Binds a payload to a declared type. A type of {@link Payload} gets it unopened.
     *
     * @param declared a class or a generic type; open type variables count as their bounds
     * @throws DecodingException if it does not fit, or is not what its encoding says
     */
    public static @Nullable Object decode(Payload payload, Type declared) {
        if (declared == Payload.class) {
            return payload;
        }
        return decode(payload, Shapes.of(declared));
    }

    /**
     * Binds a payload that is an array to as many declared types as it has elements.
     *
     * @param declared the types of the parameters
     * @return one value per parameter
     * @throws DecodingException if it is no array, has another length or an element does not fit
     */
    public static @Nullable Object[] decodeArguments(Payload payload, List<Type> declared) {
        Shape[] shapes = shapes(declared);
        return switch (payload.encoding()) {
            case CBOR -> parseArguments(payload.bytes(), Formats.CBOR, shapes);
            case JSON -> parseArguments(payload.bytes(), Formats.JSON, shapes);
            case TEXT, BYTES ->
                    throw new DecodingException(
                            "expected an array of %d arguments, got %s"
                                    .formatted(shapes.length, payload));
        };
    }

    /**
     * The JSON Schema 2020-12 of a type's values in JSON, as compact JSON text.
     *
     * @throws EncodingException if the type or a part of it is not supported
     */
    public static String schema(Type type) {
        try {
            return new String(SchemaWriter.schema(Shapes.of(type)), StandardCharsets.UTF_8);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static @Nullable Object decode(Payload payload, Shape shape) {
        byte[] bytes = payload.bytes();
        return switch (payload.encoding()) {
            case CBOR -> {
                Cbor items = new Cbor(bytes);
                Object value = items.read(shape);
                yield Cbor.other(value) || !items.atEnd()
                        ? parse(bytes, Formats.CBOR, shape)
                        : value;
            }
            case JSON -> parse(bytes, Formats.JSON, shape);
            case TEXT -> {
                if (shape == Scalar.STRING || shape instanceof AnyShape) {
                    yield payload.text();
                }
                ByteSink item = new ByteSink(bytes.length + 8);
                Cbor.write(payload.text(), item);
                yield parse(item.take(), Formats.CBOR, shape);
            }
            case BYTES -> {
                if (shape == Scalar.BYTES || shape instanceof AnyShape) {
                    yield bytes;
                }
                ByteSink item = new ByteSink(bytes.length + 8);
                Cbor.writeBytes(bytes, item);
                yield parse(item.take(), Formats.CBOR, shape);
            }
        };
    }

    static Shape[] shapes(List<Type> declared) {
        Shape[] shapes = new Shape[declared.size()];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = Shapes.of(declared.get(i));
        }
        return shapes;
    }

    private static @Nullable Object parse(byte[] bytes, Formats format, Shape shape) {
        try (JsonParser in = format.parser(bytes, 0, bytes.length)) {
            if (in.nextToken() == null) {
                throw new DecodingException("expected " + shape.expected() + ", got nothing");
            }
            Object value = shape.read(in);
            refuseMore(in);
            return value;
        } catch (IOException | RuntimeException malformed) {
            throw refusal(format, malformed);
        }
    }

    private static @Nullable Object[] parseArguments(byte[] bytes, Formats format, Shape[] shapes) {
        try (JsonParser in = format.parser(bytes, 0, bytes.length)) {
            in.nextToken();
            @Nullable Object[] arguments = readArguments(in, shapes);
            refuseMore(in);
            return arguments;
        } catch (IOException | RuntimeException malformed) {
            throw refusal(format, malformed);
        }
    }

    /** Reads an array whose first token is the current one. */
    static @Nullable Object[] readArguments(JsonParser in, Shape[] shapes) throws IOException {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw DecodingException.expected("an array of " + shapes.length + " arguments", in);
        }
        @Nullable Object[] arguments = new Object[shapes.length];
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (count == shapes.length) {
                throw DecodingException.at(
                        in, "too many: expected %d arguments".formatted(shapes.length), null);
            }
            arguments[count] = shapes[count].read(in);
            count++;
        }
        if (count < shapes.length) {
            throw DecodingException.at(
                    in, "expected %d arguments, got %d".formatted(shapes.length, count), null);
        }
        return arguments;
    }

    /**
     * @throws EncodingException unless it is JSON text of one value
     */
    static void refuseUnlessOneValue(byte[] json) {
        if (isShortInteger(json)) {
            return; // not worth a parser
        }
        try (JsonParser in = Formats.JSON.parser(json, 0, json.length)) {
            if (in.nextToken() == null) {
                throw new EncodingException("an empty JSON payload");
            }
            in.skipChildren();
            in.finishToken();
            if (in.nextToken() != null) {
                throw new EncodingException("a JSON payload of more than one value");
            }
        } catch (IOException malformed) {
            throw new EncodingException(
                    String.valueOf(
                            DecodingException.malformed(Formats.JSON.name(), malformed)
                                    .getMessage()),
                    malformed);
        }
    }

    private static boolean isShortInteger(byte[] json) {
        if (json.length == 0 || json.length > 18 || (json[0] == '0' && json.length > 1)) {
            return false;
        }
        for (byte each : json) {
            if (each < '0' || each > '9') {
                return false;
            }
        }
        return true;
    }

    private static void refuseMore(JsonParser in) throws IOException {
        if (in.nextToken() != null) {
            throw new DecodingException("expected one value, got more behind it");
        }
    }

    static DecodingException refusal(Formats format, Exception cause) {
        // a parser may stumble over malformed bytes with any exception
        return cause instanceof DecodingException refused
                ? refused
                : DecodingException.malformed(format.name(), cause);
    }

    /** Writes one value; after an exception the sink may hold a part of it. */
    static void write(@Nullable Object value, Formats format, ByteSink sink) {
        try (JsonGenerator out = format.generator(sink)) {
            write(value, out);
        } catch (IOException broken) {
            throw new EncodingException(String.valueOf(broken.getMessage()), broken);
        }
    }

    static void write(@Nullable Object value, JsonGenerator out) {
        try {
            AnyShape.ANY.write(value, out);
        } catch (StackOverflowError tooDeep) {
            throw tooDeep(tooDeep); // on a thread with a small stack
        } catch (JsonProcessingException | ClassCastException broken) {
            throw new EncodingException(String.valueOf(broken.getMessage()), broken);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    static EncodingException tooDeep(@Nullable Throwable cause) {
        return new EncodingException(
                "nested deeper than %,d levels; does it contain itself?".formatted(Formats.DEPTH),
                cause);
    }
}
