package org.processpool.pool;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
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
    private @Nullable Hold held;
    private boolean givenUp;

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
        synchronized (this) {
            if (givenUp) {
                hold.release(null);
                return;
            }
            held = hold;
        }
        var _ =
                begin.apply(hold)
                        .whenCompleteAsync(
                                (lease, failure) -> {
                                    if (lease != null) {
                                        if (!turn.complete(lease)) {
                                            giveBack(lease); // given up while it was opened
                                        }
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
        return !turn.isDone() && giveUp();
    }

    @Override
    public CompletableFuture<L> toCompletableFuture() {
        CompletableFuture<L> future =
                new CompletableFuture<>() {
                    @Override
                    public boolean cancel(boolean mayInterrupt) {
                        boolean _ = LeaseTicket.this.cancel();
                        return super.cancel(mayInterrupt);
                    }
                };
        var _ =
                turn.whenComplete((lease, failure) -> {
                    if (lease != null) {
                        if (!future.complete(lease)) {
                            giveBack(lease); // the future was cancelled in this very moment
                        }
                    } else if (failure != null) {
                        future.completeExceptionally(failure);
                    }
                });
        return future;
    }

    @Override
    public L get(Duration patience) throws InterruptedException, TimeoutException {
        try {
            return turn.get(Result.saturated(patience), TimeUnit.NANOSECONDS);
        } catch (TimeoutException notYet) {
            boolean _ = giveUp();
            if (turn.state() == Future.State.SUCCESS) {
                return turn.resultNow(); // it came in this very moment
            }
            throw notYet;
        } catch (InterruptedException interrupted) {
            boolean _ = giveUp();
            if (turn.state() == Future.State.SUCCESS) {
                giveBack(turn.resultNow());
            }
            throw interrupted;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof CallException cause
                    ? cause
                    : new IllegalStateException(failed.getCause());
        }
    }

    private void giveBack(L lease) {
        try {
            lease.close();
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible); // neither lease nor conversation throws
        }
    }

    /**
     * Leaves the line; what is being opened is cancelled, and given back when that has ended.
     *
     * @return whether this was the first time
     */
    private boolean giveUp() {
        Hold given;
        synchronized (this) {
            if (givenUp) {
                return false;
            }
            givenUp = true;
            given = held;
        }
        Grant waiting = grant;
        boolean left = waiting != null && pool.dispatcher().cancel(waiting);
        if (!left) {
            if (given != null && !turn.isDone()) {
                pool.dispatcher().cancelCallsOf(given);
            }
            turn.completeExceptionally(CallException.of(what, new Outcome.Cancelled(true)));
        }
        return true;
    }
}
