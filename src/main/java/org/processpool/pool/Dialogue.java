package org.processpool.pool;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;
import org.processpool.wire.Codec;
import org.processpool.wire.Message;

/** A conversation, on a hold of its own or inside a lease. */
final class Dialogue implements OpenConversation {

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
        return submit(new Call.Body.Opening(id, name), pool.options());
    }

    private SingleResult<@Nullable Payload> submit(Call.Body body, CallOptions options) {
        SingleResult<@Nullable Payload> result = new SingleResult<>(pool, Payload.class);
        Call call = pool.call(body, hold, options, result);
        result.of(call);
        if (closed.get() || !pool.dispatcher().submit(hold, call)) {
            throw LeasedWorker.over();
        }
        return result;
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
    @SuppressWarnings("unchecked") // a turn always has a reply; only opening has none
    public AsyncResult<Payload> sayAsync(
            @Nullable Object message, @Nullable Consumer<Payload> onPart) {
        Payload input = Codec.encode(message);
        if (input.size() > pool.maxPayload()) {
            throw new PoolRejectedException.PayloadTooLarge(
                    name.value(), input.size(), pool.maxPayload());
        }
        CallOptions options = onPart == null ? pool.options() : pool.options().onPart(onPart);
        AsyncResult<?> result = submit(new Call.Body.Turn(id, name, input), options);
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
            List<Message.ToWorker> goodbye = List.of(new Message.End(id));
            if (ownsHold) {
                hold.release(goodbye);
            } else {
                pool.dispatcher().say(hold, goodbye);
            }
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
