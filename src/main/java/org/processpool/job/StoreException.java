package org.processpool.job;

import org.jspecify.annotations.Nullable;

/** The store cannot do its work now. What was asked was not done. */
public abstract sealed class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** There is no room: the disk is full, or the store has reached its limit. */
    public static final class Full extends StoreException {
        private static final long serialVersionUID = 1;

        public Full(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** It cannot be reached or fails; trying again later may help. */
    public static final class Unavailable extends StoreException {
        private static final long serialVersionUID = 1;

        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
