package org.processpool.pool;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/** A worker somebody has for himself. */
final class LeasedWorker implements Lease {

    private final PoolView pool;
    private final Hold hold;
    private final long pid;

    LeasedWorker(PoolView pool, Hold hold) {
        this.pool = pool;
        this.hold = hold;
        this.pid = hold.worker().pid();
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
    public <I extends @Nullable Object, O extends @Nullable Object> O apply(
            Work<I, O> work, I input) throws InterruptedException {
        return PoolView.getOrCancel(applyAsync(work, input));
    }

    @Override
    public <I extends @Nullable Object, O extends @Nullable Object> AsyncResult<O> applyAsync(
            Work<I, O> work, I input) {
        SingleResult<O> result = new SingleResult<>(pool, work.resultType());
        Call call =
                pool.call(
                        Encoding.single(work, input, pool.maxPayload()),
                        hold,
                        pool.options(),
                        result);
        result.of(call);
        if (!pool.dispatcher().submit(hold, call, true)) {
            throw over();
        }
        return result;
    }

    @Override
    public OpenConversation converse(TaskName conversation) throws InterruptedException {
        Dialogue dialogue = new Dialogue(pool, hold, conversation, false);
        SingleResult<@Nullable Payload> opened = dialogue.open();
        PoolView.getOrCancel(opened);
        return dialogue;
    }

    static IllegalStateException over() {
        return new IllegalStateException("the lease is over: it was closed or its worker has died");
    }

    @Override
    public boolean lost() {
        return hold.isOver();
    }

    @Override
    public void onLost(Runnable listener) {
        hold.onLost(listener, pool.callbacks());
    }

    @Override
    public void close() {
        hold.release(null);
    }

    /** What a ticket for a lease gives. */
    static CompletableFuture<Lease> granted(PoolView pool, Hold hold) {
        return CompletableFuture.completedFuture(new LeasedWorker(pool, hold));
    }
}
