package org.processpool.wire;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A private two-way line between the parent and one worker. Any thread may send; one thread at a
 * time may receive. A message arrives whole or the channel is dead.
 *
 * @param <S> what this side says
 * @param <R> what this side hears
 */
public interface Channel<S extends Message, R extends Message> extends Closeable {

    /**
     * Sends the messages in order, in as few writes as possible, and flushes. Blocks while the
     * other side does not read. Senders exclude each other; messages of one call are not
     * interleaved with another's.
     *
     * @throws PayloadTooLargeException before anything was written, if one message is over the
     *     limit; the channel stays usable
     * @throws IOException the channel is dead
     */
    void send(List<? extends S> messages) throws IOException;

    /**
     * The next message, waiting for it as long as it takes.
     *
     * @return null at the end of the stream, between two messages
     * @throws ProtocolException the other side said something that is no message: kill it
     * @throws IOException the line was torn, also in the middle of a message
     */
    @Nullable R receive() throws IOException;

    /**
     * Whether {@link #receive} has bytes to work on without waiting for the other side, spinning
     * for at most the given time. Same thread rule as {@code receive}.
     *
     * @param spinNanos how long to spin; 0 looks once
     */
    boolean ready(long spinNanos) throws IOException;

    /** Whether a whole message is already in this side's buffer. Same thread rule. */
    boolean buffered();

    /** Closes both directions; a blocked {@code receive} may or may not be woken by it. */
    @Override
    void close() throws IOException;
}
