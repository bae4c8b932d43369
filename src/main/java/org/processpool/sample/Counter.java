package org.processpool.sample;

import org.processpool.task.Conversation;
import org.processpool.task.Payload;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Counts the messages of its conversation. Each conversation has an instance of its own, so a plain
 * field is its memory; another conversation in the same process counts by itself.
 */
@TaskDefinition(name = "counter", summary = "Counts what it is told", example = "\"anything\"")
public final class Counter implements Conversation<Payload, Counter.Count> {

    private long messages;

    /**
     * Where the conversation is.
     *
     * @param messages number of messages so far, this one included
     * @param pid id of the process that holds the conversation
     */
    public record Count(long messages, long pid) {}

    @Override
    public Count reply(Payload message, TaskContext context) {
        messages++;
        return new Count(messages, context.workerPid());
    }
}
