package org.processpool.pool;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/**
 * A place in the line for a worker: first come, first served.
 *
 * @param <L> what waits at its end: a {@link Lease} or an {@link OpenConversation}
 */
public interface LeaseRequest<L extends AutoCloseable> {

    /** 1 for the first in line; 0 once it is served or given up. */
    int place();

    /**
     * Waits for the turn.
     *
     * @throws TimeoutException if it has not come by then; the place is given up
     * @throws CallException if the request was cancelled or the pool ended
     */
    L get(Duration patience) throws InterruptedException, TimeoutException;

    /** Completed when the turn has come, on the pool's callback threads. */
    CompletableFuture<L> toCompletableFuture();

    /**
     * Leaves the line. Whoever was served in the same moment still has to close what it got.
     *
     * @return whether the request was still waiting
     */
    boolean cancel();
}
