package org.processpool.rest;

import static java.util.stream.Collectors.joining;

import jakarta.ws.rs.core.HttpHeaders;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.responses.APIResponses;

/**
 * Which problems an operation answers with. A resource names its own in the description of the
 * response ({@code description = "pool-not-found or worker-not-found"}), or of one response {@code
 * default} for all statuses; those that any operation of its kind can meet are added here. Each set
 * of types is one reusable response, whose schema allows these types only.
 */
final class DocumentedProblems {

    private static final Pattern WORD = Pattern.compile("[a-z]+(?:-[a-z]+)*");
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");
    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");
    private static final String SCHEMA = "Problem";
    private static final String REF = "#/components/";

    /** A response that names problems of whatever status. */
    private static final String ANY = "default";

    private final Components components;
    private final Set<String> made = new HashSet<>();

    DocumentedProblems(Components components) {
        this.components = components;
        components.addSchema(SCHEMA, problem());
    }

    /**
     * Rewrites the responses of an operation.
     *
     * @throws IllegalStateException if a resource documents a problem and no type of its status
     */
    void describe(String method, String path, Operation operation) {
        Set<ProblemType> types = EnumSet.noneOf(ProblemType.class);
        APIResponses responses = operation.getResponses();
        for (var entry : Map.copyOf(responses.getAPIResponses()).entrySet()) {
            if (isError(entry.getKey())) {
                types.addAll(named(path, entry.getKey(), entry.getValue()));
                responses.removeAPIResponse(entry.getKey());
            }
        }
        addCommon(method, path, operation, types);
        var byStatus = new TreeMap<Integer, Set<ProblemType>>();
        types.forEach(type ->
                byStatus.computeIfAbsent(type.status(), status -> EnumSet.noneOf(ProblemType.class))
                        .add(type));
        byStatus.forEach((status, set) ->
                responses.addAPIResponse(Integer.toString(status), reference(status, set)));
    }

    private static boolean isError(String status) {
        return status.startsWith("4") || status.startsWith("5") || status.equals(ANY);
    }

    private static Set<ProblemType> named(String path, String status, APIResponse response) {
        Set<ProblemType> named = EnumSet.noneOf(ProblemType.class);
        String text = response.getDescription() == null ? "" : response.getDescription();
        WORD.matcher(text)
                .results()
                .map(MatchResult::group)
                .flatMap(word -> ProblemType.ofSlug(word).stream())
                .filter(type ->
                        status.equals(ANY) || Integer.toString(type.status()).equals(status))
                .forEach(named::add);
        if (named.isEmpty() && (response.getContent() != null || status.equals(ANY))) {
            throw new IllegalStateException(
                    "%s: '%s' names no type of problem with status %s"
                            .formatted(path, text, status));
        }
        return named;
    }

    private static void addCommon(
            String method, String path, Operation operation, Set<ProblemType> types) {
        types.add(ProblemType.INTERNAL);
        types.add(ProblemType.INVALID_REQUEST);
        types.add(ProblemType.INVALID_HEADER);
        List<Parameter> parameters =
                operation.getParameters() == null ? List.of() : operation.getParameters();
        VARIABLE.matcher(path)
                .results()
                .forEach(variable -> {
                    types.add(ProblemType.NOT_FOUND);
                    ProblemType.ofSlug(variable.group(1) + "-not-found").ifPresent(types::add);
                });
        if (path.startsWith("/v1/jobs/{")) {
            types.add(ProblemType.JOB_NOT_FOUND);
        }
        if (parameters.stream().anyMatch(it -> "pageToken".equals(it.getName()))) {
            types.add(ProblemType.INVALID_PAGE_TOKEN);
        }
        if (operation.getRequestBody() != null) {
            types.add(ProblemType.MALFORMED_JSON);
        }
        if (WITH_BODY.contains(method)) { // whether the operation reads it or not
            types.add(ProblemType.CONTENT_TOO_LARGE);
            types.add(ProblemType.UNSUPPORTED_MEDIA_TYPE);
        }
        if (operation.getResponses().getAPIResponses().values().stream()
                .anyMatch(it -> it.getContent() != null)) {
            types.add(ProblemType.NOT_ACCEPTABLE);
        }
        types.add(ProblemType.UNKNOWN_HOST);
        if (path.startsWith("/v1/")) {
            types.add(ProblemType.QUOTA_EXCEEDED);
            types.add(ProblemType.UNAUTHORIZED);
            types.add(ProblemType.FORBIDDEN);
            if (!method.equals("GET")) {
                types.add(ProblemType.FOREIGN_ORIGIN);
            }
        }
    }

    private APIResponse reference(int status, Set<ProblemType> types) {
        String name = types.stream().map(DocumentedProblems::pascal).collect(joining("Or"));
        if (made.add(name)) {
            components.addResponse(name, response(status, types));
        }
        return OASFactory.createAPIResponse().ref(REF + "responses/" + name);
    }

    private APIResponse response(int status, Set<ProblemType> types) {
        Schema only =
                OASFactory.createSchema()
                        .addType(SchemaType.OBJECT)
                        .addProperty("type", oneOf(types))
                        .addProperty("status", OASFactory.createSchema().constValue(status));
        MediaType media =
                OASFactory.createMediaType()
                        .schema(
                                OASFactory.createSchema()
                                        .addAllOf(
                                                OASFactory.createSchema()
                                                        .ref(REF + "schemas/" + SCHEMA))
                                        .addAllOf(only));
        for (ProblemType type : types) {
            components.addExample(pascal(type), OASFactory.createExample().value(example(type)));
            media.addExample(
                    type.slug(), OASFactory.createExample().ref(REF + "examples/" + pascal(type)));
        }
        Content content = OASFactory.createContent().addMediaType(Problem.MEDIA_TYPE, media);
        APIResponse response =
                OASFactory.createAPIResponse().description(words(types)).content(content);
        response.addHeader(HttpHeaders.CACHE_CONTROL, DocumentedHeaders.required("Cache-Control"));
        boolean wait = types.stream().anyMatch(type -> type.retryAfterSeconds() > 0);
        boolean always = types.stream().allMatch(type -> type.retryAfterSeconds() > 0);
        if (always) {
            response.addHeader(HttpHeaders.RETRY_AFTER, DocumentedHeaders.required("Retry-After"));
        } else if (wait) {
            response.addHeader(HttpHeaders.RETRY_AFTER, DocumentedHeaders.reference("Retry-After"));
        }
        return response;
    }

    private static Schema oneOf(Set<ProblemType> types) {
        Schema schema = OASFactory.createSchema();
        types.forEach(type -> schema.addEnumeration(type.uri("")));
        return schema;
    }

    private static String words(Set<ProblemType> types) {
        return types.stream()
                .map(type -> "`%s`: %s".formatted(type.slug(), type.meaning()))
                .collect(joining("\n\n"));
    }

    private static Map<String, Object> example(ProblemType type) {
        return Map.of(
                "type", type.uri(""),
                "title", type.title(),
                "status", type.status(),
                "detail", type.meaning());
    }

    private static String pascal(ProblemType type) {
        return WORD.matcher(type.slug())
                .results()
                .flatMap(slug -> Pattern.compile("-").splitAsStream(slug.group()))
                .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(joining());
    }

    /** Members that types have of their own may be there, those of all types must. */
    private static Schema problem() {
        return OASFactory.createSchema()
                .addType(SchemaType.OBJECT)
                .description(
                        "What went wrong (RFC 9457). Besides the first four members each type has"
                                + " its own; the page at its `type` tells of them.")
                .additionalPropertiesSchema(OASFactory.createSchema().booleanSchema(true))
                .required(List.of("type", "title", "status", "detail"))
                .addProperty("type", text("Which type of problem; also the path of its page"))
                .addProperty("title", text("The type in a few words, always the same"))
                .addProperty("status", whole("The HTTP status").minimum(BigDecimal.valueOf(400)))
                .addProperty("detail", text("What happened this time, for people"))
                .addProperty("instance", text("The path of the job it happened to"))
                .addProperty("traceId", text("The trace it happened in"))
                .addProperty(
                        "violations",
                        list(
                                OASFactory.createSchema()
                                        .addType(SchemaType.OBJECT)
                                        .addProperty(
                                                "pointer",
                                                text("Where in the body, as JSON pointer"))
                                        .addProperty("parameter", text("Or which parameter"))
                                        .addProperty("message", text("What does not fit"))
                                        .required(List.of("message"))))
                .addProperty("suggestions", list(text("A name like the one asked for")))
                .addProperty("supported", list(text("What the service does support")))
                .addProperty("limitBytes", whole("Most bytes"))
                .addProperty("limitMillis", whole("Longest time"))
                .addProperty("waitedMillis", whole("How long the client waited"))
                .addProperty("errorId", text("Where to look in the service's log"))
                .addProperty(
                        "exception",
                        OASFactory.createSchema()
                                .addType(SchemaType.OBJECT)
                                .addProperty("type", text("Its class"))
                                .addProperty("message", text("What it says"))
                                .required(List.of("type", "message")));
    }

    private static Schema text(String description) {
        return OASFactory.createSchema().addType(SchemaType.STRING).description(description);
    }

    private static Schema whole(String description) {
        return OASFactory.createSchema().addType(SchemaType.INTEGER).description(description);
    }

    private static Schema list(Schema items) {
        return OASFactory.createSchema().addType(SchemaType.ARRAY).items(items);
    }
}
