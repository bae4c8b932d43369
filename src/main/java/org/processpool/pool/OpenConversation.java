package org.processpool.pool;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;

/** A conversation with code in a worker. Turns are answered in order. */
public interface OpenConversation extends AutoCloseable {

    /** Name of the slot of the worker that holds it, such as {@code chat-3}. */
    String worker();

    /** The process id of the worker that holds it. */
    long pid();

    /**
     * Says something and waits for the reply.
     *
     * @param reply what to make of the reply
     * @throws CallException if this turn failed; after a death of the worker the conversation is
     *     lost
     * @throws IllegalStateException if the conversation is over
     */
    <O extends @Nullable Object> O say(@Nullable Object message, Class<O> reply)
            throws InterruptedException;

    /**
     * Says something.
     *
     * @param onPart hears parts of the reply that come ahead, or null; must be short
     * @throws IllegalStateException if the conversation is over
     */
    AsyncResult<Payload> sayAsync(@Nullable Object message, @Nullable Consumer<Payload> onPart);

    /**
     * Says again what was said to an earlier worker that has died, so that this one remembers, too:
     * the turn's {@link org.processpool.task.TaskContext#attempt} is 2.
     *
     * @throws IllegalStateException if the conversation is over
     */
    AsyncResult<Payload> replayAsync(@Nullable Object message);

    /** Whether its worker has died or it was closed. */
    boolean lost();

    /** Calls the listener once when the worker has died before the conversation was closed. */
    void onLost(Runnable listener);

    /** Ends the conversation, gives its place in the worker free. Idempotent, does not wait. */
    @Override
    void close();
}
