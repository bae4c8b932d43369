package org.processpool.pool;

import java.util.concurrent.RejectedExecutionException;

/** The pool did not accept a call; nothing of it was or will be run. */
public abstract sealed class PoolRejectedException extends RejectedExecutionException {
    private static final long serialVersionUID = 1;

    private PoolRejectedException(String message) {
        super(message);
    }

    /** The pool was closed or terminated. */
    public static final class Closed extends PoolRejectedException {
        private static final long serialVersionUID = 1;

        Closed(String pool) {
            super("pool '%s' is closed and takes no more calls".formatted(pool));
        }
    }

    /** As many calls wait as may. */
    public static final class QueueFull extends PoolRejectedException {
        private static final long serialVersionUID = 1;
        private final int queued;
        private final int limit;

        QueueFull(String pool, int busy, int workers, int queued, int limit) {
            super(
                    "pool '%s' is saturated: %d of %d workers busy, %,d calls waiting, limit %,d"
                            .formatted(pool, busy, workers, queued, limit));
            this.queued = queued;
            this.limit = limit;
        }

        /** How many calls waited. */
        public int queued() {
            return queued;
        }

        /** How many may. */
        public int limit() {
            return limit;
        }
    }

    /** No worker can be started. */
    public static final class Broken extends PoolRejectedException {
        private static final long serialVersionUID = 1;

        Broken(String message) {
            super(message);
        }
    }

    /** An argument has more bytes than the pool carries. */
    public static final class PayloadTooLarge extends PoolRejectedException {
        private static final long serialVersionUID = 1;
        private final long size;
        private final long limit;

        PayloadTooLarge(String what, long size, long limit) {
            super(
                    "an argument of '%s' has %,d bytes, over the limit of %,d; in a map, a smaller chunkSize helps"
                            .formatted(what, size, limit));
            this.size = size;
            this.limit = limit;
        }

        /** Bytes it has. */
        public long size() {
            return size;
        }

        /** Bytes it may have. */
        public long limit() {
            return limit;
        }
    }
}
