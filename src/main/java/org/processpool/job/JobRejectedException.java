package org.processpool.job;

import java.util.concurrent.RejectedExecutionException;

/** A job was not accepted; nothing of it was stored or will be run. */
public abstract sealed class JobRejectedException extends RejectedExecutionException {
    private static final long serialVersionUID = 1;

    private JobRejectedException(String message) {
        super(message);
    }

    /** As many jobs are queued as may. */
    public static final class QueueFull extends JobRejectedException {
        private static final long serialVersionUID = 1;
        private final long queued;
        private final int limit;

        QueueFull(long queued, int limit) {
            super("%,d jobs are queued, limit %,d".formatted(queued, limit));
            this.queued = queued;
            this.limit = limit;
        }

        /** How many are queued. */
        public long queued() {
            return queued;
        }

        /** How many may be. */
        public int limit() {
            return limit;
        }
    }

    /** The service is about to end. */
    public static final class Draining extends JobRejectedException {
        private static final long serialVersionUID = 1;

        Draining() {
            super("the service takes no more jobs, as it is about to end");
        }
    }

    /** The key was used for another request. */
    public static final class KeyReused extends JobRejectedException {
        private static final long serialVersionUID = 1;
        private final transient JobId by;

        KeyReused(JobId by) {
            super("the idempotency key was used for another request, which made job " + by);
            this.by = by;
        }

        /** The job it made. */
        public JobId by() {
            return by;
        }
    }
}
