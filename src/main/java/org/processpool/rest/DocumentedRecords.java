package org.processpool.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.RecordComponentInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a record says of its members beyond their types: in answers each is there, a {@link
 * Nullable} one possibly as null; in requests no others may be.
 */
final class DocumentedRecords {

    private static final DotName NULLABLE = DotName.createSimple(Nullable.class);
    private static final DotName INCLUDE = DotName.createSimple(JsonInclude.class);
    private static final DotName SCHEMA =
            DotName.createSimple(org.eclipse.microprofile.openapi.annotations.media.Schema.class);
    private static final String COMPONENT = "#/components/schemas/";

    private final Map<String, ClassInfo> bySchema = new HashMap<>();

    DocumentedRecords(IndexView index) {
        String room = DocumentedRecords.class.getPackageName();
        for (ClassInfo type : index.getKnownClasses()) {
            if (type.isRecord() && type.name().toString().startsWith(room)) {
                bySchema.put(schemaName(type), type);
            }
        }
    }

    void describe(OpenAPI document) {
        Components components = document.getComponents();
        if (components.getSchemas() == null) {
            return;
        }
        Set<String> answered = answered(document);
        components
                .getSchemas()
                .forEach((name, schema) -> {
                    ClassInfo type = bySchema.get(name);
                    if (type == null || schema.getProperties() == null) {
                        return;
                    }
                    boolean answer = answered.contains(name);
                    for (RecordComponentInfo member : type.recordComponents()) {
                        describe(schema, type, member, answer);
                    }
                    if (!answer && schema.getAdditionalPropertiesSchema() == null) {
                        schema.setAdditionalPropertiesSchema(
                                OASFactory.createSchema().booleanSchema(false));
                    }
                });
    }

    private static void describe(
            Schema schema, ClassInfo type, RecordComponentInfo member, boolean answer) {
        Schema property = schema.getProperties().get(member.name());
        if (property == null) {
            return;
        }
        boolean nullable = member.type().hasAnnotation(NULLABLE);
        if (nullable) {
            schema.addProperty(member.name(), orNull(property));
        }
        boolean leftOut = nullable && (leavesOutNulls(type) || leavesOutNulls(member));
        boolean known =
                schema.getRequired() != null && schema.getRequired().contains(member.name());
        if (answer && !leftOut && !known) {
            schema.addRequired(member.name());
        }
    }

    private static Schema orNull(Schema schema) {
        if (schema.getRef() != null) {
            return OASFactory.createSchema()
                    .addAnyOf(schema)
                    .addAnyOf(OASFactory.createSchema().addType(SchemaType.NULL));
        }
        if (schema.getOneOf() != null) {
            return schema.addOneOf(OASFactory.createSchema().addType(SchemaType.NULL));
        }
        List<SchemaType> types = schema.getType();
        if (types != null && !types.contains(SchemaType.NULL)) {
            schema.setType(Stream.concat(types.stream(), Stream.of(SchemaType.NULL)).toList());
        }
        List<Object> values = schema.getEnumeration();
        if (values != null && !values.contains(null)) {
            schema.setEnumeration(
                    Stream.concat(values.stream(), Stream.of((Object) null)).toList());
        }
        return schema;
    }

    private static boolean leavesOutNulls(ClassInfo type) {
        return leavesOutNulls(type.declaredAnnotation(INCLUDE));
    }

    private static boolean leavesOutNulls(RecordComponentInfo member) {
        return leavesOutNulls(member.annotation(INCLUDE));
    }

    private static boolean leavesOutNulls(@Nullable AnnotationInstance include) {
        AnnotationValue value = include == null ? null : include.value();
        return value != null && value.asEnum().startsWith("NON_");
    }

    private static String schemaName(ClassInfo type) {
        AnnotationInstance schema = type.declaredAnnotation(SCHEMA);
        AnnotationValue name = schema == null ? null : schema.value("name");
        return name == null ? type.simpleName() : name.asString();
    }

    /** The schemas that answers are made of. */
    private static Set<String> answered(OpenAPI document) {
        Set<String> found = new LinkedHashSet<>();
        document.getPaths().getPathItems().values().stream()
                .flatMap(item -> item.getOperations().values().stream())
                .flatMap(operation -> operation.getResponses().getAPIResponses().values().stream())
                .forEach(response ->
                        collect(response.getContent(), document.getComponents(), found));
        return found;
    }

    private static void collect(
            @Nullable Content content, Components components, Set<String> found) {
        if (content != null) {
            content.getMediaTypes()
                    .values()
                    .forEach(media -> collect(media.getSchema(), components, found));
        }
    }

    private static void collect(@Nullable Schema schema, Components components, Set<String> found) {
        if (schema == null) {
            return;
        }
        String ref = schema.getRef();
        if (ref != null) {
            String name = ref.substring(COMPONENT.length());
            if (found.add(name)) {
                collect(components.getSchemas().get(name), components, found);
            }
            return;
        }
        var parts = new HashSet<Schema>();
        if (schema.getProperties() != null) {
            parts.addAll(schema.getProperties().values());
        }
        Stream.of(schema.getAllOf(), schema.getAnyOf(), schema.getOneOf())
                .filter(list -> list != null)
                .forEach(parts::addAll);
        parts.forEach(part -> collect(part, components, found));
        collect(schema.getItems(), components, found);
        collect(schema.getAdditionalPropertiesSchema(), components, found);
    }
}
