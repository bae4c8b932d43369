package org.processpool.rest;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.jspecify.annotations.Nullable;

/**
 * Examples of what is sent and answered, which stand in files of their own: {@code
 * examples/getTask.200.json} is an answer, {@code examples/applyTask.request.json} a request.
 */
final class DocumentedExamples {

    private static final String JSON = jakarta.ws.rs.core.MediaType.APPLICATION_JSON;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private DocumentedExamples() {}

    static void add(Operation operation) {
        String name = operation.getOperationId();
        if (operation.getRequestBody() != null) {
            add(operation.getRequestBody().getContent(), name + ".request.json");
        }
        operation
                .getResponses()
                .getAPIResponses()
                .forEach((status, response) ->
                        add(response.getContent(), "%s.%s.json".formatted(name, status)));
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
        try (InputStream example =
                DocumentedExamples.class.getResourceAsStream("examples/" + file)) {
            if (example != null) {
                media.addExample(
                        "example",
                        OASFactory.createExample().value(MAPPER.readValue(example, Object.class)));
            }
        } catch (IOException malformed) {
            throw new UncheckedIOException("example " + file + " is no JSON", malformed);
        }
    }
}
