package org.processpool.pool;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;
import org.processpool.wire.Codec;

/** A conversation, on a hold of its own or inside a lease. */
final class Dialogue implements OpenConversation {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    /** How long a conversation's {@code close()} may run before its worker is ended. */
    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final PoolView pool;
    private final Hold hold;
    private final TaskName name;
    private final boolean ownsHold;
    private final long id;
    private final long pid;
    private final AtomicBoolean closed = new AtomicBoolean();

    Dialogue(PoolView pool, Hold hold, TaskName name, boolean ownsHold) {
        this.pool = pool;
        this.hold = hold;
        this.name = name;
        this.ownsHold = ownsHold;
        this.id = pool.dispatcher().nextId();
        this.pid = hold.worker().pid();
    }

    /** Opens it in the worker. */
    SingleResult<@Nullable Payload> open() {
        // the thread that grants a lease must not wait for its worker
        return submit(new Call.Body.Opening(id, name), pool.options(), 0, false);
    }

    private SingleResult<@Nullable Payload> submit(
            Call.Body body, CallOptions options, int attempts, boolean mayWrite) {
        SingleResult<@Nullable Payload> result = new SingleResult<>(pool, Payload.class);
        Call call = pool.call(body, hold, options, result);
        call.attempt = attempts;
        result.of(call);
        if (closed.get() || !pool.dispatcher().submit(hold, call, mayWrite)) {
            throw LeasedWorker.over();
        }
        return result;
    }

    @Override
    public String worker() {
        return hold.worker().id;
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public <O extends @Nullable Object> O say(@Nullable Object message, Class<O> reply)
            throws InterruptedException {
        Payload answer = PoolView.getOrCancel(sayAsync(message, null));
        return Encoding.promised(Codec.decode(answer, reply));
    }

    @Override
    public AsyncResult<Payload> sayAsync(
            @Nullable Object message, @Nullable Consumer<Payload> onPart) {
        return turn(message, onPart == null ? pool.options() : pool.options().onPart(onPart), 0);
    }

    @Override
    public AsyncResult<Payload> replayAsync(@Nullable Object message) {
        return turn(message, pool.options(), 1);
    }

    @SuppressWarnings("unchecked") // a turn always has a reply; only opening has none
    private AsyncResult<Payload> turn(@Nullable Object message, CallOptions options, int attempts) {
        Payload input = Codec.encode(message);
        if (input.size() > pool.maxPayload()) {
            throw new PoolRejectedException.PayloadTooLarge(
                    name.value(), input.size(), pool.maxPayload());
        }
        AsyncResult<?> result =
                submit(new Call.Body.Turn(id, name, input), options, attempts, true);
        return (AsyncResult<Payload>) result;
    }

    @Override
    public boolean lost() {
        return closed.get() || hold.isOver();
    }

    @Override
    public void onLost(Runnable listener) {
        hold.onLost(listener, pool.callbacks());
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            // user code runs at the end, too: it is a call, watched like any other
            CallOptions options = CallOptions.DEFAULT.timeout(CLOSING).priority(9);
            Call closing =
                    pool.call(
                            new Call.Body.Closing(id, name),
                            ownsHold ? null : hold,
                            options,
                            (_, outcome) -> told(outcome));
            if (ownsHold) {
                hold.release(closing);
            } else {
                boolean _ = pool.dispatcher().submit(hold, closing, false);
            }
        }
    }

    private void told(Outcome outcome) {
        if (!outcome.successful()) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "the end of a conversation ''{0}'' was {1}",
                    name,
                    outcome.word());
        }
    }

    /** What a ticket for a conversation gives: open, or refused by the worker and given back. */
    static CompletableFuture<OpenConversation> granted(PoolView pool, Hold hold, TaskName name) {
        Dialogue dialogue = new Dialogue(pool, hold, name, true);
        try {
            return dialogue.open()
                    .toCompletableFuture()
                    .handle((_, failure) -> {
                        if (failure != null) {
                            dialogue.close();
                            throw failure instanceof CallException known
                                    ? known
                                    : new IllegalStateException(failure);
                        }
                        return dialogue;
                    });
        } catch (IllegalStateException over) {
            return CompletableFuture.failedFuture(
                    CallException.of(
                            name.value(), new Outcome.Abandoned("its worker died at once")));
        }
    }
}
