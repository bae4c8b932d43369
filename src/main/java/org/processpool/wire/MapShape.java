package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A map: an object whose names are the keys. */
record MapShape(Kind kind, Shape key, Shape value) implements Shape {

    /** What is made when reading; {@code OTHER} is only written. */
    enum Kind {
        HASHED,
        SORTED,
        OTHER
    }

    @Override
    public Object bind(JsonParser in) throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            throw DecodingException.expected(expected(), in);
        }
        Map<Object, @Nullable Object> map =
                switch (kind) {
                    case HASHED -> new LinkedHashMap<>();
                    case SORTED -> new TreeMap<>();
                    case OTHER ->
                            throw DecodingException.at(
                                    in, "this type of map is not read, declare a Map", null);
                };
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            Object bound = key(name, in);
            in.nextToken();
            map.put(bound, value.read(in));
        }
        return map;
    }

    private Object key(String name, JsonParser in) {
        Object bound;
        if (key instanceof EnumShape constants) {
            bound = constants.named(name);
        } else if (key instanceof Scalar scalar) {
            bound = scalar.key(name);
        } else {
            bound = key instanceof AnyShape ? name : null;
        }
        if (bound == null) {
            throw DecodingException.at(in, "expected as key " + key.expected(), null);
        }
        return bound;
    }

    @Override
    public void put(Object map, JsonGenerator out) throws IOException {
        Map<?, ?> entries = (Map<?, ?>) map;
        out.writeStartObject(map, entries.size());
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            String name = name(entry.getKey());
            out.writeFieldName(name);
            value.write(entry.getValue(), out, name);
        }
        out.writeEndObject();
    }

    private static String name(@Nullable Object key) {
        if (key instanceof String text) {
            return text;
        }
        if (key instanceof Enum<?> constant) {
            return constant.name();
        }
        if (key != null && Shapes.of(key.getClass()) instanceof Scalar scalar && scalar.isKey()) {
            return key.toString();
        }
        throw new EncodingException(
                "a map's key must be text, a number, an enum, a UUID or a date, was "
                        + (key == null ? "null" : "a " + key.getClass().getTypeName()));
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        schema.open();
        schema.text("type", "object");
        if (key instanceof EnumShape) {
            schema.shape("propertyNames", key);
        }
        schema.shape("additionalProperties", value);
        schema.close();
    }

    @Override
    public String expected() {
        return "an object";
    }

    @Override
    public List<Shape> parts() {
        return List.of(key, value);
    }
}
