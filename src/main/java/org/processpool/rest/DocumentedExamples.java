package org.processpool.rest;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Examples of what is sent and answered, which stand in files of their own: {@code
 * examples/applyTask.200.json} is an answer, {@code examples/applyTask.request.json} a request, and
 * {@code examples/TaskInfo.json} is for whatever has that schema and no example else.
 */
final class DocumentedExamples {

    private static final String JSON = jakarta.ws.rs.core.MediaType.APPLICATION_JSON;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What stands in paths, by the name of the variable. */
    private static final Map<String, Object> IN_PATHS =
            Map.of(
                    "id", "0199b8a2-6f3e-7c11-9d52-0a1b2c3d4e5f",
                    "number", 1,
                    "pool", "default",
                    "slug", "not-found",
                    "task", "wordcount",
                    "worker", "default-1");

    private DocumentedExamples() {}

    static void add(Operation operation) {
        String name = operation.getOperationId();
        if (operation.getParameters() != null) {
            operation.getParameters().forEach(DocumentedExamples::add);
        }
        if (operation.getRequestBody() != null) {
            add(operation.getRequestBody().getContent(), name + ".request.json");
        }
        operation
                .getResponses()
                .getAPIResponses()
                .forEach((status, response) ->
                        add(response.getContent(), "%s.%s.json".formatted(name, status)));
    }

    private static void add(Parameter parameter) {
        Object value =
                parameter.getIn() == Parameter.In.PATH ? IN_PATHS.get(parameter.getName()) : null;
        if (value != null && parameter.getExample() == null && parameter.getExamples() == null) {
            parameter.setExample(value);
        }
    }

    private static void add(@Nullable Content content, String file) {
        if (content == null) {
            return;
        }
        content.getMediaTypes()
                .forEach((type, media) -> {
                    if (type.equals(JSON) || type.endsWith("+json")) {
                        add(media, file);
                    }
                });
    }

    private static void add(MediaType media, String file) {
        Object example = read(file);
        boolean has = media.getExample() != null || media.getExamples() != null;
        if (example == null && !has && media.getSchema() != null) {
            String ref = media.getSchema().getRef();
            example = ref == null ? null : read(ref.substring(ref.lastIndexOf('/') + 1) + ".json");
        }
        if (example != null) {
            media.addExample("example", OASFactory.createExample().value(example));
        }
    }

    private static @Nullable Object read(String file) {
        try (InputStream example =
                DocumentedExamples.class.getResourceAsStream("examples/" + file)) {
            return example == null ? null : MAPPER.readValue(example, Object.class);
        } catch (IOException malformed) {
            throw new UncheckedIOException("example " + file + " is no JSON", malformed);
        }
    }
}
