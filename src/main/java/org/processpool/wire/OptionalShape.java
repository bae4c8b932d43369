package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An optional: its value or null. */
record OptionalShape(Kind kind, Shape value) implements Shape {

    enum Kind {
        REFERENCE,
        INT,
        LONG,
        DOUBLE
    }

    @Override
    public Object bind(JsonParser in) throws IOException {
        Object bound = value.bind(in);
        return switch (kind) {
            case REFERENCE -> Optional.of(bound);
            case INT -> OptionalInt.of((Integer) bound);
            case LONG -> OptionalLong.of((Long) bound);
            case DOUBLE -> OptionalDouble.of((Double) bound);
        };
    }

    @Override
    public Object empty() {
        return switch (kind) {
            case REFERENCE -> Optional.empty();
            case INT -> OptionalInt.empty();
            case LONG -> OptionalLong.empty();
            case DOUBLE -> OptionalDouble.empty();
        };
    }

    @Override
    public void put(Object optional, JsonGenerator out) throws IOException {
        value.write(content(optional), out);
    }

    private @Nullable Object content(Object optional) {
        return switch (kind) {
            case REFERENCE -> ((Optional<?>) optional).orElse(null);
            case INT -> {
                OptionalInt number = (OptionalInt) optional;
                yield number.isPresent() ? (Object) number.getAsInt() : null;
            }
            case LONG -> {
                OptionalLong number = (OptionalLong) optional;
                yield number.isPresent() ? (Object) number.getAsLong() : null;
            }
            case DOUBLE -> {
                OptionalDouble number = (OptionalDouble) optional;
                yield number.isPresent() ? (Object) number.getAsDouble() : null;
            }
        };
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        schema.open();
        schema.nullable(value);
        schema.close();
    }

    @Override
    public String expected() {
        return value.expected() + " or null";
    }

    @Override
    public List<Shape> parts() {
        return List.of(value);
    }
}
