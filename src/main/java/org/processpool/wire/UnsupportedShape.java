package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.lang.reflect.Type;

/** A type whose values do not travel; using it says so. */
record UnsupportedShape(Type type) implements Shape {

    private static final String HELP =
            " cannot travel between processes: make it a record, or use numbers, text, byte[], enums,"
                    + " java.time, UUID, URI, optionals, arrays, lists, sets, maps, records of these"
                    + " or Payload";

    @Override
    public Object bind(JsonParser in) throws IOException {
        throw DecodingException.at(in, type.getTypeName() + HELP, null);
    }

    @Override
    public void put(Object value, JsonGenerator out) throws IOException {
        throw refusal(type);
    }

    static EncodingException refusal(Type type) {
        return new EncodingException(type.getTypeName() + HELP);
    }

    @Override
    public void describe(SchemaWriter schema) {
        throw refusal(type);
    }

    @Override
    public String expected() {
        return "something else than a " + type.getTypeName();
    }
}
