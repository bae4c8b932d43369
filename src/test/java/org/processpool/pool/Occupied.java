package org.processpool.pool;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.processpool.wire.Codec;

/** A worker that a test keeps busy until it closes this; then the worker serves on. */
final class Occupied implements AutoCloseable {

    /** Longer than anything here takes on the slowest machine. */
    static final Duration LONG = Duration.ofSeconds(30);

    private final AsyncResult<Long> call;
    private final long pid;

    private Occupied(AsyncResult<Long> call, long pid) {
        this.call = call;
        this.pid = pid;
    }

    /** Takes one worker and returns once its call runs. */
    static Occupied in(ProcessPool pool)
            throws InterruptedException, ExecutionException, TimeoutException {
        var running = new CompletableFuture<Long>();
        AsyncResult<Long> call = running(pool, running).applyAsync(Tasks::waitToBeCancelled);
        return new Occupied(call, pid(running));
    }

    /** The pool, completing a future with the pid that a task of {@link Tasks} tells first. */
    static ProcessPool running(ProcessPool pool, CompletableFuture<Long> running) {
        return pool.with(
                CallOptions.DEFAULT
                        .timeout(Duration.ZERO)
                        .onPart(part -> running.complete((Long) Codec.decode(part, Long.class))));
    }

    static long pid(CompletableFuture<Long> running)
            throws InterruptedException, ExecutionException, TimeoutException {
        return running.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    long pid() {
        return pid;
    }

    @Override
    public void close() {
        call.cancel();
        try {
            if (!call.await(LONG)) {
                throw new AssertionError("the call that occupied worker " + pid + " did not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt(); // the test is being given up
        }
    }
}
