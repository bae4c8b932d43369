package org.processpool.job;

import java.time.Duration;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolRejectedException;

/** Writes down why a job failed, as the same problem a waiting caller would have got: JSON text. */
public interface Errors {

    /**
     * The call ended without a result.
     *
     * @throws IllegalArgumentException if it has one
     */
    String of(Outcome outcome);

    /** The pool will never take it. */
    String of(PoolRejectedException why);

    /** The service died while it ran, and it is not to be run again. */
    String lost();

    /** It waited longer than it may. */
    String overdue(Duration limit);

    /** Its pool is no more. */
    String noPool(String pool);
}
