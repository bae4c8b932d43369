package org.processpool.rest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/** The headers of requests and answers, described once and the same everywhere. */
final class DocumentedHeaders {

    private static final String PREFER = "Prefer";
    private static final String NOT_MODIFIED = "304";

    private record Described(String description, String example) {}

    private static final Map<String, Described> ANSWERS = answers();

    private static final Map<String, Described> REQUESTS =
            Map.of(
                    PREFER,
                    new Described(
                            "Wishes (RFC 7240), such as `wait=10`: how many seconds to wait for"
                                    + " the answer",
                            "wait=10"),
                    "Idempotency-Key",
                    new Described(
                            "A name for this request: if it comes again under the same name, it"
                                    + " gets the first one's answer",
                            "\"7d1cbb1e-4d4c-4c3a-9a53-3d1a4ed0f7b2\""),
                    "If-None-Match",
                    new Described("The ETag of what the client has already", "\"5\""),
                    "Last-Event-ID",
                    new Described("The last event the client has already", "42"),
                    "traceparent",
                    new Described(
                            "The trace to join (W3C Trace Context)",
                            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

    DocumentedHeaders(Components components) {
        ANSWERS.forEach((name, header) -> components.addHeader(name, header(header)));
    }

    /** Describes the headers an operation declares, and those that follow from them. */
    void describe(Operation operation) {
        Map<String, APIResponse> responses = operation.getResponses().getAPIResponses();
        responses.values().forEach(DocumentedHeaders::describe);
        List<Parameter> parameters =
                operation.getParameters() == null ? List.of() : operation.getParameters();
        for (Parameter parameter : parameters) {
            if (parameter.getIn() != Parameter.In.HEADER) {
                continue;
            }
            describe(parameter);
            switch (parameter.getName()) {
                case PREFER -> onSuccess(responses, "Preference-Applied");
                case "Idempotency-Key" -> onSuccess(responses, "Idempotency-Replayed");
                case "If-None-Match" -> {
                    onSuccess(responses, "ETag");
                    operation
                            .getResponses()
                            .addAPIResponse(
                                    NOT_MODIFIED,
                                    OASFactory.createAPIResponse()
                                            .description("As the client has it already")
                                            .addHeader("ETag", reference("ETag")));
                }
                default -> {}
            }
        }
    }

    /** A header an answer may have. */
    static Header reference(String name) {
        return OASFactory.createHeader().ref("#/components/headers/" + name);
    }

    /** A header an answer always has. */
    static Header required(String name) {
        Described described = ANSWERS.get(name);
        if (described == null) {
            throw new IllegalArgumentException("header " + name + " is not described");
        }
        return header(described).required(true);
    }

    private static void describe(APIResponse response) {
        Map<String, Header> headers = response.getHeaders();
        if (headers == null) {
            return;
        }
        for (var entry : Map.copyOf(headers).entrySet()) {
            if (ANSWERS.containsKey(entry.getKey())) {
                response.addHeader(
                        entry.getKey(),
                        Boolean.TRUE.equals(entry.getValue().getRequired())
                                ? required(entry.getKey())
                                : reference(entry.getKey()));
            }
        }
    }

    private static void describe(Parameter parameter) {
        Described described = REQUESTS.get(parameter.getName());
        if (described == null) {
            return;
        }
        if (isBlank(parameter.getDescription())) {
            parameter.setDescription(described.description());
        }
        if (parameter.getExample() == null && parameter.getExamples() == null) {
            parameter.setExample(described.example());
        }
        if (parameter.getSchema() == null) {
            parameter.setSchema(OASFactory.createSchema().addType(SchemaType.STRING));
        }
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    private static void onSuccess(Map<String, APIResponse> responses, String header) {
        responses.forEach((status, response) -> {
            boolean has =
                    response.getHeaders() != null && response.getHeaders().containsKey(header);
            if (status.startsWith("2") && !has) {
                response.addHeader(header, reference(header));
            }
        });
    }

    private static Header header(Described described) {
        return OASFactory.createHeader()
                .description(described.description())
                .example(described.example())
                .schema(OASFactory.createSchema().addType(SchemaType.STRING));
    }

    private static Map<String, Described> answers() {
        var headers = new LinkedHashMap<String, Described>();
        headers.put("Allow", new Described("The methods the path has", "GET, HEAD, OPTIONS"));
        headers.put("Cache-Control", new Described("Whether to keep the answer", "no-store"));
        headers.put("ETag", new Described("Changes whenever the answer does", "\"5\""));
        headers.put(
                "Idempotency-Replayed",
                new Described(
                        "The answer is that of an earlier request with the same key", "true"));
        headers.put(
                "Link", new Described("Where it goes on", "</v1/jobs?pageToken=b3>; rel=\"next\""));
        headers.put("Location", new Described("Where to find it", "/v1/jobs/0199c0de"));
        headers.put("Content-Location", new Described("Where to find it", "/v1/jobs/0199c0de"));
        headers.put("Preference-Applied", new Described("Which wish was granted", "wait=10"));
        headers.put("RateLimit", new Described("What is left of each limit now", "\"queue\";r=12"));
        headers.put(
                "RateLimit-Policy",
                new Described(
                        "The limits of a client",
                        "\"requests\";q=600;w=60, \"queue\";q=1000;qu=\"concurrent-requests\""));
        headers.put("Retry-After", new Described("Seconds until trying again makes sense", "1"));
        headers.put("Vary", new Described("What the answer depends on", "Prefer, Accept"));
        return Map.copyOf(headers);
    }
}
