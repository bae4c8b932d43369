package org.processpool.sample;

import org.processpool.task.Payload;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/** Takes anything and throws an exception that throws again when it is asked what happened. */
@TaskDefinition(
        name = "unprintable",
        summary = "Throws an exception that cannot be printed",
        example = "null",
        trouble = true)
public final class Unprintable implements Task<Payload, Void> {

    @Override
    public Void run(Payload input, TaskContext context) {
        throw new Unspeakable();
    }

    private static final class Unspeakable extends RuntimeException {

        @Override
        public String getMessage() {
            throw new UnsupportedOperationException("this exception has no message");
        }

        @Override
        public String toString() {
            throw new UnsupportedOperationException("this exception has no text");
        }
    }
}
