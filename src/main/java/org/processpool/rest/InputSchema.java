package org.processpool.rest;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.format.Format;
import com.networknt.schema.path.NodePath;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Period;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The schema of a task's input, ready to check values with. It takes what the published JSON Schema
 * (2020-12) takes, and besides what a worker reads although the schema, made to be read by people
 * and form builders, does not have it:
 *
 * <ul>
 *   <li>a record's components in their order, as an array;
 *   <li>null for a component that may be absent;
 *   <li>{@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"} for a floating-point number;
 *   <li>an element of a set told twice.
 * </ul>
 *
 * <p>As to a worker, 1.0 is no integer. Texts with a format are checked as a worker reads them.
 * What a schema cannot say, such as what a record's constructor refuses, is left to the worker.
 * Safe for use by several threads.
 */
final class InputSchema {

    /** More would help nobody, and a body of a megabyte can have a million. */
    private static final int MOST_VIOLATIONS = 20;

    private static final int SHOWN = 40;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final SchemaRegistry SCHEMAS = registry();

    /** Members that say nothing about what is valid. */
    private static final Set<String> ANNOTATIONS = Set.of("$schema", "title", "description");

    /** Null if every value is valid. */
    private final @Nullable Schema schema;

    private final ObjectNode wide;
    private final boolean array;
    private final List<String> members;

    private InputSchema(ObjectNode published) {
        wide = new Widening().all(published);
        array = "array".equals(type(published));
        members = new ArrayList<>();
        ObjectNode root = target(published);
        if (isRecord(root)) {
            root.path("properties").fieldNames().forEachRemaining(members::add);
        }
        schema = says(published) ? SCHEMAS.getSchema(wide) : null;
        if (schema != null) {
            schema.initializeValidators();
        }
    }

    /**
     * Reads a schema.
     *
     * @param published JSON text, as a worker tells it
     * @throws IllegalStateException if it is no schema
     */
    static InputSchema of(String published) {
        try {
            return JSON.readTree(published) instanceof ObjectNode object
                    ? new InputSchema(object)
                    : new InputSchema(NODES.objectNode());
        } catch (JsonProcessingException malformed) {
            throw new IllegalStateException("a worker's schema is no JSON", malformed);
        }
    }

    /** Whether every value is valid, so that there is nothing to check. */
    boolean takesAll() {
        return schema == null;
    }

    /** Whether an array is a value of this type and not of another one. */
    boolean takesArrays() {
        return array || isRecord();
    }

    /** Whether a value is a record, whose components have names and an order. */
    boolean isRecord() {
        return !members.isEmpty();
    }

    /** The components of a record in their order. */
    List<String> members() {
        return List.copyOf(members);
    }

    /** What does not fit, at most twenty things; empty if the value is valid. */
    List<Violation> violations(JsonNode value) {
        if (schema == null) {
            return List.of();
        }
        var found = new Findings();
        try {
            schema.validate(found, value);
        } catch (Enough _) {
            // as many as are told
        } catch (StackOverflowError tooDeep) {
            return List.of(); // a type that contains itself, deep down: the worker will see
        }
        return found.getErrors().stream().map(this::violation).distinct().toList();
    }

    private Violation violation(Error error) {
        String pointer = pointer(error.getInstanceLocation());
        JsonNode value = error.getInstanceNode();
        Object[] arguments = error.getArguments();
        return switch (error.getKeyword()) {
            case "type" ->
                    Violation.of(
                            pointer,
                            Phrase.MUST_BE,
                            kind(error.getSchemaNode().asText()),
                            found(value));
            case "enum" ->
                    Violation.of(
                            pointer,
                            Phrase.MUST_BE_ONE_OF,
                            words(error.getSchemaNode()),
                            found(value));
            case "minimum" ->
                    Violation.of(
                            pointer, Phrase.AT_LEAST, error.getSchemaNode().asText(), found(value));
            case "maximum" ->
                    Violation.of(
                            pointer, Phrase.AT_MOST, error.getSchemaNode().asText(), found(value));
            case "minLength", "maxLength" ->
                    Violation.of(pointer, Phrase.ONE_CHARACTER, found(value));
            case "minItems" ->
                    Violation.of(
                            pointer,
                            Phrase.ELEMENTS_AT_LEAST,
                            error.getSchemaNode().asText(),
                            value.size());
            case "maxItems" ->
                    Violation.of(
                            pointer,
                            Phrase.ELEMENTS_AT_MOST,
                            error.getSchemaNode().asText(),
                            value.size());
            case "required" ->
                    Violation.of(
                            pointer, Phrase.MEMBER_MISSING, String.valueOf(error.getProperty()));
            case "additionalProperties" -> {
                String name = String.valueOf(error.getProperty());
                List<String> known = siblings(error);
                String place = pointer + "/" + escaped(name);
                yield known.isEmpty()
                        ? Violation.of(place, Phrase.MEMBER_UNKNOWN)
                        : Violation.of(place, Phrase.MEMBER_UNKNOWN_BUT, String.join(", ", known));
            }
            case "format" -> {
                String format = error.getSchemaNode().asText();
                yield format.equals(Base64.NAME)
                        ? Violation.of(pointer, Phrase.BASE64)
                        : Violation.of(pointer, Phrase.OF_FORMAT, format, found(value));
            }
            default ->
                    new Violation(
                            pointer,
                            Sentence.quoted(
                                    "%s %s".formatted(error.getMessage(), List.of(arguments))));
        };
    }

    /** The members that the object with an unknown one may have. */
    private List<String> siblings(Error error) {
        var names = new ArrayList<String>();
        JsonPointer keyword =
                JsonPointer.compile(error.getSchemaLocation().getFragment().toString());
        wide.at(keyword.head()).path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String words(JsonNode values) {
        var words = new ArrayList<String>();
        values.forEach(value -> words.add(value.asText()));
        return String.join(", ", words);
    }

    private static Sentence kind(String type) {
        return switch (type) {
            case "object" -> Sentence.of(Phrase.AN_OBJECT);
            case "array" -> Sentence.of(Phrase.AN_ARRAY);
            case "string" -> Sentence.of(Phrase.A_STRING);
            case "integer" -> Sentence.of(Phrase.AN_INTEGER);
            case "number" -> Sentence.of(Phrase.A_NUMBER);
            case "boolean" -> Sentence.of(Phrase.A_TRUTH);
            case "null" -> Sentence.of(Phrase.A_NULL);
            default -> Sentence.quoted(type);
        };
    }

    /** What was found in place of something else. */
    static Sentence found(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT, POJO -> Sentence.of(Phrase.AN_OBJECT);
            case ARRAY -> Sentence.of(Phrase.AN_ARRAY);
            case STRING, BINARY -> Sentence.of(Phrase.THE_STRING, shortened(value.asText()));
            case NUMBER, BOOLEAN -> Sentence.of(Phrase.THE_VALUE, shortened(value.asText()));
            case NULL, MISSING -> Sentence.of(Phrase.A_NULL);
        };
    }

    private static String shortened(String text) {
        return text.codePointCount(0, text.length()) <= SHOWN
                ? text
                : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "…";
    }

    private static String pointer(NodePath path) {
        var pointer = new StringBuilder();
        for (int i = 0; i < path.getNameCount(); i++) {
            pointer.append('/').append(escaped(String.valueOf(path.getElement(i))));
        }
        return pointer.toString();
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    private static boolean says(ObjectNode schema) {
        return schema.properties().stream()
                .map(Map.Entry::getKey)
                .anyMatch(keyword -> !ANNOTATIONS.contains(keyword));
    }

    private static @Nullable String type(JsonNode schema) {
        return schema.path("type").textValue();
    }

    private static boolean isRecord(JsonNode schema) {
        return "object".equals(type(schema)) && schema.has("properties");
    }

    /** What a schema that only refers to one of its own definitions refers to. */
    private static ObjectNode target(ObjectNode root) {
        String reference = root.path("$ref").asText();
        return reference.startsWith("#")
                        && root.at(reference.substring(1)) instanceof ObjectNode target
                ? target
                : root;
    }

    private static SchemaRegistry registry() {
        Dialect dialect =
                Dialect.builder(Dialects.getDraft202012())
                        .format(new Base64())
                        .format(new Text("uuid", List.of(UUID::fromString)))
                        .format(new Text("uri-reference", List.of(URI::create)))
                        .format(new Text("date", List.of(LocalDate::parse)))
                        .format(
                                new Text(
                                        "date-time",
                                        List.of(Instant::parse, OffsetDateTime::parse)))
                        .format(new Text("duration", List.of(Duration::parse, Period::parse)))
                        .build();
        return SchemaRegistry.withDialect(
                dialect,
                builder ->
                        builder.schemaCacheEnabled(false)
                                .schemaRegistryConfig(
                                        SchemaRegistryConfig.builder()
                                                .formatAssertionsEnabled(true)
                                                .build()));
    }

    /** Ends a check that has found enough. */
    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1;

        Enough() {
            super(null, null, false, false);
        }
    }

    /** Collects what a check finds. */
    private static final class Findings extends ExecutionContext {
        Findings() {
            executionConfig(how -> how.formatAssertionsEnabled(true).locale(Locale.ENGLISH));
        }

        @Override
        public void addError(Error error) {
            super.addError(error);
            if (getErrors().size() >= MOST_VIOLATIONS) {
                throw new Enough();
            }
        }
    }

    /** Bytes as workers read them from text. */
    private static final class Base64 implements Format {
        static final String NAME = "base64";

        @Override
        public String getName() {
            return NAME;
        }

        @Override
        public boolean matches(ExecutionContext context, String text) {
            try {
                Base64Variants.getDefaultVariant().decode(text);
                return true;
            } catch (IllegalArgumentException other) {
                return false;
            }
        }
    }

    /** A text that one of several types of value is read from. */
    private static final class Text implements Format {
        private final String name;
        private final List<Consumer<String>> parsers;

        Text(String name, List<Consumer<String>> parsers) {
            this.name = name;
            this.parsers = parsers;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean matches(ExecutionContext context, String text) {
            return parsers.stream().anyMatch(parser -> parses(parser, text));
        }

        private static boolean parses(Consumer<String> parser, String text) {
            try {
                parser.accept(text);
                return true;
            } catch (IllegalArgumentException | java.time.DateTimeException other) {
                return false;
            }
        }
    }

    /** Makes the schema that is checked of the one that is published. */
    private static final class Widening {

        private final ObjectNode definitions = NODES.objectNode();
        private int components;

        ObjectNode all(ObjectNode published) {
            ObjectNode root = published.deepCopy();
            JsonNode old = root.remove("$defs");
            ObjectNode wide = of(root);
            if (old != null) {
                old.properties()
                        .forEach(each -> definitions.set(each.getKey(), of(each.getValue())));
            }
            if (!definitions.isEmpty()) {
                wide.set("$defs", definitions);
            }
            if (published.has("$schema")) {
                wide.set("$schema", published.get("$schema"));
            }
            return wide;
        }

        private ObjectNode of(JsonNode schema) {
            if (!(schema instanceof ObjectNode published)) {
                return NODES.objectNode();
            }
            if (published.get("anyOf") instanceof ArrayNode either) {
                return unless("{\"type\":\"null\"}", of(either.get(0))); // an optional
            }
            ObjectNode copy = published.deepCopy();
            copy.remove("$schema");
            switch (type(copy)) {
                case "object" -> {
                    return isRecord(copy) ? record(copy) : map(copy);
                }
                case "array" -> {
                    copy.remove("uniqueItems");
                    copy.set("items", of(copy.path("items")));
                }
                case "number" -> {
                    if (copy.has("format")) {
                        copy.remove("format");
                        return unless(
                                "{\"type\":\"string\",\"pattern\":\"^(NaN|-?Infinity)$\"}", copy);
                    }
                }
                case "integer" -> copy.remove("format");
                case "string" -> {
                    if (Base64.NAME.equals(copy.path("contentEncoding").asText())) {
                        copy.put("format", Base64.NAME);
                    }
                }
                case null, default -> {}
            }
            return copy;
        }

        private ObjectNode map(ObjectNode schema) {
            if (schema.get("additionalProperties") instanceof ObjectNode values) {
                schema.set("additionalProperties", of(values));
            }
            return schema;
        }

        /** An object by names or an array by order; both refer to the same components. */
        private ObjectNode record(ObjectNode byName) {
            Set<String> required = new HashSet<>();
            byName.path("required").forEach(name -> required.add(name.asText()));
            ObjectNode properties = NODES.objectNode();
            ArrayNode inOrder = NODES.arrayNode();
            int least = 0;
            for (Map.Entry<String, JsonNode> component : byName.path("properties").properties()) {
                ObjectNode wide = of(component.getValue());
                boolean mandatory = required.contains(component.getKey());
                String name = "component-" + components++;
                definitions.set(name, mandatory ? wide : unless("{\"type\":\"null\"}", wide));
                properties.set(component.getKey(), reference(name));
                inOrder.add(reference(name));
                if (mandatory) {
                    least = inOrder.size();
                }
            }
            byName.set("properties", properties);
            ObjectNode byOrder = NODES.objectNode();
            if (!inOrder.isEmpty()) {
                byOrder.set("prefixItems", inOrder);
            }
            byOrder.put("minItems", least);
            byOrder.put("maxItems", inOrder.size());
            ObjectNode either = unless("{\"type\":\"array\"}", byName);
            either.set("then", byOrder);
            return either;
        }

        private static ObjectNode reference(String name) {
            return NODES.objectNode().put("$ref", "#/$defs/" + name);
        }

        /** Only what does not fit the condition has to fit the schema. */
        private static ObjectNode unless(String condition, ObjectNode schema) {
            ObjectNode either = NODES.objectNode();
            try {
                either.set("if", JSON.readTree(condition));
            } catch (JsonProcessingException impossible) {
                throw new IllegalStateException(impossible);
            }
            either.set("else", schema);
            return either;
        }
    }
}
