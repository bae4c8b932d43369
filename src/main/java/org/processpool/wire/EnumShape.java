package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An enum by the names of its constants. */
final class EnumShape implements Shape {

    private static final int NAMES_SHOWN = 20;

    private final String title;
    private final Map<String, Object> constants = new LinkedHashMap<>();

    EnumShape(Class<?> type) {
        title = type.getSimpleName();
        for (Object constant : type.getEnumConstants()) {
            constants.put(((Enum<?>) constant).name(), constant);
        }
    }

    @Override
    public Object bind(JsonParser in) throws IOException {
        Object constant = in.currentToken() == JsonToken.VALUE_STRING ? named(in.getText()) : null;
        if (constant == null) {
            throw DecodingException.expected(expected(), in);
        }
        return constant;
    }

    /** The constant, or null if there is none of this name. */
    @Nullable Object named(String name) {
        return constants.get(name);
    }

    @Override
    public void put(Object value, JsonGenerator out) throws IOException {
        out.writeString(((Enum<?>) value).name());
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        schema.open();
        schema.text("title", title);
        schema.texts("enum", constants.keySet());
        schema.close();
    }

    @Override
    public String expected() {
        StringBuilder text = new StringBuilder("one of ");
        int shown = 0;
        for (String name : constants.keySet()) {
            if (shown == NAMES_SHOWN) {
                text.append(", …");
                break;
            }
            text.append(shown++ == 0 ? "" : ", ").append(name);
        }
        return text.toString();
    }
}
