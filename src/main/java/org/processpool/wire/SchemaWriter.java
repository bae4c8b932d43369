package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a shape as JSON Schema 2020-12. A record that occurs once is written in its place, one
 * that occurs several times or contains itself under {@code $defs}.
 */
final class SchemaWriter {

    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

    /** More records than this means a type that grows without end, such as Box of Box of Box … */
    private static final int MOST_RECORDS = 1000;

    private final JsonGenerator out;
    private final Map<RecordShape, String> references = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    private boolean root = true;

    private SchemaWriter(JsonGenerator out) {
        this.out = out;
    }

    static byte[] schema(Shape shape) throws IOException {
        ByteSink sink = new ByteSink(512);
        try (JsonGenerator out = Formats.JSON.generator(sink)) {
            SchemaWriter writer = new SchemaWriter(out);
            writer.findReferences(shape, new HashSet<>());
            shape.describe(writer);
        }
        return sink.take();
    }

    private void findReferences(Shape shape, Set<RecordShape> seen) {
        if (shape instanceof RecordShape known && !seen.add(known)) {
            if (!references.containsKey(known)) {
                references.put(known, freeName(known.title()));
            }
            return;
        }
        if (seen.size() > MOST_RECORDS) {
            throw new EncodingException(
                    "a type with more than %d records inside has no schema"
                            .formatted(MOST_RECORDS));
        }
        for (Shape part : shape.parts()) {
            findReferences(part, seen);
        }
    }

    private String freeName(String title) {
        String name = title;
        for (int i = 2; !names.add(name); i++) {
            name = title + i;
        }
        return name;
    }

    /**
     * The name under which the record stands in {@code $defs}, or null if it stands in its place.
     */
    @Nullable String reference(RecordShape shape) {
        return references.get(shape);
    }

    void open() throws IOException {
        out.writeStartObject();
        if (root) {
            root = false;
            out.writeStringField("$schema", DIALECT);
        }
    }

    void close() throws IOException {
        if (out.getOutputContext().getParent().inRoot() && !references.isEmpty()) {
            out.writeObjectFieldStart("$defs");
            for (Map.Entry<RecordShape, String> reference : references.entrySet()) {
                begin(reference.getValue());
                reference.getKey().describeMembers(this);
                end();
            }
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    void begin(String name) throws IOException {
        out.writeObjectFieldStart(name);
    }

    void end() throws IOException {
        out.writeEndObject();
    }

    void text(String name, String value) throws IOException {
        out.writeStringField(name, value);
    }

    void texts(String name, Collection<String> values) throws IOException {
        out.writeArrayFieldStart(name);
        for (String value : values) {
            out.writeString(value);
        }
        out.writeEndArray();
    }

    void number(String name, long value) throws IOException {
        out.writeNumberField(name, value);
    }

    void flag(String name, boolean value) throws IOException {
        out.writeBooleanField(name, value);
    }

    void shape(String name, Shape shape) throws IOException {
        out.writeFieldName(name);
        shape.describe(this);
    }

    /** Either of the shape or null. */
    void nullable(Shape shape) throws IOException {
        out.writeArrayFieldStart("anyOf");
        shape.describe(this);
        out.writeStartObject();
        text("type", "null");
        out.writeEndObject();
        out.writeEndArray();
    }
}
