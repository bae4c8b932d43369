package org.processpool.sample;

import org.processpool.task.Payload;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Returns any value as it came. As a {@link Payload} it stays unopened, so what is measured or
 * tested with it is the way to a worker and back, and nothing else.
 */
@TaskDefinition(
        name = "echo",
        summary = "Returns its input",
        example = "{\"hello\": [\"world\", 1, true, null]}")
public final class Echo implements Task<Payload, Payload> {

    @Override
    public Payload run(Payload input, TaskContext context) {
        return input;
    }
}
