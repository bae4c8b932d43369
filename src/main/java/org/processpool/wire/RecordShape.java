package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record: an object by the names of its components; an array in their order is read too. A
 * component that may be null may be absent.
 */
final class RecordShape implements Shape {

    /** One component. */
    private record Member(String name, Method accessor, Shape shape) {}

    private final Class<?> type;
    private final Type closed;
    private volatile @Nullable Members members;

    /**
     * @param closed the record's type without variables; a class or a generic class with arguments
     */
    RecordShape(Class<?> type, Type closed) {
        this.type = type;
        this.closed = closed;
    }

    String title() {
        return type.getSimpleName();
    }

    /** Found at first use and not before, as a record may contain itself. */
    private Members members() {
        Members found = members;
        if (found == null) {
            found = new Members(type, closed);
            members = found;
        }
        return found;
    }

    @Override
    public Object bind(JsonParser in) throws IOException {
        Members known = members();
        Object[] values =
                switch (in.currentToken()) {
                    case START_OBJECT -> known.byName(in);
                    case START_ARRAY -> known.byOrder(in);
                    default -> throw DecodingException.expected(expected(), in);
                };
        return known.construct(values, in);
    }

    @Override
    public void put(Object value, JsonGenerator out) throws IOException {
        List<Member> known = members().list;
        out.writeStartObject(value, known.size());
        for (int i = 0; i < known.size(); i++) {
            Member member = known.get(i);
            out.writeFieldName(member.name);
            member.shape.write(component(member, value), out, member.name);
        }
        out.writeEndObject();
    }

    private static @Nullable Object component(Member member, Object value) {
        try {
            return member.accessor.invoke(value);
        } catch (InvocationTargetException thrown) {
            Throwable cause = thrown.getCause();
            throw new EncodingException("the record's accessor threw " + cause, cause)
                    .within(member.name);
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        String name = schema.reference(this);
        schema.open();
        if (name != null) {
            schema.text("$ref", "#/$defs/" + name);
        } else {
            describeMembers(schema);
        }
        schema.close();
    }

    /** Writes the schema's fields into an open object. */
    void describeMembers(SchemaWriter schema) throws IOException {
        schema.text("title", title());
        schema.text("type", "object");
        schema.begin("properties");
        List<String> required = new ArrayList<>();
        for (Member member : members().list) {
            schema.shape(member.name, member.shape);
            if (member.shape.required()) {
                required.add(member.name);
            }
        }
        schema.end();
        if (!required.isEmpty()) {
            schema.texts("required", required);
        }
        schema.flag("additionalProperties", false);
    }

    @Override
    public String expected() {
        StringBuilder text = new StringBuilder("an object or array for ").append(title());
        String separator = "(";
        for (RecordComponent component : type.getRecordComponents()) {
            text.append(separator)
                    .append(component.getType().getSimpleName())
                    .append(' ')
                    .append(component.getName());
            separator = ", ";
        }
        return text.append(separator.equals("(") ? "()" : ")").toString();
    }

    @Override
    public List<Shape> parts() {
        List<Shape> parts = new ArrayList<>();
        for (Member member : members().list) {
            parts.add(member.shape);
        }
        return parts;
    }

    /** The components and the canonical constructor. */
    private static final class Members {
        private final Class<?> type;
        private final Constructor<?> constructor;
        private final List<Member> list = new ArrayList<>();
        private final Map<String, Integer> indexes = new HashMap<>();

        Members(Class<?> type, Type closed) {
            this.type = type;
            Map<TypeVariable<?>, Type> bindings = Generics.bindings(closed);
            RecordComponent[] components = type.getRecordComponents();
            Class<?>[] parameters = new Class<?>[components.length];
            for (int i = 0; i < components.length; i++) {
                RecordComponent component = components[i];
                Method accessor = component.getAccessor();
                accessor.setAccessible(true);
                Type declared = Generics.close(component.getGenericType(), bindings);
                parameters[i] = component.getType();
                indexes.put(component.getName(), i);
                list.add(new Member(component.getName(), accessor, Shapes.of(declared)));
            }
            try {
                constructor = type.getDeclaredConstructor(parameters);
            } catch (NoSuchMethodException impossible) {
                throw new IllegalStateException(impossible);
            }
            constructor.setAccessible(true);
        }

        @Nullable Object[] byName(JsonParser in) throws IOException {
            @Nullable Object[] values = new Object[list.size()];
            boolean[] seen = new boolean[list.size()];
            for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
                Integer index = indexes.get(name);
                if (index == null) {
                    throw DecodingException.at(in, unknown(name), null);
                }
                if (seen[index]) {
                    throw DecodingException.at(in, "the member is given twice", null);
                }
                in.nextToken();
                values[index] = list.get(index).shape.read(in);
                seen[index] = true;
            }
            for (int i = 0; i < seen.length; i++) {
                if (!seen[i]) {
                    values[i] = absent(i, in);
                }
            }
            return values;
        }

        @Nullable Object[] byOrder(JsonParser in) throws IOException {
            @Nullable Object[] values = new Object[list.size()];
            int count = 0;
            while (in.nextToken() != JsonToken.END_ARRAY) {
                if (count == values.length) {
                    throw DecodingException.at(
                            in,
                            "too many elements: %s has %d components"
                                    .formatted(type.getSimpleName(), values.length),
                            null);
                }
                values[count] = list.get(count).shape.read(in);
                count++;
            }
            for (; count < values.length; count++) {
                values[count] = absent(count, in);
            }
            return values;
        }

        private @Nullable Object absent(int index, JsonParser in) {
            Member member = list.get(index);
            if (member.shape.required()) {
                throw DecodingException.at(
                        in,
                        "member \"%s\" of %s is missing: expected %s"
                                .formatted(
                                        member.name, type.getSimpleName(), member.shape.expected()),
                        null);
            }
            return member.shape.empty();
        }

        private String unknown(String name) {
            return "unknown member \"%s\"; %s has %s"
                    .formatted(
                            name,
                            type.getSimpleName(),
                            list.isEmpty() ? "none" : String.join(", ", names()));
        }

        private List<String> names() {
            List<String> names = new ArrayList<>();
            for (Member member : list) {
                names.add(member.name);
            }
            return names;
        }

        Object construct(@Nullable Object[] values, JsonParser in) {
            try {
                return constructor.newInstance(values);
            } catch (InvocationTargetException thrown) {
                Throwable cause = thrown.getCause();
                throw DecodingException.at(
                        in,
                        "%s refused its components: %s"
                                .formatted(
                                        type.getSimpleName(),
                                        cause == null || cause.getMessage() == null
                                                ? cause
                                                : cause.getMessage()),
                        cause);
            } catch (InstantiationException | IllegalAccessException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
