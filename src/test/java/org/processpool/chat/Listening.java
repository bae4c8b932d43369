package org.processpool.chat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.processpool.security.Caller;

/** A connection that only remembers what was sent over it. */
final class Listening implements Connection {

    private final BlockingQueue<ChatFrame.ToClient> frames = new LinkedBlockingQueue<>();
    private final CompletableFuture<CloseCode> closed = new CompletableFuture<>();
    private final Caller caller;

    /** Of whoever comes where nobody is asked who they are. */
    Listening() {
        this(Caller.ANYBODY);
    }

    Listening(Caller caller) {
        this.caller = caller;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public void send(Shared frame) {
        frames.add(frame.frame());
    }

    @Override
    public void close(CloseCode code, String reason) {
        closed.complete(code);
    }

    /** The next frame of a kind; those before it are passed over. */
    <F extends ChatFrame.ToClient> F await(Class<F> kind) throws InterruptedException {
        return await(kind, _ -> true);
    }

    /** The next frame of a kind that is as wished; those before it are passed over. */
    <F extends ChatFrame.ToClient> F await(Class<F> kind, Predicate<F> wished)
            throws InterruptedException {
        while (true) {
            ChatFrame.ToClient frame = frames.poll(30, TimeUnit.SECONDS);
            if (frame == null) {
                throw new AssertionError("no %s, closed: %s".formatted(kind, closed));
            }
            if (kind.isInstance(frame) && wished.test(kind.cast(frame))) {
                return kind.cast(frame);
            }
        }
    }

    boolean hasHeard(Class<? extends ChatFrame.ToClient> kind) {
        return frames.stream().anyMatch(kind::isInstance);
    }

    CloseCode closeCode() throws Exception {
        return closed.get(30, TimeUnit.SECONDS);
    }
}
