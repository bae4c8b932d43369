package org.processpool.sample;

import org.processpool.task.Conversation;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Says back what it is told, and prints who heard it: one line per message, in which control
 * characters become spaces so that no message looks like two.
 */
@TaskDefinition(name = "talk", summary = "Says back what it is told", example = "\"你好\"")
public final class Talk implements Conversation<String, String> {

    @Override
    public String reply(String message, TaskContext context) {
        System.out.println(
                "进程(%d)来自客户端的消息:%s"
                        .formatted(context.workerPid(), message.replaceAll("\\p{Cc}", " ")));
        return message;
    }
}
