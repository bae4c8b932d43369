package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/** A scalar that cannot be null. */
record PrimitiveShape(Scalar scalar) implements Shape {

    @Override
    public Object bind(JsonParser in) throws IOException {
        return scalar.bind(in);
    }

    @Override
    public void put(Object value, JsonGenerator out) throws IOException {
        scalar.put(value, out);
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        scalar.describe(schema);
    }

    @Override
    public String expected() {
        return scalar.expected();
    }

    @Override
    public boolean required() {
        return true;
    }
}
