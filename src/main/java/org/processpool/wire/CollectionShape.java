package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A list, set or queue: an array. */
record CollectionShape(Kind kind, Shape element) implements Shape {

    /** What is made when reading; {@code OTHER} is only written. */
    enum Kind {
        LIST,
        SET,
        SORTED_SET,
        QUEUE,
        OTHER
    }

    @Override
    public Object bind(JsonParser in) throws IOException {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw DecodingException.expected(expected(), in);
        }
        Collection<@Nullable Object> elements =
                switch (kind) {
                    case LIST -> new ArrayList<>();
                    case SET -> new LinkedHashSet<>();
                    case SORTED_SET -> new TreeSet<>();
                    case QUEUE -> new ArrayDeque<>();
                    case OTHER ->
                            throw DecodingException.at(
                                    in,
                                    "this type of collection is not read, declare a List, Set or"
                                            + " Queue",
                                    null);
                };
        while (in.nextToken() != JsonToken.END_ARRAY) {
            Object value = element.read(in);
            try {
                elements.add(value);
            } catch (NullPointerException | ClassCastException refused) {
                throw DecodingException.at(
                        in, "null or not comparable, not for a " + kind, refused);
            }
        }
        return elements;
    }

    @Override
    public void put(Object value, JsonGenerator out) throws IOException {
        if (value instanceof Collection<?> collection) {
            out.writeStartArray(value, collection.size());
        } else {
            out.writeStartArray(value);
        }
        int index = 0;
        for (Object each : (Iterable<?>) value) {
            element.write(each, out, index++);
        }
        out.writeEndArray();
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        schema.open();
        schema.text("type", "array");
        schema.shape("items", element);
        if (kind == Kind.SET || kind == Kind.SORTED_SET) {
            schema.flag("uniqueItems", true);
        }
        schema.close();
    }

    @Override
    public String expected() {
        return "an array";
    }

    @Override
    public List<Shape> parts() {
        return List.of(element);
    }
}
