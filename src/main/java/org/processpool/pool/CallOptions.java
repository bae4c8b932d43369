package org.processpool.pool;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;

/**
 * How calls are to be treated. Immutable; give it to {@link ProcessPool#with}. No duration may be
 * longer than 3,650 days.
 *
 * @param timeout longest run in the worker, from the start there; zero is no limit; empty is the
 *     pool's own limit. Of a chunk, the whole chunk
 * @param queueTimeout longest wait for a worker, from the submission; zero is no limit; empty is
 *     the pool's own limit
 * @param retries how often a call whose worker died is run again; 0 to 100; 0, the default, means
 *     at most once
 * @param priority 0 to 9, 9 is served first, default 5; first come, first served within one
 *     priority
 * @param affinityKey calls with the same key go to the same worker while it lives, one after the
 *     other; empty for any worker
 * @param window how many items {@code imap} and {@code imapUnordered} read ahead at most; at least
 *     1, or 0 for a bound the pool chooses
 * @param onProgress hears {@link org.processpool.task.TaskContext#progress}; runs on the thread
 *     that reads the worker, so it must be short
 * @param onPart hears {@link org.processpool.task.TaskContext#emit}, in order; runs on the thread
 *     that reads the worker, so it must be short
 */
public record CallOptions(
        Optional<Duration> timeout,
        Optional<Duration> queueTimeout,
        int retries,
        int priority,
        Optional<String> affinityKey,
        int window,
        @Nullable Consumer<Progress> onProgress,
        @Nullable Consumer<Payload> onPart) {

    /** The default of everything. */
    public static final CallOptions DEFAULT =
            new CallOptions(
                    Optional.empty(), Optional.empty(), 0, 5, Optional.empty(), 0, null, null);

    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public CallOptions {
        timeout.ifPresent(d -> PoolConfig.notNegative("timeout", d));
        queueTimeout.ifPresent(d -> PoolConfig.notNegative("queueTimeout", d));
        PoolConfig.between("retries", retries, 0, 100);
        PoolConfig.between("priority", priority, 0, 9);
        PoolConfig.between("window", window, 0, Integer.MAX_VALUE);
        Objects.requireNonNull(affinityKey, "affinityKey");
    }

    /** See {@link #timeout()}. */
    public CallOptions timeout(Duration limit) {
        return new CallOptions(
                Optional.of(limit),
                queueTimeout,
                retries,
                priority,
                affinityKey,
                window,
                onProgress,
                onPart);
    }

    /** See {@link #queueTimeout()}. */
    public CallOptions queueTimeout(Duration limit) {
        return new CallOptions(
                timeout,
                Optional.of(limit),
                retries,
                priority,
                affinityKey,
                window,
                onProgress,
                onPart);
    }

    /** See {@link #retries()}. */
    public CallOptions retries(int times) {
        return new CallOptions(
                timeout, queueTimeout, times, priority, affinityKey, window, onProgress, onPart);
    }

    /** See {@link #priority()}. */
    public CallOptions priority(int level) {
        return new CallOptions(
                timeout, queueTimeout, retries, level, affinityKey, window, onProgress, onPart);
    }

    /** See {@link #affinityKey()}. */
    public CallOptions affinityKey(String key) {
        return new CallOptions(
                timeout,
                queueTimeout,
                retries,
                priority,
                Optional.of(key),
                window,
                onProgress,
                onPart);
    }

    /** See {@link #window()}. */
    public CallOptions window(int items) {
        return new CallOptions(
                timeout, queueTimeout, retries, priority, affinityKey, items, onProgress, onPart);
    }

    /** See {@link #onProgress()}. */
    public CallOptions onProgress(Consumer<Progress> listener) {
        return new CallOptions(
                timeout, queueTimeout, retries, priority, affinityKey, window, listener, onPart);
    }

    /** See {@link #onPart()}. */
    public CallOptions onPart(Consumer<Payload> listener) {
        return new CallOptions(
                timeout,
                queueTimeout,
                retries,
                priority,
                affinityKey,
                window,
                onProgress,
                listener);
    }
}
