package org.processpool.pool;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A map under way. {@code get} returns the results in input order, or throws {@link
 * CallException.MapFailed} once all items have ended.
 *
 * @param <O> type of one result
 */
public interface MapResult<O extends @Nullable Object> extends AsyncResult<List<O>> {

    /**
     * One item's end: a value, or the error.
     *
     * @param index its place in the input, from 0
     * @param value the result; null if it failed, and also where the task returned null
     * @param error why it failed, or null
     */
    record Item<O extends @Nullable Object>(
            int index, @Nullable O value, @Nullable CallException error) {
        /** Whether the item's task returned. */
        public boolean successful() {
            return error == null;
        }
    }

    /**
     * Waits for the end of the map and tells every item's end, in input order; does not throw for
     * failed items.
     */
    List<Item<O>> items() throws InterruptedException;

    /** Number of items. */
    int total();

    /** Number of items in chunks that have ended; grows until {@link #total()}. */
    int done();
}
