package org.processpool.pool;

/**
 * How a pool is. Its dispatcher holds it under its lock.
 *
 * <pre>
 * RUNNING ⇄ PAUSED      pause, resume
 *    ⇅         ⇅
 *    BROKEN             too many failed starts; a worker is ready again: back to where it was
 *
 * each of them ─close→ CLOSED ─all work done→ TERMINATED
 * each of them, CLOSED too ─terminate→ TERMINATED
 * </pre>
 */
public enum PoolState {
    /** It takes calls, and has had {@code minProcesses} workers ready or is on the way there. */
    RUNNING,
    /** It takes calls into its line and hands none out until it is resumed. */
    PAUSED,
    /** No worker can be started; it goes on trying and takes no calls meanwhile. */
    BROKEN,
    /** It takes no more calls and finishes those it has, paused before or not. */
    CLOSED,
    /** It has ended or is ending at once. */
    TERMINATED
}
