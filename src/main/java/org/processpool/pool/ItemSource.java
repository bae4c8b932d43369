package org.processpool.pool;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Input that is not always there: items that arrive from elsewhere. {@code imap} and {@code
 * imapUnordered} read it only while it is ready, so that results flow while it is not. All methods
 * are called by the consuming thread.
 *
 * @param <I> type of one item
 */
public interface ItemSource<I extends @Nullable Object> extends Iterator<I> {

    /** Whether {@link #hasNext()} can answer and {@link #next()} can give without waiting. */
    boolean ready();

    /**
     * Tells whom to wake once {@link #ready()} may have turned true: soon after this call if it has
     * by now. Of several runnables only the last counts, and it is run at most once.
     *
     * @param wake never blocks and may run on any thread, also within this call
     */
    void onReady(Runnable wake);

    /**
     * Thrown by {@link #next()} for an item that is not to be run: it appears among the results, at
     * its place, and the input is read on.
     */
    class RefusedItemException extends RuntimeException {
        private static final long serialVersionUID = 1;

        /**
         * @param message why
         */
        public RefusedItemException(String message) {
            super(message, null, false, false);
        }
    }
}
