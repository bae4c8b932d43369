package org.processpool.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * What an OpenAPI document promises, to hold answers against. Stricter than the document in one
 * thing: an object has no members but those described, unless its schema says that it may.
 *
 * <p>The schema of a stream (NDJSON, server-sent events) is that of one line, or of one event's
 * data. Any thread may use this.
 */
final class Contract {

    static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    static final String NDJSON = "application/x-ndjson";
    static final String EVENTS = "text/event-stream";

    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");
    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_2020_12,
                    registry ->
                            registry.schemaRegistryConfig(
                                    SchemaRegistryConfig.builder()
                                            .formatAssertionsEnabled(true)
                                            .build()));

    /** A path of the document and what can be done there. */
    private record Place(Pattern pattern, String template, JsonNode item) {
        Optional<JsonNode> operation(String method) {
            JsonNode operation = item.get(method.toLowerCase(Locale.ROOT));
            return operation == null && method.equals("HEAD")
                    ? Optional.ofNullable(item.get("get"))
                    : Optional.ofNullable(operation);
        }

        Set<String> methods() {
            var methods = new TreeSet<String>();
            item.fieldNames()
                    .forEachRemaining(name -> {
                        if (METHODS.contains(name)) {
                            methods.add(name.toUpperCase(Locale.ROOT));
                        }
                    });
            return methods;
        }
    }

    private final JsonNode document;
    private final List<Place> places;
    private final Map<JsonNode, Schema> compiled = new ConcurrentHashMap<>();

    private Contract(JsonNode document) {
        this.document = document;
        places =
                document.path("paths").properties().stream()
                        .map(path -> place(path.getKey(), path.getValue()))
                        // the most literal one is meant: /a/{x}:verb rather than /a/{x}
                        .sorted(
                                Comparator.comparingInt((Place place) ->
                                                VARIABLE.matcher(place.template())
                                                        .replaceAll("")
                                                        .length())
                                        .reversed())
                        .toList();
    }

    /** The contract that a document is. The document itself stays as it is. */
    static Contract of(JsonNode document) {
        return new Contract(strict(document.deepCopy()));
    }

    /** The contract that a document is, without anything added. */
    static Contract literally(JsonNode document) {
        return new Contract(document);
    }

    JsonNode document() {
        return document;
    }

    /** In what ways an answer is not as promised; none if it is. */
    List<String> breaches(Answer answer) {
        var breaches = new ArrayList<String>();
        Optional<JsonNode> response = response(answer, breaches);
        response.ifPresent(promised -> checkHeaders(promised, answer, breaches));
        Optional<JsonNode> media = response.flatMap(promised -> media(promised, answer, breaches));
        if (answer.mediaType().equals(Problem.MEDIA_TYPE)) {
            checkProblem(answer, breaches);
        }
        media.ifPresent(promised -> checkBody(promised, answer, breaches));
        return breaches;
    }

    /** The same for an answer whose body is not there yet, such as a stream's. */
    List<String> breachesOfHead(Answer answer) {
        var breaches = new ArrayList<String>();
        response(answer, breaches)
                .ifPresent(promised -> {
                    checkHeaders(promised, answer, breaches);
                    var _ = media(promised, answer, breaches);
                });
        return breaches;
    }

    /** In what ways a line of a stream is not as promised. */
    List<String> breachesOfLine(Answer head, String line) {
        var breaches = new ArrayList<String>();
        response(head, breaches)
                .flatMap(promised -> media(promised, head, breaches))
                .ifPresent(media -> checkLine(media, head.mediaType(), line, breaches));
        return breaches;
    }

    /** In what ways a value does not fit a schema of the document. */
    List<String> misfits(JsonNode schema, JsonNode value) {
        return compiled.computeIfAbsent(schema, this::compile).validate(value).stream()
                .map(Error::toString)
                .toList();
    }

    /** The node itself, or what it refers to. */
    JsonNode resolve(JsonNode node) {
        JsonNode now = node;
        while (now.has("$ref")) {
            String ref = now.get("$ref").asText();
            if (!ref.startsWith("#/")) {
                throw new IllegalStateException("reference out of the document: " + ref);
            }
            now = document.at(ref.substring(1));
            if (now.isMissingNode()) {
                throw new IllegalStateException("reference to nothing: " + ref);
            }
        }
        return now;
    }

    private Optional<JsonNode> response(Answer answer, List<String> breaches) {
        Optional<Place> place =
                places.stream()
                        .filter(it -> it.pattern().matcher(normal(answer.path())).matches())
                        .findFirst();
        if (place.isEmpty()) {
            if (!isRefusal(answer) && !isPage(answer)) {
                breaches.add("the path is not documented");
            }
            return Optional.empty();
        }
        Optional<JsonNode> operation = place.get().operation(answer.method());
        if (operation.isEmpty()) {
            checkOtherMethod(place.get(), answer, breaches);
            return Optional.empty();
        }
        JsonNode responses = operation.get().path("responses");
        JsonNode response = responses.get(Integer.toString(answer.status()));
        if (response == null) {
            breaches.add(
                    "status %d is not documented for %s %s, which has %s"
                            .formatted(
                                    answer.status(),
                                    answer.method(),
                                    place.get().template(),
                                    names(responses)));
            return Optional.empty();
        }
        return Optional.of(resolve(response));
    }

    /** As the service reads it: without matrix parameters, empty segments and ways back. */
    private static String normal(String path) {
        String plain = path.replaceAll(";[^/]*", "").replaceAll("/{2,}", "/");
        String there = URI.create(plain).normalize().getRawPath();
        return there.replaceFirst("^(/\\.\\.)+(?=/|$)", "").replaceFirst("^$", "/");
    }

    /** A path that is not there can be refused for what is not there, and for more. */
    private static boolean isRefusal(Answer answer) {
        return answer.status() >= 400
                && answer.status() < 500
                && answer.mediaType().equals(Problem.MEDIA_TYPE);
    }

    /** Pages for people are no part of the contract. */
    private static boolean isPage(Answer answer) {
        return !answer.path().startsWith("/v1/") && !answer.mediaType().endsWith("json");
    }

    private static void checkOtherMethod(Place place, Answer answer, List<String> breaches) {
        if (answer.method().equals("OPTIONS") && answer.status() < 300) {
            return;
        }
        if (answer.status() != ProblemType.METHOD_NOT_ALLOWED.status()) {
            breaches.add(
                    "%s is not documented for %s, which has %s"
                            .formatted(answer.method(), place.template(), place.methods()));
            return;
        }
        String allow = answer.header("Allow").orElse("");
        Set<String> allowed = Set.of(allow.split("\\s*,\\s*", -1));
        if (!allowed.containsAll(place.methods())) {
            breaches.add("Allow: %s does not name all of %s".formatted(allow, place.methods()));
        }
    }

    private void checkHeaders(JsonNode response, Answer answer, List<String> breaches) {
        for (var header : response.path("headers").properties()) {
            boolean required = resolve(header.getValue()).path("required").asBoolean();
            if (required && answer.header(header.getKey()).isEmpty()) {
                breaches.add("header %s is missing".formatted(header.getKey()));
            }
        }
    }

    private Optional<JsonNode> media(JsonNode response, Answer answer, List<String> breaches) {
        JsonNode content = response.path("content");
        boolean bodiless =
                answer.method().equals("HEAD") || answer.status() == 204 || answer.status() == 304;
        boolean minimal =
                answer.body().isEmpty()
                        && answer.header("Preference-Applied")
                                .orElse("")
                                .contains("return=minimal");
        if (minimal) {
            return Optional.empty();
        }
        if (bodiless || content.isEmpty()) {
            if (!answer.body().isEmpty()) {
                breaches.add("there is a body where none is documented");
            }
            return Optional.empty();
        }
        String type = answer.mediaType();
        String range = type.replaceFirst("/.*", "/*");
        for (String candidate : List.of(type, range, "*/*")) {
            if (content.has(candidate)) {
                return Optional.of(content.get(candidate));
            }
        }
        breaches.add(
                "media type '%s' is none of those documented: %s".formatted(type, names(content)));
        return Optional.empty();
    }

    private static void checkProblem(Answer answer, List<String> breaches) {
        JsonNode problem;
        try {
            problem = JSON.readTree(answer.body());
        } catch (JsonProcessingException malformed) {
            breaches.add("the problem is no JSON: " + malformed.getMessage());
            return;
        }
        String type = problem.path("type").asText();
        Optional<ProblemType> known =
                List.of(ProblemType.values()).stream()
                        .filter(candidate -> candidate.uri("").equals(type))
                        .findAny();
        if (known.isEmpty()) {
            breaches.add("'%s' is no type of problem of the service".formatted(type));
            return;
        }
        if (problem.path("status").asInt() != answer.status()
                || known.get().status() != answer.status()) {
            breaches.add(
                    "a problem of type %s with member status %s and HTTP status %d"
                            .formatted(type, problem.path("status"), answer.status()));
        }
        if (!known.get().title().equals(problem.path("title").asText())) {
            breaches.add("type %s has another title than %s".formatted(type, problem.get("title")));
        }
        if (problem.path("detail").asText().isBlank()) {
            breaches.add("the problem has no detail");
        }
    }

    private void checkBody(JsonNode media, Answer answer, List<String> breaches) {
        String type = answer.mediaType();
        if (type.equals(NDJSON) || type.equals(EVENTS)) {
            answer.body().lines().forEach(line -> checkLine(media, type, line, breaches));
        } else if (type.equals("application/json") || type.endsWith("+json")) {
            checkJson(media, answer.body(), breaches);
        }
    }

    private void checkLine(JsonNode media, String type, String line, List<String> breaches) {
        if (media.path("schema").path("type").asText().equals("string")) {
            return; // described as one text
        }
        if (type.equals(NDJSON) && !line.isBlank()) {
            checkJson(media, line, breaches);
        } else if (type.equals(EVENTS) && line.startsWith("data:") && media.has("schema")) {
            checkJson(media, line.substring("data:".length()).strip(), breaches);
        } else if (type.equals(EVENTS)
                && !line.isBlank()
                && !line.matches("(data|event|id|retry)?:.*|data|event|id")) {
            breaches.add("no line of server-sent events: " + line);
        }
    }

    private void checkJson(JsonNode media, String text, List<String> breaches) {
        try {
            JsonNode value = JSON.readTree(text);
            if (value.isMissingNode()) {
                breaches.add("there is no JSON value");
            } else if (media.has("schema")) {
                breaches.addAll(misfits(media.get("schema"), value));
            }
        } catch (JsonProcessingException malformed) {
            breaches.add("no JSON: " + malformed.getMessage());
        }
    }

    private Schema compile(JsonNode schema) {
        ObjectNode whole = JSON.createObjectNode();
        whole.putArray("allOf").add(schema);
        whole.set("components", document.path("components"));
        return SCHEMAS.getSchema(whole);
    }

    private static Place place(String template, JsonNode item) {
        var pattern = new StringBuilder();
        int from = 0;
        var variable = VARIABLE.matcher(template);
        while (variable.find()) {
            pattern.append(Pattern.quote(template.substring(from, variable.start())));
            pattern.append("(?:").append(pattern(item, variable.group(1))).append(')');
            from = variable.end();
        }
        pattern.append(Pattern.quote(template.substring(from))).append("/?");
        return new Place(Pattern.compile(pattern.toString()), template, item);
    }

    private static String pattern(JsonNode item, String variable) {
        for (JsonNode operation : item) {
            for (JsonNode parameter : operation.path("parameters")) {
                if (parameter.path("name").asText().equals(variable)
                        && parameter.path("in").asText().equals("path")) {
                    return parameter.path("schema").path("pattern").asText("[^/]+");
                }
            }
        }
        return "[^/]+";
    }

    private static JsonNode strict(JsonNode document) {
        var composed = new HashSet<String>();
        for (JsonNode all : document.findValues("allOf")) {
            all.forEach(part -> composed.add(part.path("$ref").asText()));
        }
        document.path("components")
                .path("schemas")
                .properties()
                .forEach(entry -> {
                    JsonNode schema = entry.getValue();
                    if (schema.has("properties")
                            && !schema.has("additionalProperties")
                            && !composed.contains("#/components/schemas/" + entry.getKey())) {
                        ((ObjectNode) schema).put("additionalProperties", false);
                    }
                });
        return document;
    }

    private static List<String> names(JsonNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
