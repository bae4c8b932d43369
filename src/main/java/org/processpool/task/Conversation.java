package org.processpool.task;

import org.jspecify.annotations.Nullable;

/**
 * One side of a conversation, held in a worker process that the other side has leased.
 *
 * <p>Registered like a {@link Task}, in {@code META-INF/services/org.processpool.task.Conversation}
 * . Each conversation gets an instance of its own, so fields hold its memory; all conversations of
 * a worker take turns on its main thread.
 *
 * @param <I> type of what the other side says
 * @param <O> type of the reply
 */
public interface Conversation<I extends @Nullable Object, O extends @Nullable Object> {

    /**
     * Called once before the first message.
     *
     * @param context the opening call
     * @throws Exception refuses the conversation
     */
    default void open(TaskContext context) throws Exception {}

    /**
     * Answers one message.
     *
     * <p>When the worker of a conversation has died and another one takes over, what was said
     * before may be said to it again, for it to remember: {@link TaskContext#attempt} is then over
     * 1, the reply goes nowhere, and what has effects outside should not be done again.
     *
     * @param message what the other side said
     * @param context this turn; parts of a long reply can be sent ahead by {@link TaskContext#emit}
     * @return the reply
     * @throws Exception the turn fails, the conversation goes on
     */
    O reply(I message, TaskContext context) throws Exception;

    /** Called once when the conversation has ended; not when the worker dies. */
    default void close() {}
}
