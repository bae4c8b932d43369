package org.processpool.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.TaskDescription;

/**
 * What a client may know of a task.
 *
 * @param name its name
 * @param summary one sentence, or empty
 * @param inputSchema JSON Schema 2020-12 of the input
 * @param outputSchema JSON Schema 2020-12 of the result
 * @param example an input to try, or null
 * @param timeoutMillis longest run of one call
 * @param links where to go from here
 */
record TaskInfo(
        String name,
        String summary,
        @Schema(implementation = Object.class) JsonNode inputSchema,
        @Schema(implementation = Object.class) JsonNode outputSchema,
        @Schema(implementation = Object.class) @Nullable JsonNode example,
        long timeoutMillis,
        Links links) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Where to go from a task.
     *
     * @param self the task
     * @param apply where to post its input
     */
    @Schema(name = "TaskLinks")
    record Links(String self, String apply) {}

    static TaskInfo of(TaskDescription task, Duration timeout) {
        String self = "/v1/tasks/" + task.name();
        return new TaskInfo(
                task.name().value(),
                task.summary(),
                json(task, task.inputSchema()),
                json(task, task.outputSchema()),
                task.example().isEmpty() ? null : json(task, task.example()),
                timeout.toMillis(),
                new Links(self, self + ":apply"));
    }

    /** What a worker says is not trusted to be JSON. */
    private static JsonNode json(TaskDescription task, String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException malformed) {
            throw new IllegalStateException(
                    "a worker describes task '%s' in what is no JSON".formatted(task.name()),
                    malformed);
        }
    }
}
