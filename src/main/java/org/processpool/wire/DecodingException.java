package org.processpool.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A payload does not fit the declared type, or is not what its encoding says; the message says
 * where (RFC 6901), what was expected and what was found.
 */
public final class DecodingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private static final int SHOWN = 40;

    DecodingException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    DecodingException(String message) {
        super(message);
    }

    /** The current value is not what was expected. */
    static DecodingException expected(String what, JsonParser in) throws IOException {
        return at(in, "expected " + what + ", got " + found(in), null);
    }

    /** Something is wrong at the current value. */
    static DecodingException at(JsonParser in, String message, @Nullable Throwable cause) {
        return new DecodingException(
                Pointers.prefix(Pointers.current(in.getParsingContext())) + message, cause);
    }

    /** The bytes are not what their encoding says. */
    static DecodingException malformed(String encoding, Exception cause) {
        if (cause instanceof JsonProcessingException broken && broken.getLocation() != null) {
            var where = broken.getLocation();
            return new DecodingException(
                    "not well-formed %s %s: %s"
                            .formatted(
                                    encoding,
                                    where.getLineNr() > 0
                                            ? "at line %d, column %d"
                                                    .formatted(
                                                            where.getLineNr(), where.getColumnNr())
                                            : "at byte %d".formatted(where.getByteOffset()),
                                    broken.getOriginalMessage()),
                    cause);
        }
        return new DecodingException(
                "not well-formed " + encoding + ": " + cause.getMessage(), cause);
    }

    private static String found(JsonParser in) throws IOException {
        return switch (in.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "the string \"" + shortened(in.getText()) + '"';
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> shortened(in.getText());
            case VALUE_TRUE -> "true";
            case VALUE_FALSE -> "false";
            case VALUE_NULL -> "null";
            case VALUE_EMBEDDED_OBJECT -> "bytes";
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME -> "nothing";
            case null -> "nothing";
        };
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
