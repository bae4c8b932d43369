package org.processpool.pool;

/**
 * How full a pool's line is at one moment.
 *
 * @param waiting calls that wait for a worker; in a moment of change it may be over the limit
 * @param limit calls that may
 */
public record QueueSpace(int waiting, int limit) {

    /** Calls that may still come, at least 0. */
    public int free() {
        return Math.max(0, limit - waiting);
    }
}
