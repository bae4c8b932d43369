package org.processpool.job;

/**
 * How a job is.
 *
 * <pre>
 * QUEUED ─start→ RUNNING ─→ SUCCEEDED | FAILED
 *    │  ↖ again ──┘ │
 *    │              └─cancel→ CANCELLING ─→ CANCELLED (or SUCCEEDED | FAILED, if that was faster)
 *    └─cancel→ CANCELLED, or FAILED when it waited too long
 * </pre>
 *
 * The last three are final and never change.
 */
public enum JobState {
    /** It waits for a worker. */
    QUEUED,
    /** A worker has it, or at least one of its chunks. */
    RUNNING,
    /** Somebody wants it to end, and a worker still has it. */
    CANCELLING,
    /** It has a result. */
    SUCCEEDED,
    /** It has an error and no result. */
    FAILED,
    /** It was ended on request. */
    CANCELLED;

    /** Whether it is final. */
    public boolean done() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED;
    }
}
