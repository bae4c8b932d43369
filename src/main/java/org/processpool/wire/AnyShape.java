package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Anything: the declared type says nothing, so the value decides. */
record AnyShape() implements Shape {

    static final AnyShape ANY = new AnyShape();

    @Override
    public Object bind(JsonParser in) throws IOException {
        return switch (in.currentToken()) {
            case VALUE_STRING -> in.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT -> in.getNumberValue();
            case VALUE_NUMBER_FLOAT ->
                    in.getNumberType() == JsonParser.NumberType.BIG_DECIMAL
                            ? in.getDecimalValue()
                            : (Object) in.getDoubleValue();
            case VALUE_EMBEDDED_OBJECT -> in.getBinaryValue();
            case START_ARRAY -> list(in);
            case START_OBJECT -> map(in);
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_NULL ->
                    throw DecodingException.expected(expected(), in);
        };
    }

    private List<@Nullable Object> list(JsonParser in) throws IOException {
        List<@Nullable Object> list = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            list.add(read(in));
        }
        return list;
    }

    private Map<String, @Nullable Object> map(JsonParser in) throws IOException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            map.put(name, read(in));
        }
        return map;
    }

    @Override
    public void put(Object value, JsonGenerator out) throws IOException {
        if (value.getClass() == Object.class) {
            throw UnsupportedShape.refusal(Object.class);
        }
        Shapes.of(value.getClass()).put(value, out);
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        schema.open();
        schema.close();
    }

    @Override
    public String expected() {
        return "a value";
    }
}
