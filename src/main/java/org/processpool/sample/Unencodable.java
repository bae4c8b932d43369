package org.processpool.sample;

import org.processpool.task.Payload;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/** Takes anything and returns a thread, which no encoding has a form for. */
@TaskDefinition(
        name = "unencodable",
        summary = "Returns what cannot be encoded",
        example = "null",
        trouble = true)
public final class Unencodable implements Task<Payload, Object> {

    @Override
    public Object run(Payload input, TaskContext context) {
        return Thread.currentThread();
    }
}
