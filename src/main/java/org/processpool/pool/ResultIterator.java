package org.processpool.pool;

import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The results of {@code imap} or {@code imapUnordered}, while they come. The input is read on the
 * consuming thread, at most a bounded window ahead of the results, so an endless input is fine.
 * Input that has to be waited for is best an {@link ItemSource}. For one consuming thread.
 *
 * <p>The first items may be refused because the pool is full; once some were taken, the rest waits
 * for room.
 *
 * @param <O> type of one result
 */
public interface ResultIterator<O extends @Nullable Object> extends Iterator<O>, AutoCloseable {

    /**
     * Waits for the next result.
     *
     * @throws CallException if that item failed; the iteration can go on
     * @throws ItemSource.RefusedItemException if the input refused that item; the iteration can go
     *     on
     * @throws NoSuchElementException after the last one
     * @throws java.util.concurrent.CancellationException if this thread is interrupted; its flag
     *     stays set
     */
    @Override
    O next();

    /**
     * As {@link #next()}, but waits at most so long.
     *
     * @throws TimeoutException if no result came; it can still be had by the next call
     */
    O next(Duration patience) throws TimeoutException;

    /**
     * Whether there is an item that has not been returned; may read the input, and waits while only
     * an {@link ItemSource} that is not ready could tell.
     *
     * @throws java.util.concurrent.CancellationException if this thread is interrupted; its flag
     *     stays set
     */
    @Override
    boolean hasNext();

    /** Whether {@link #next()} would return or throw without waiting. */
    boolean ready();

    /**
     * Which item of the input {@link #next()} returned or threw for last, from 0; -1 before the
     * first.
     */
    long index();

    /**
     * The results as a lazy sequential stream, to be used once; closing it closes this. A failed
     * item throws its {@link CallException} in the stream.
     */
    Stream<O> stream();

    /** Gives up: items under way are cancelled, the input is not read any more. */
    @Override
    void close();
}
