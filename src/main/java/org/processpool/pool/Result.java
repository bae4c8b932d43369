package org.processpool.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The waiting half of a result. A waiting call costs no more than this object; only somebody who
 * really has to sleep brings a future along.
 *
 * @param <O> the result's type
 */
abstract sealed class Result<O extends @Nullable Object> implements AsyncResult<O>
        permits SingleResult, MapRun {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    private static final Object ENDED = new Object();
    private static final VarHandle END;

    static {
        try {
            END = MethodHandles.lookup().findVarHandle(Result.class, "end", Object.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Null while nobody waits, a {@code CompletableFuture} while somebody does, then ENDED. */
    @SuppressWarnings("unused") // through END
    private volatile @Nullable Object end;

    /** Keeps the pool's facade, and with it the pool, from being forgotten while a call is open. */
    final PoolView pool;

    Result(PoolView pool) {
        this.pool = pool;
    }

    /**
     * What {@code get} gives once it has ended.
     *
     * @throws CallException if that is no value
     */
    abstract O value();

    /** Whether that is a value. Called after the end. */
    abstract boolean isSuccess();

    /** The end has come; once. */
    final void markEnded() {
        Object waiting = END.getAndSet(this, ENDED);
        if (waiting instanceof CompletableFuture<?> future) {
            future.complete(null);
        }
    }

    @Override
    public final boolean ready() {
        return end == ENDED;
    }

    /** Completed at the end. */
    private CompletableFuture<?> whenEnded() {
        Object now = end;
        while (now == null) {
            CompletableFuture<?> fresh = new CompletableFuture<>();
            if (END.compareAndSet(this, null, fresh)) {
                return fresh;
            }
            now = end;
        }
        return now instanceof CompletableFuture<?> future
                ? future
                : CompletableFuture.completedFuture(null);
    }

    @Override
    public final boolean await(Duration patience) throws InterruptedException {
        if (ready()) {
            return true;
        }
        try {
            whenEnded().get(saturated(patience), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException never) {
            throw new IllegalStateException(never); // it is only ever completed with null
        }
    }

    final void awaitEnd() throws InterruptedException {
        if (!ready()) {
            try {
                whenEnded().get();
            } catch (ExecutionException never) {
                throw new IllegalStateException(never); // it is only ever completed with null
            }
        }
    }

    @Override
    public final O get() throws InterruptedException {
        awaitEnd();
        return value();
    }

    @Override
    public final O get(Duration patience) throws InterruptedException, TimeoutException {
        if (!await(patience)) {
            throw new TimeoutException("no result after " + CallException.words(patience));
        }
        return value();
    }

    @Override
    public final boolean successful() {
        if (!ready()) {
            throw new IllegalStateException("the call has not ended yet");
        }
        return isSuccess();
    }

    @Override
    public final AsyncResult<O> callback(
            @Nullable Consumer<? super O> callback,
            @Nullable Consumer<? super CallException> errorCallback) {
        var _ = whenEnded().thenRunAsync(() -> callBack(callback, errorCallback), pool.callbacks());
        return this;
    }

    private void callBack(
            @Nullable Consumer<? super O> callback,
            @Nullable Consumer<? super CallException> errorCallback) {
        try {
            O value;
            try {
                value = value();
            } catch (CallException failed) {
                if (errorCallback != null) {
                    errorCallback.accept(failed);
                }
                return;
            }
            if (callback != null) {
                callback.accept(value);
            }
        } catch (RuntimeException | Error thrown) {
            LOG.log(System.Logger.Level.WARNING, "a callback threw", thrown);
        }
    }

    @Override
    public final CompletableFuture<O> toCompletableFuture() {
        CompletableFuture<O> future =
                new CompletableFuture<>() {
                    @Override
                    public boolean cancel(boolean mayInterrupt) {
                        Result.this.cancel();
                        return super.cancel(mayInterrupt);
                    }
                };
        var _ =
                whenEnded()
                        .thenRunAsync(
                                () -> {
                                    try {
                                        future.complete(value());
                                    } catch (CallException failed) {
                                        future.completeExceptionally(failed);
                                    }
                                },
                                pool.callbacks());
        return future;
    }

    static long saturated(Duration patience) {
        return patience.compareTo(Duration.ofDays(3650)) > 0
                ? Duration.ofDays(3650).toNanos()
                : patience.toNanos();
    }
}
