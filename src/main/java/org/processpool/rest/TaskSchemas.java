package org.processpool.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.wire.TaskDescription;

/**
 * Checks what clients send against the schemas of the tasks, before it stands in a line. Never
 * blocks; safe for use by several threads.
 */
@Singleton
class TaskSchemas {

    private static final Payload NULL = Payload.json("null");
    private static final Payload NOTHING = Payload.json("[]");
    private static final Payload NOBODY = Payload.json("{}");

    /** By their text, as two tasks or two pools may have the same. Workers have told them all. */
    private final ConcurrentMap<String, InputSchema> known = new ConcurrentHashMap<>();

    /** What is to become of an input. */
    sealed interface Verdict {

        /**
         * The input of a call that is made.
         *
         * @throws ProblemException if it does not fit
         */
        default Payload orRefuse(TaskDescription task) {
            return switch (this) {
                case Fit(Payload input) -> input;
                case Misfit(List<Violation> violations) ->
                        throw new ProblemException(
                                new Problem(
                                                ProblemType.INVALID_ARGUMENTS,
                                                Phrase.MISFIT,
                                                task.name(),
                                                violations.getFirst().sentence())
                                        .with("violations", violations)
                                        .with("schema", "/v1/tasks/" + task.name()));
            };
        }

        /**
         * It fits.
         *
         * @param input what to send to a worker: bytes of the client's own wherever possible
         */
        record Fit(Payload input) implements Verdict {}

        /**
         * It does not.
         *
         * @param violations why; at least one
         */
        record Misfit(List<Violation> violations) implements Verdict {}
    }

    /**
     * What does not fit a task's input; empty if all does. Positional components of records are
     * taken as named ones are.
     *
     * @param json one value
     * @throws ProblemException if it is not one JSON value
     */
    List<Violation> violations(TaskDescription task, byte[] json) {
        InputSchema schema = schema(task);
        if (schema.takesAll()) {
            JsonSyntax.check(json);
            return List.of();
        }
        return schema.violations(JsonSyntax.tree(json));
    }

    /**
     * The input that a body means: itself if it fits, else the only element of the array it is if
     * that fits. Text is checked as a JSON string, bytes are not.
     *
     * @throws ProblemException if it should be JSON and is not one JSON value
     */
    Verdict ofBody(TaskDescription task, Payload body) {
        InputSchema schema = schema(task);
        return switch (body.encoding()) {
            case BYTES, CBOR -> new Verdict.Fit(body);
            case TEXT ->
                    schema.takesAll()
                            ? new Verdict.Fit(body)
                            : verdict(body, schema.violations(TextNode.valueOf(body.text())));
            case JSON -> {
                if (schema.takesAll()) {
                    JsonSyntax.check(body.bytes());
                    yield new Verdict.Fit(body);
                }
                JsonNode tree = JsonSyntax.tree(body.bytes());
                List<Violation> whole = schema.violations(tree);
                yield whole.isEmpty() || !tree.isArray() || tree.size() != 1
                        ? verdict(body, whole)
                        : ofOnly(schema, tree.get(0), whole, body.bytes());
            }
        };
    }

    /** The only element of an array that did not fit itself. */
    private static Verdict ofOnly(
            InputSchema schema, JsonNode only, List<Violation> whole, byte[] array) {
        List<Violation> alone = schema.violations(only);
        return alone.isEmpty()
                ? new Verdict.Fit(Payload.json(inside(array, '[', ']')))
                : new Verdict.Misfit(moreHelpful(schema, only, whole, within("/0", alone)));
    }

    /** What was meant: the element alone, unless the task takes arrays or records by order. */
    private static List<Violation> moreHelpful(
            InputSchema schema, JsonNode only, List<Violation> whole, List<Violation> alone) {
        boolean asElement =
                schema.isRecord()
                        ? only.isObject() || only.isArray()
                        : !schema.takesArrays() || only.isArray();
        return asElement ? alone : whole;
    }

    /**
     * The input that arguments in the manner of Python mean. One positional argument that fits
     * alone is the input, else all of them are it, as an array; without any, the input is null if
     * that fits, else the empty array. Named ones are an object, and both together are one whose
     * members are the record's components in their order.
     *
     * @param args a JSON array, or null if there is none
     * @param kwargs a JSON object, or null if there is none
     * @return violations have pointers into an object with members {@code args} and {@code kwargs}
     * @throws ProblemException if one of them is not one JSON value
     */
    Verdict forArguments(TaskDescription task, byte @Nullable [] args, byte @Nullable [] kwargs) {
        byte[] array = args == null ? NOTHING.bytes() : args;
        byte[] object = kwargs == null ? NOBODY.bytes() : kwargs;
        List<byte[]> positional = JsonSyntax.read(array, elements(array));
        Map<String, byte[]> named = JsonSyntax.read(object, members(object));
        var unfit = new ArrayList<Violation>();
        if (positional == null) {
            unfit.add(mustBe("/args", Phrase.AN_ARRAY, array));
        }
        if (named == null) {
            unfit.add(mustBe("/kwargs", Phrase.AN_OBJECT, object));
        }
        if (positional == null || named == null) {
            return new Verdict.Misfit(unfit);
        }
        InputSchema schema = schema(task);
        if (named.isEmpty()) {
            return positional.isEmpty()
                    ? ofNothing(schema)
                    : ofPositional(schema, positional, array);
        }
        return positional.isEmpty()
                ? verdict(Payload.json(object), within("/kwargs", check(schema, object)))
                : ofBoth(schema, positional, named);
    }

    private static Violation mustBe(String pointer, Phrase what, byte[] json) {
        return Violation.of(
                pointer,
                Phrase.MUST_BE,
                Sentence.of(what),
                InputSchema.found(JsonSyntax.tree(json)));
    }

    private static Verdict ofNothing(InputSchema schema) {
        return check(schema, NULL.bytes()).isEmpty()
                ? new Verdict.Fit(NULL)
                : verdict(NOTHING, within("/args", check(schema, NOTHING.bytes())));
    }

    private static Verdict ofPositional(InputSchema schema, List<byte[]> positional, byte[] args) {
        if (positional.size() > 1) {
            return verdict(Payload.json(args), within("/args", check(schema, args)));
        }
        byte[] only = positional.getFirst();
        JsonNode tree = JsonSyntax.tree(only);
        List<Violation> alone = schema.violations(tree);
        if (alone.isEmpty()) {
            return new Verdict.Fit(Payload.json(only));
        }
        List<Violation> all = check(schema, args);
        return all.isEmpty()
                ? new Verdict.Fit(Payload.json(args))
                : new Verdict.Misfit(
                        within("/args", moreHelpful(schema, tree, all, within("/0", alone))));
    }

    private static Verdict ofBoth(
            InputSchema schema, List<byte[]> positional, Map<String, byte[]> named) {
        List<String> names = schema.members();
        if (!schema.isRecord()) {
            return new Verdict.Misfit(
                    List.of(Violation.of("/kwargs", Phrase.POSITIONAL_AND_NAMED)));
        }
        if (positional.size() > names.size()) {
            return new Verdict.Misfit(
                    List.of(
                            Violation.of(
                                    "/args",
                                    Phrase.ELEMENTS_AT_MOST,
                                    names.size(),
                                    positional.size())));
        }
        var members = new LinkedHashMap<String, byte[]>();
        var places = new LinkedHashMap<String, String>();
        for (int i = 0; i < positional.size(); i++) {
            members.put(names.get(i), positional.get(i));
            places.put("/" + names.get(i), "/args/" + i);
        }
        var twice = new ArrayList<Violation>();
        named.forEach((name, value) -> {
            if (members.putIfAbsent(name, value) != null) {
                twice.add(Violation.of("/kwargs/" + name, Phrase.MEMBER_TWICE));
            }
        });
        if (!twice.isEmpty()) {
            return new Verdict.Misfit(twice);
        }
        byte[] object = object(members);
        return verdict(
                Payload.json(object),
                check(schema, object).stream()
                        .map(violation -> placed(violation, places))
                        .toList());
    }

    /** A violation in a merged object, as seen from where its member came from. */
    private static Violation placed(Violation violation, Map<String, String> places) {
        String pointer = violation.pointer();
        for (Map.Entry<String, String> place : places.entrySet()) {
            String member = place.getKey();
            if (pointer.equals(member) || pointer.startsWith(member + "/")) {
                return new Violation(
                        place.getValue() + pointer.substring(member.length()), violation.message());
            }
        }
        return violation.within("/kwargs");
    }

    private InputSchema schema(TaskDescription task) {
        return known.computeIfAbsent(task.inputSchema(), InputSchema::of);
    }

    private static List<Violation> check(InputSchema schema, byte[] json) {
        return schema.takesAll() ? List.of() : schema.violations(JsonSyntax.tree(json));
    }

    private static Verdict verdict(Payload input, List<Violation> violations) {
        return violations.isEmpty() ? new Verdict.Fit(input) : new Verdict.Misfit(violations);
    }

    private static List<Violation> within(String outer, List<Violation> violations) {
        return violations.stream().map(violation -> violation.within(outer)).toList();
    }

    /** What is between the brackets of well-formed JSON. */
    private static byte[] inside(byte[] json, char open, char close) {
        int start = 0;
        while (json[start] != open) {
            start++;
        }
        int end = json.length - 1;
        while (json[end] != close) {
            end--;
        }
        return Arrays.copyOfRange(json, start + 1, end);
    }

    /** The elements of an array as they are; null if it is none. */
    private static JsonSyntax.Reading<@Nullable List<byte[]>> elements(byte[] json) {
        return parser -> {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                skip(parser);
                return null;
            }
            var elements = new ArrayList<byte[]>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.add(slice(parser, json));
            }
            return elements;
        };
    }

    /**
     * The members of an object as they are, the last of two of the same name; null if it is none.
     */
    private static JsonSyntax.Reading<@Nullable Map<String, byte[]>> members(byte[] json) {
        return parser -> {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                skip(parser);
                return null;
            }
            var members = new LinkedHashMap<String, byte[]>();
            for (String name = parser.nextFieldName();
                    name != null;
                    name = parser.nextFieldName()) {
                parser.nextToken();
                members.put(name, slice(parser, json));
            }
            return members;
        };
    }

    private static byte[] slice(JsonParser parser, byte[] json) throws IOException {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        skip(parser);
        return Arrays.copyOfRange(json, start, (int) parser.currentLocation().getByteOffset());
    }

    private static void skip(JsonParser parser) throws IOException {
        parser.skipChildren();
        parser.finishToken();
    }

    private static byte[] object(Map<String, byte[]> members) {
        var object = new ByteArrayOutputStream();
        members.forEach((name, value) -> {
            object.write(object.size() == 0 ? '{' : ',');
            object.writeBytes(TextNode.valueOf(name).toString().getBytes(StandardCharsets.UTF_8));
            object.write(':');
            object.writeBytes(value);
        });
        object.write('}');
        return object.toByteArray();
    }
}
