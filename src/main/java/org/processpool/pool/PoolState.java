package org.processpool.pool;

/** How a pool is. */
public enum PoolState {
    /** It takes calls, and has had {@code minProcesses} workers ready or is on the way there. */
    RUNNING,
    /** No worker can be started; it goes on trying and takes no calls meanwhile. */
    BROKEN,
    /** It takes no more calls and finishes those it has. */
    CLOSED,
    /** It has ended or is ending at once. */
    TERMINATED
}
