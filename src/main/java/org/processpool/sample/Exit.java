package org.processpool.sample;

import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/** Ends its process with an exit code, as a library with a bad habit would. */
@TaskDefinition(
        name = "exit",
        summary = "Ends its process with an exit code",
        example = "{\"code\": 3, \"halt\": false}",
        trouble = true)
public final class Exit implements Task<Exit.Input, Void> {

    /**
     * How to end.
     *
     * @param code the exit code, 0 to 255
     * @param halt whether to skip the shutdown hooks
     */
    public record Input(int code, boolean halt) {
        public Input {
            if (code < 0 || code > 255) {
                throw new IllegalArgumentException(
                        "exit code must be 0 to 255, was %d".formatted(code));
            }
        }
    }

    @Override
    public Void run(Input end, TaskContext context) {
        if (end.halt()) {
            Runtime.getRuntime().halt(end.code());
        }
        System.exit(end.code());
        throw new AssertionError("exit returned");
    }
}
