package org.processpool.pool;

import java.util.Locale;

/** Why a worker process is no more: one value for metrics, events and logs. */
public enum ExitReason {
    /** It had served {@code maxTasksPerChild} calls. */
    MAX_TASKS,
    /** It had reached {@code maxAge}. */
    MAX_AGE,
    /** It had grown over the soft memory limit. */
    SOFT_MEMORY,
    /** It was not needed for {@code idleTimeout}, or the pool was made smaller. */
    IDLE,
    /** {@code recycle()} replaced it. */
    RECYCLED,
    /** It died by itself: a signal, {@code exit}, a fault in native code. */
    CRASHED,
    /** Its call ran too long and did not give up. */
    TIMED_OUT,
    /** Its call was cancelled and did not give up. */
    CANCELLED,
    /** Its heap was full, it was over the hard memory limit, or the kernel killed it for memory. */
    MEMORY,
    /** What it wrote was no message. */
    BROKEN_PROTOCOL,
    /** It did not answer the heartbeat. */
    HEARTBEAT,
    /** It was never ready: no such program, failed initializer, start time-out. */
    START_FAILED,
    /** The pool was closed or terminated. */
    TERMINATED,
    /** Somebody asked for this worker to be killed. */
    KILLED;

    /** Lower case with dashes, as it stands in metrics and JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
