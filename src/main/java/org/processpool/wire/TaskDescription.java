package org.processpool.wire;

import java.util.Objects;
import org.processpool.task.TaskName;

/**
 * What a worker tells of one registered task.
 *
 * @param name the task's name
 * @param conversation whether it is a conversation and not a task
 * @param summary one sentence, or empty
 * @param inputSchema JSON Schema 2020-12 of the input, as JSON text
 * @param outputSchema JSON Schema 2020-12 of the output, as JSON text
 * @param example an example input as JSON text, or empty
 * @param timeout ISO-8601 duration, or empty
 * @param produces media type of a bytes result
 */
public record TaskDescription(
        TaskName name,
        boolean conversation,
        String summary,
        String inputSchema,
        String outputSchema,
        String example,
        String timeout,
        String produces) {

    public TaskDescription {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(summary, "summary");
        Objects.requireNonNull(inputSchema, "inputSchema");
        Objects.requireNonNull(outputSchema, "outputSchema");
        Objects.requireNonNull(example, "example");
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(produces, "produces");
    }
}
