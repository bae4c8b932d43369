package org.processpool.pool;

import org.jspecify.annotations.Nullable;

/**
 * Something that waits for a worker: a call or a request for a lease. The fields belong to the
 * {@link Line} it stands in and are guarded by the dispatcher's lock.
 */
abstract sealed class Waiter permits Call, Grant {

    /** 0 to 9, 9 is served first. */
    final int priority;

    /** When it first stood in line, by the pool's ticker. */
    final long since;

    /** When waiting has lasted too long, by the pool's ticker; {@link Long#MAX_VALUE} for never. */
    final long giveUpAt;

    @Nullable Line line;
    @Nullable Waiter before;
    @Nullable Waiter behind;

    /** Tells those apart that came at the same time; what comes later has more. */
    final long order;

    Waiter(int priority, long since, long order, long giveUpAt) {
        this.order = order;
        this.priority = priority;
        this.since = since;
        this.giveUpAt = giveUpAt;
    }
}
