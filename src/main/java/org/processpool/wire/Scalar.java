package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/** A value without parts: a truth, a number, a text, or something with a form as text. */
enum Scalar implements Shape {
    BOOLEAN("true or false", "boolean", ""),
    BYTE("a whole number of type byte (-128 to 127)", "integer", ""),
    SHORT("a whole number of type short (-32768 to 32767)", "integer", ""),
    INT("a whole number of type int", "integer", "int32"),
    LONG("a whole number of type long", "integer", "int64"),
    FLOAT("a number of type float", "number", "float"),
    DOUBLE("a number of type double", "number", "double"),
    CHAR("a string of one character", "string", ""),
    STRING("a string", "string", ""),
    CHARS("a string", "string", ""),
    BIG_INTEGER("a whole number", "integer", ""),
    BIG_DECIMAL("a number", "number", ""),
    NUMBER("a number", "number", ""),
    BYTES("bytes (in JSON a string in base64)", "string", ""),
    UUID("a UUID", "string", "uuid"),
    URI("a URI", "string", "uri-reference"),
    INSTANT("an instant such as 2025-01-31T12:00:00Z", "string", "date-time"),
    LOCAL_DATE("a date such as 2025-01-31", "string", "date"),
    LOCAL_TIME("a time such as 12:00:00", "string", ""),
    LOCAL_DATE_TIME("a date and time such as 2025-01-31T12:00:00", "string", ""),
    OFFSET_DATE_TIME("a date-time such as 2025-01-31T12:00:00+01:00", "string", "date-time"),
    ZONED_DATE_TIME("a date-time such as 2025-01-31T12:00:00+01:00[Europe/Berlin]", "string", ""),
    DURATION("a duration such as PT1.5S", "string", "duration"),
    PERIOD("a period such as P1Y2M", "string", "duration"),
    NULL("null", "null", "");

    private final String expected;
    private final String schemaType;
    private final String format;

    Scalar(String expected, String schemaType, String format) {
        this.expected = expected;
        this.schemaType = schemaType;
        this.format = format;
    }

    /** The scalar for a class, or null if there is none. */
    static @Nullable Scalar of(Class<?> type) {
        String name = type.getName();
        if (type.isPrimitive() || name.startsWith("java.lang.")) {
            return simple(type);
        }
        return name.startsWith("java.time.") ? time(type) : other(type);
    }

    private static @Nullable Scalar simple(Class<?> type) {
        if (type == int.class || type == Integer.class) {
            return INT;
        }
        if (type == long.class || type == Long.class) {
            return LONG;
        }
        if (type == double.class || type == Double.class) {
            return DOUBLE;
        }
        if (type == boolean.class || type == Boolean.class) {
            return BOOLEAN;
        }
        if (type == float.class || type == Float.class) {
            return FLOAT;
        }
        if (type == short.class || type == Short.class) {
            return SHORT;
        }
        if (type == byte.class || type == Byte.class) {
            return BYTE;
        }
        if (type == char.class || type == Character.class) {
            return CHAR;
        }
        if (type == void.class || type == Void.class) {
            return NULL;
        }
        if (type == Number.class) {
            return NUMBER;
        }
        return CharSequence.class.isAssignableFrom(type) ? STRING : null;
    }

    private static @Nullable Scalar time(Class<?> type) {
        if (type == Instant.class) {
            return INSTANT;
        }
        if (type == Duration.class) {
            return DURATION;
        }
        if (type == LocalDate.class) {
            return LOCAL_DATE;
        }
        if (type == LocalTime.class) {
            return LOCAL_TIME;
        }
        if (type == LocalDateTime.class) {
            return LOCAL_DATE_TIME;
        }
        if (type == OffsetDateTime.class) {
            return OFFSET_DATE_TIME;
        }
        if (type == ZonedDateTime.class) {
            return ZONED_DATE_TIME;
        }
        return type == Period.class ? PERIOD : null;
    }

    private static @Nullable Scalar other(Class<?> type) {
        if (type == byte[].class) {
            return BYTES;
        }
        if (type == char[].class) {
            return CHARS;
        }
        if (type == BigInteger.class) {
            return BIG_INTEGER;
        }
        if (type == BigDecimal.class) {
            return BIG_DECIMAL;
        }
        if (type == java.util.UUID.class) {
            return UUID;
        }
        return type == java.net.URI.class ? URI : null;
    }

    @Override
    public Object bind(JsonParser in) throws IOException {
        return switch (this) {
            case BOOLEAN -> truth(in);
            case BYTE -> (byte) whole(in, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case SHORT -> (short) whole(in, Short.MIN_VALUE, Short.MAX_VALUE);
            case INT -> (int) whole(in, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case LONG -> whole(in, Long.MIN_VALUE, Long.MAX_VALUE);
            case FLOAT -> (float) fraction(in);
            case DOUBLE -> fraction(in);
            case BIG_INTEGER -> {
                require(in.currentToken() == JsonToken.VALUE_NUMBER_INT, in);
                yield in.getBigIntegerValue();
            }
            case BIG_DECIMAL -> {
                require(in.currentToken().isNumeric(), in);
                yield in.getDecimalValue();
            }
            case NUMBER -> {
                require(in.currentToken().isNumeric(), in);
                yield in.getNumberValue();
            }
            case STRING -> {
                require(in.currentToken() == JsonToken.VALUE_STRING, in);
                yield in.getText();
            }
            case BYTES -> bytes(in);
            case NULL -> throw DecodingException.expected(expected(), in);
            case CHAR,
                    CHARS,
                    UUID,
                    URI,
                    INSTANT,
                    LOCAL_DATE,
                    LOCAL_TIME,
                    LOCAL_DATE_TIME,
                    OFFSET_DATE_TIME,
                    ZONED_DATE_TIME,
                    DURATION,
                    PERIOD -> {
                require(in.currentToken() == JsonToken.VALUE_STRING, in);
                Object value = key(in.getText());
                if (value == null) {
                    throw DecodingException.expected(expected(), in);
                }
                yield value;
            }
        };
    }

    private void require(boolean condition, JsonParser in) throws IOException {
        if (!condition) {
            throw DecodingException.expected(expected(), in);
        }
    }

    private boolean truth(JsonParser in) throws IOException {
        require(in.currentToken().isBoolean(), in);
        return in.currentToken() == JsonToken.VALUE_TRUE;
    }

    /** A whole number between two bounds. */
    long whole(JsonParser in, long smallest, long largest) throws IOException {
        require(
                in.currentToken() == JsonToken.VALUE_NUMBER_INT
                        && in.getNumberType() != JsonParser.NumberType.BIG_INTEGER,
                in);
        long value = in.getLongValue();
        require(value >= smallest && value <= largest, in);
        return value;
    }

    /** A number, also one of the three that JSON has only as strings. */
    double fraction(JsonParser in) throws IOException {
        if (in.currentToken() == JsonToken.VALUE_STRING) {
            return switch (in.getText()) {
                case "NaN" -> Double.NaN;
                case "Infinity" -> Double.POSITIVE_INFINITY;
                case "-Infinity" -> Double.NEGATIVE_INFINITY;
                default -> throw DecodingException.expected(expected(), in);
            };
        }
        require(in.currentToken().isNumeric(), in);
        return in.getDoubleValue();
    }

    private byte[] bytes(JsonParser in) throws IOException {
        require(
                in.currentToken() == JsonToken.VALUE_EMBEDDED_OBJECT
                        || in.currentToken() == JsonToken.VALUE_STRING,
                in);
        try {
            return in.getBinaryValue();
        } catch (JsonProcessingException notBase64) {
            throw DecodingException.at(
                    in, "expected " + expected() + ", got other text", notBase64);
        }
    }

    /** Whether such values may be a map's keys. */
    boolean isKey() {
        return this != BYTES && this != CHARS && this != NULL;
    }

    /** The value with this form as text, or null if there is none. */
    @Nullable Object key(String text) {
        try {
            return switch (this) {
                case BOOLEAN ->
                        text.equals("true")
                                ? Boolean.TRUE
                                : text.equals("false") ? Boolean.FALSE : null;
                case BYTE -> Byte.valueOf(text);
                case SHORT -> Short.valueOf(text);
                case INT -> Integer.valueOf(text);
                case LONG -> Long.valueOf(text);
                case FLOAT -> Float.valueOf(text);
                case DOUBLE -> Double.valueOf(text);
                case BIG_INTEGER -> new BigInteger(text);
                case BIG_DECIMAL, NUMBER -> new BigDecimal(text);
                case CHAR -> text.length() == 1 ? text.charAt(0) : null;
                case CHARS -> text.toCharArray();
                case STRING -> text;
                case UUID -> java.util.UUID.fromString(text);
                case URI -> java.net.URI.create(text);
                case INSTANT -> Instant.parse(text);
                case LOCAL_DATE -> LocalDate.parse(text);
                case LOCAL_TIME -> LocalTime.parse(text);
                case LOCAL_DATE_TIME -> LocalDateTime.parse(text);
                case OFFSET_DATE_TIME -> OffsetDateTime.parse(text);
                case ZONED_DATE_TIME -> ZonedDateTime.parse(text);
                case DURATION -> Duration.parse(text);
                case PERIOD -> Period.parse(text);
                case BYTES, NULL -> null;
            };
        } catch (IllegalArgumentException | DateTimeException unfit) {
            return null; // the caller says what was expected
        }
    }

    @Override
    public void put(Object value, JsonGenerator out) throws IOException {
        switch (this) {
            case BOOLEAN -> out.writeBoolean((Boolean) value);
            case BYTE, SHORT, INT -> out.writeNumber(((Number) value).intValue());
            case LONG -> out.writeNumber((Long) value);
            case FLOAT -> out.writeNumber((Float) value);
            case DOUBLE -> out.writeNumber((Double) value);
            case BIG_INTEGER -> out.writeNumber((BigInteger) value);
            case BIG_DECIMAL -> out.writeNumber((BigDecimal) value);
            case NUMBER -> Shapes.of(value.getClass()).put(value, out);
            case BYTES -> out.writeBinary((byte[]) value);
            case CHARS -> out.writeString(String.valueOf((char[]) value));
            case CHAR,
                    STRING,
                    UUID,
                    URI,
                    INSTANT,
                    LOCAL_DATE,
                    LOCAL_TIME,
                    LOCAL_DATE_TIME,
                    OFFSET_DATE_TIME,
                    ZONED_DATE_TIME,
                    DURATION,
                    PERIOD ->
                    out.writeString(value.toString());
            case NULL -> out.writeNull();
        }
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        schema.open();
        schema.text("type", schemaType);
        if (!format.isEmpty()) {
            schema.text("format", format);
        }
        switch (this) {
            case BYTE -> range(schema, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case SHORT -> range(schema, Short.MIN_VALUE, Short.MAX_VALUE);
            case INT -> range(schema, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case LONG -> range(schema, Long.MIN_VALUE, Long.MAX_VALUE);
            case BYTES -> schema.text("contentEncoding", "base64");
            case CHAR -> {
                schema.number("minLength", 1);
                schema.number("maxLength", 1);
            }
            default -> {}
        }
        schema.close();
    }

    private static void range(SchemaWriter schema, long smallest, long largest) throws IOException {
        schema.number("minimum", smallest);
        schema.number("maximum", largest);
    }

    @Override
    public String expected() {
        return expected;
    }
}
