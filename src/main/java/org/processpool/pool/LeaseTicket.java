package org.processpool.pool;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request that stands in line, or has been served. */
final class LeaseTicket<L extends AutoCloseable> implements LeaseRequest<L>, Grant.Ending {

    private final PoolView pool;
    private final String what;
    private final Function<Hold, CompletableFuture<L>> begin;
    private final CompletableFuture<L> turn = new CompletableFuture<>();
    private @Nullable Grant grant;

    /**
     * @param begin makes of a hold what was asked for; on the thread that granted it, must not wait
     */
    LeaseTicket(PoolView pool, String what, Function<Hold, CompletableFuture<L>> begin) {
        this.pool = pool;
        this.what = what;
        this.begin = begin;
    }

    void of(Grant submitted) {
        grant = submitted;
    }

    @Override
    public void granted(Hold hold) {
        var _ =
                begin.apply(hold)
                        .whenCompleteAsync(
                                (lease, failure) -> {
                                    if (lease != null) {
                                        turn.complete(lease);
                                    } else if (failure != null) {
                                        turn.completeExceptionally(failure);
                                    }
                                },
                                pool.callbacks());
    }

    @Override
    public void refused(Outcome why) {
        pool.callbacks().execute(() -> turn.completeExceptionally(CallException.of(what, why)));
    }

    @Override
    public int place() {
        Grant waiting = grant;
        return waiting == null ? 0 : pool.dispatcher().place(waiting);
    }

    @Override
    public boolean cancel() {
        Grant waiting = grant;
        return waiting != null && pool.dispatcher().cancel(waiting);
    }

    @Override
    public CompletableFuture<L> toCompletableFuture() {
        return turn.copy();
    }

    @Override
    public L get(Duration patience) throws InterruptedException, TimeoutException {
        try {
            return turn.get(Result.saturated(patience), TimeUnit.NANOSECONDS);
        } catch (TimeoutException notYet) {
            giveUp();
            throw notYet;
        } catch (InterruptedException interrupted) {
            giveUp();
            throw interrupted;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof CallException cause
                    ? cause
                    : new IllegalStateException(failed.getCause());
        }
    }

    /** Leaves the line; what was granted in the same moment is given back. */
    private void giveUp() {
        if (!cancel()) {
            var _ =
                    turn.whenComplete((lease, _) -> {
                        if (lease != null) {
                            try {
                                lease.close();
                            } catch (Exception neverThrown) {
                                throw new IllegalStateException(neverThrown);
                            }
                        }
                    });
        }
    }
}
