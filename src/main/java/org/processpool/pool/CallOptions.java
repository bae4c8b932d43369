package org.processpool.pool;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;

/**
 * How calls are to be treated. Immutable; give it to {@link ProcessPool#with}. No duration may be
 * longer than 3,650 days. Of a map, every chunk is a call of its own, and so is every turn of a
 * conversation.
 *
 * <p>Listeners run on threads of the pool, usually the one that reads the worker, or on the thread
 * that submits; so they must be short. What one throws is logged and harms nothing. Those of one
 * call are called one after the other: {@code onStart}, then {@code onOutput}, {@code onProgress}
 * and {@code onPart} as it comes, then {@code onReport}.
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
 * @param memory resident memory in bytes over which the worker is killed while it runs the call,
 *     which then ends as {@link Outcome.MemoryExceeded}, unless the pool's {@code hardMemory} is
 *     lower; 0, the default, is the pool's own limit. Looked at every 250 ms, first when the call
 *     has begun. What the worker holds already counts, so it should be well above that; a worker
 *     that was seen with less is preferred. Such a call is never sent ahead of its turn
 * @param token a number that goes with the call to the worker, see {@link
 *     org.processpool.task.TaskContext#fencingToken}; at least 0, and 0, the default, is none. Not
 *     in conversations
 * @param waitForRoom whether a submission waits while the pool is full, even if the pool refuses
 *     others then; the wait counts for {@code queueTimeout}. An interrupt ends it with {@link
 *     PoolRejectedException.QueueFull}
 * @param labels what the call is called in the log of its worker's output, such as the id of a job;
 *     the pool makes nothing of them. Default none
 * @param onProgress hears {@link org.processpool.task.TaskContext#progress}
 * @param onPart hears {@link org.processpool.task.TaskContext#emit}, in order
 * @param onStart hears that the call was handed to a worker for running. It is heard again for a
 *     retry, and also, with the same attempt, if the worker gave the call back unstarted
 * @param onOutput hears what is printed through {@code System.out} and {@code System.err} of the
 *     worker while the call runs, by any of its threads; in inline mode, by the thread that runs
 *     the call. It goes to the worker's log as well. Of each run at most {@link Output#MOST_BYTES}
 *     per stream are told. What was printed with a newline or flushed is heard even if the worker
 *     dies at once. Not heard is what native code and child processes print, nor conversations
 * @param onReport hears how the call was, once for each accepted call, whatever its end, just
 *     before its result is ready. Such a call is never sent ahead of its turn
 */
public record CallOptions(
        Optional<Duration> timeout,
        Optional<Duration> queueTimeout,
        int retries,
        int priority,
        Optional<String> affinityKey,
        int window,
        long memory,
        long token,
        boolean waitForRoom,
        Map<String, String> labels,
        @Nullable Consumer<Progress> onProgress,
        @Nullable Consumer<Payload> onPart,
        @Nullable Consumer<Started> onStart,
        @Nullable Consumer<Output> onOutput,
        @Nullable Consumer<CallReport> onReport) {

    /** The default of everything. */
    public static final CallOptions DEFAULT =
            new CallOptions(
                    Optional.empty(),
                    Optional.empty(),
                    0,
                    5,
                    Optional.empty(),
                    0,
                    0,
                    0,
                    false,
                    Map.of(),
                    null,
                    null,
                    null,
                    null,
                    null);

    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public CallOptions {
        timeout.ifPresent(d -> PoolConfig.notNegative("timeout", d));
        queueTimeout.ifPresent(d -> PoolConfig.notNegative("queueTimeout", d));
        PoolConfig.between("retries", retries, 0, 100);
        PoolConfig.between("priority", priority, 0, 9);
        PoolConfig.between("window", window, 0, Integer.MAX_VALUE);
        PoolConfig.notNegative("memory", memory);
        PoolConfig.notNegative("token", token);
        Objects.requireNonNull(affinityKey, "affinityKey");
        labels = Map.copyOf(labels);
    }

    /** The same options while one of them is being changed. */
    private static final class Draft {
        Optional<Duration> timeout;
        Optional<Duration> queueTimeout;
        int retries;
        int priority;
        Optional<String> affinityKey;
        int window;
        long memory;
        long token;
        boolean waitForRoom;
        Map<String, String> labels;
        @Nullable Consumer<Progress> onProgress;
        @Nullable Consumer<Payload> onPart;
        @Nullable Consumer<Started> onStart;
        @Nullable Consumer<Output> onOutput;
        @Nullable Consumer<CallReport> onReport;

        Draft(CallOptions from) {
            timeout = from.timeout;
            queueTimeout = from.queueTimeout;
            retries = from.retries;
            priority = from.priority;
            affinityKey = from.affinityKey;
            window = from.window;
            memory = from.memory;
            token = from.token;
            waitForRoom = from.waitForRoom;
            labels = from.labels;
            onProgress = from.onProgress;
            onPart = from.onPart;
            onStart = from.onStart;
            onOutput = from.onOutput;
            onReport = from.onReport;
        }

        CallOptions done() {
            return new CallOptions(
                    timeout,
                    queueTimeout,
                    retries,
                    priority,
                    affinityKey,
                    window,
                    memory,
                    token,
                    waitForRoom,
                    labels,
                    onProgress,
                    onPart,
                    onStart,
                    onOutput,
                    onReport);
        }
    }

    private CallOptions but(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.done();
    }

    /** See {@link #timeout()}. */
    public CallOptions timeout(Duration limit) {
        return but(draft -> draft.timeout = Optional.of(limit));
    }

    /** See {@link #queueTimeout()}. */
    public CallOptions queueTimeout(Duration limit) {
        return but(draft -> draft.queueTimeout = Optional.of(limit));
    }

    /** See {@link #retries()}. */
    public CallOptions retries(int times) {
        return but(draft -> draft.retries = times);
    }

    /** See {@link #priority()}. */
    public CallOptions priority(int level) {
        return but(draft -> draft.priority = level);
    }

    /** See {@link #affinityKey()}. */
    public CallOptions affinityKey(String key) {
        return but(draft -> draft.affinityKey = Optional.of(key));
    }

    /** See {@link #window()}. */
    public CallOptions window(int items) {
        return but(draft -> draft.window = items);
    }

    /** See {@link #memory()}. */
    public CallOptions memory(long bytes) {
        return but(draft -> draft.memory = bytes);
    }

    /** See {@link #token()}. */
    public CallOptions token(long number) {
        return but(draft -> draft.token = number);
    }

    /** See {@link #waitForRoom()}. */
    public CallOptions waitForRoom(boolean waits) {
        return but(draft -> draft.waitForRoom = waits);
    }

    /** See {@link #labels()}. */
    public CallOptions labels(Map<String, String> names) {
        return but(draft -> draft.labels = names);
    }

    /** See {@link #onProgress()}. */
    public CallOptions onProgress(Consumer<Progress> listener) {
        return but(draft -> draft.onProgress = listener);
    }

    /** See {@link #onPart()}. */
    public CallOptions onPart(Consumer<Payload> listener) {
        return but(draft -> draft.onPart = listener);
    }

    /** See {@link #onStart()}. */
    public CallOptions onStart(Consumer<Started> listener) {
        return but(draft -> draft.onStart = listener);
    }

    /** See {@link #onOutput()}. */
    public CallOptions onOutput(Consumer<Output> listener) {
        return but(draft -> draft.onOutput = listener);
    }

    /** See {@link #onReport()}. */
    public CallOptions onReport(Consumer<CallReport> listener) {
        return but(draft -> draft.onReport = listener);
    }
}
