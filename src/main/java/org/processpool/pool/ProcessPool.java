package org.processpool.pool;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskName;
import org.processpool.wire.TaskDescription;

/**
 * A pool of worker processes: Python's {@code multiprocessing.Pool} for the JVM.
 *
 * {@snippet :
 * try (ProcessPool pool = ProcessPool.builder().processes(4).open()) {
 *     List<Boolean> prime = pool.map(Primes::isPrime, List.of(2L, 3L, 4L));
 * }
 * }
 *
 * <p>Safe for use by any number of threads. Methods that wait throw {@link InterruptedException}
 * when their thread is interrupted; {@code apply}, {@code map} and {@code starmap} then cancel what
 * they waited for. Every method that submits throws {@link PoolRejectedException} if the pool is
 * closed, full or broken, and {@link IllegalArgumentException} if the code captures variables or an
 * argument cannot be encoded; then nothing was or will be run.
 */
public interface ProcessPool extends AutoCloseable {

    /** Describes a pool and starts it. */
    static PoolBuilder builder() {
        return new PoolBuilder(
                StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                        .getCallerClass());
    }

    /** The name the pool was given. */
    String name();

    /**
     * The same pool, treating calls as told. Both share everything else; closing one closes both.
     */
    ProcessPool with(CallOptions options);

    /**
     * Runs code in a worker and waits for the result: Python's {@code apply}.
     *
     * @throws CallException if there is none
     */
    <I extends @Nullable Object, O extends @Nullable Object> O apply(Work<I, O> work, I input)
            throws InterruptedException;

    /**
     * Runs code in a worker: Python's {@code apply_async}. Returns at once unless the pool is full
     * and set to block; a large argument (over 64 KiB) may be written to the worker before it
     * returns.
     */
    <I extends @Nullable Object, O extends @Nullable Object> AsyncResult<O> applyAsync(
            Work<I, O> work, I input);

    /** As {@link #apply(Work, Object)}. */
    default <O extends @Nullable Object> O apply(RemoteCallable<O> code)
            throws InterruptedException {
        return apply(Work.of(code), Arguments.of(List.of()));
    }

    /** As {@link #applyAsync(Work, Object)}. */
    default <O extends @Nullable Object> AsyncResult<O> applyAsync(RemoteCallable<O> code) {
        return applyAsync(Work.of(code), Arguments.of(List.of()));
    }

    /** As {@link #apply(Work, Object)}. */
    default <I extends @Nullable Object, O extends @Nullable Object> O apply(
            RemoteFunction<I, O> code, I input) throws InterruptedException {
        return apply(Work.of(code), input);
    }

    /** As {@link #applyAsync(Work, Object)}. */
    default <I extends @Nullable Object, O extends @Nullable Object> AsyncResult<O> applyAsync(
            RemoteFunction<I, O> code, I input) {
        return applyAsync(Work.of(code), input);
    }

    /** As {@link #apply(Work, Object)}. */
    default <A extends @Nullable Object, B extends @Nullable Object, O extends @Nullable Object>
            O apply(RemoteBiFunction<A, B, O> code, A first, B second) throws InterruptedException {
        return apply(Work.of(code), Arguments.of(first, second));
    }

    /** As {@link #applyAsync(Work, Object)}. */
    default <A extends @Nullable Object, B extends @Nullable Object, O extends @Nullable Object>
            AsyncResult<O> applyAsync(RemoteBiFunction<A, B, O> code, A first, B second) {
        return applyAsync(Work.of(code), Arguments.of(first, second));
    }

    /** As {@link #apply(Work, Object)}. */
    default <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    O extends @Nullable Object>
            O apply(RemoteTriFunction<A, B, C, O> code, A first, B second, C third)
                    throws InterruptedException {
        return apply(Work.of(code), Arguments.of(first, second, third));
    }

    /** As {@link #applyAsync(Work, Object)}. */
    default <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    O extends @Nullable Object>
            AsyncResult<O> applyAsync(
                    RemoteTriFunction<A, B, C, O> code, A first, B second, C third) {
        return applyAsync(Work.of(code), Arguments.of(first, second, third));
    }

    /**
     * As {@link #applyAsync(Work, Object)}, then calls exactly one of the two; see {@link
     * AsyncResult#callback}.
     */
    default <I extends @Nullable Object, O extends @Nullable Object> AsyncResult<O> applyAsync(
            RemoteFunction<I, O> code,
            I input,
            @Nullable Consumer<? super O> callback,
            @Nullable Consumer<? super CallException> errorCallback) {
        return applyAsync(Work.of(code), input).callback(callback, errorCallback);
    }

    /** Runs a registered task; its result is a JSON-like value as in {@link Work#named(String)}. */
    default @Nullable Object apply(TaskName task, @Nullable Object input)
            throws InterruptedException {
        return apply(Work.named(task.value()), input);
    }

    /** Runs a registered task; see {@link #apply(TaskName, Object)}. */
    default AsyncResult<@Nullable Object> applyAsync(TaskName task, @Nullable Object input) {
        return applyAsync(Work.named(task.value()), input);
    }

    /**
     * Runs code once per item and waits for all results, in input order: Python's {@code map}.
     *
     * @throws CallException.MapFailed once all items have ended, if one failed
     */
    <I extends @Nullable Object, O extends @Nullable Object> List<O> map(
            Work<I, O> work, Iterable<? extends I> items) throws InterruptedException;

    /**
     * As {@link #map(Work, Iterable)}.
     *
     * @param chunkSize items per call, at least 1
     */
    <I extends @Nullable Object, O extends @Nullable Object> List<O> map(
            Work<I, O> work, Iterable<? extends I> items, int chunkSize)
            throws InterruptedException;

    /** As {@link #map(Work, Iterable)}. */
    default <I extends @Nullable Object, O extends @Nullable Object> List<O> map(
            RemoteFunction<I, O> code, Iterable<? extends I> items) throws InterruptedException {
        return map(Work.of(code), items);
    }

    /**
     * As {@link #map(Work, Iterable)}.
     *
     * @param chunkSize items per call, at least 1
     */
    default <I extends @Nullable Object, O extends @Nullable Object> List<O> map(
            RemoteFunction<I, O> code, Iterable<? extends I> items, int chunkSize)
            throws InterruptedException {
        return map(Work.of(code), items, chunkSize);
    }

    /**
     * Runs code once per item: Python's {@code map_async}. The items are read and encoded before it
     * returns. Chunks are as large as Python's: items / (4 &times; processes), rounded up.
     */
    <I extends @Nullable Object, O extends @Nullable Object> MapResult<O> mapAsync(
            Work<I, O> work, Iterable<? extends I> items);

    /**
     * As {@link #mapAsync(Work, Iterable)}.
     *
     * @param chunkSize items per call, at least 1
     */
    <I extends @Nullable Object, O extends @Nullable Object> MapResult<O> mapAsync(
            Work<I, O> work, Iterable<? extends I> items, int chunkSize);

    /** As {@link #mapAsync(Work, Iterable)}. */
    default <I extends @Nullable Object, O extends @Nullable Object> MapResult<O> mapAsync(
            RemoteFunction<I, O> code, Iterable<? extends I> items) {
        return mapAsync(Work.of(code), items);
    }

    /** As {@link #mapAsync(Work, Iterable, int)}. */
    default <I extends @Nullable Object, O extends @Nullable Object> MapResult<O> mapAsync(
            RemoteFunction<I, O> code, Iterable<? extends I> items, int chunkSize) {
        return mapAsync(Work.of(code), items, chunkSize);
    }

    /** As {@link #mapAsync(Work, Iterable)}, then calls exactly one of the two. */
    default <I extends @Nullable Object, O extends @Nullable Object> MapResult<O> mapAsync(
            RemoteFunction<I, O> code,
            Iterable<? extends I> items,
            @Nullable Consumer<? super List<O>> callback,
            @Nullable Consumer<? super CallException> errorCallback) {
        MapResult<O> result = mapAsync(Work.of(code), items);
        result.callback(callback, errorCallback);
        return result;
    }

    /**
     * As {@link #map(Work, Iterable)} for code with several parameters: Python's {@code starmap}.
     */
    default <A extends @Nullable Object, B extends @Nullable Object, O extends @Nullable Object>
            List<O> starmap(RemoteBiFunction<A, B, O> code, Iterable<Arguments.Two<A, B>> items)
                    throws InterruptedException {
        return map(Work.of(code), items);
    }

    /** As {@link #mapAsync(Work, Iterable)} for code with several parameters. */
    default <A extends @Nullable Object, B extends @Nullable Object, O extends @Nullable Object>
            MapResult<O> starmapAsync(
                    RemoteBiFunction<A, B, O> code, Iterable<Arguments.Two<A, B>> items) {
        return mapAsync(Work.of(code), items);
    }

    /** As {@link #mapAsync(Work, Iterable, int)} for code with several parameters. */
    default <A extends @Nullable Object, B extends @Nullable Object, O extends @Nullable Object>
            MapResult<O> starmapAsync(
                    RemoteBiFunction<A, B, O> code,
                    Iterable<Arguments.Two<A, B>> items,
                    int chunkSize) {
        return mapAsync(Work.of(code), items, chunkSize);
    }

    /**
     * As {@link #map(Work, Iterable)} for code with several parameters: Python's {@code starmap}.
     */
    default <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    O extends @Nullable Object>
            List<O> starmap(
                    RemoteTriFunction<A, B, C, O> code, Iterable<Arguments.Three<A, B, C>> items)
                    throws InterruptedException {
        return map(Work.of(code), items);
    }

    /** As {@link #mapAsync(Work, Iterable)} for code with several parameters. */
    default <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    O extends @Nullable Object>
            MapResult<O> starmapAsync(
                    RemoteTriFunction<A, B, C, O> code, Iterable<Arguments.Three<A, B, C>> items) {
        return mapAsync(Work.of(code), items);
    }

    /** As {@link #mapAsync(Work, Iterable, int)} for code with several parameters. */
    default <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    O extends @Nullable Object>
            MapResult<O> starmapAsync(
                    RemoteTriFunction<A, B, C, O> code,
                    Iterable<Arguments.Three<A, B, C>> items,
                    int chunkSize) {
        return mapAsync(Work.of(code), items, chunkSize);
    }

    /**
     * Runs code once per item and gives the results in input order while they come: Python's {@code
     * imap}. Reads the items lazily, at most {@link CallOptions#window()} ahead.
     *
     * @param chunkSize items per call, at least 1
     */
    <I extends @Nullable Object, O extends @Nullable Object> ResultIterator<O> imap(
            Work<I, O> work, Iterator<? extends I> items, int chunkSize);

    /** As {@link #imap(Work, Iterator, int)}, each result as soon as it is there. */
    <I extends @Nullable Object, O extends @Nullable Object> ResultIterator<O> imapUnordered(
            Work<I, O> work, Iterator<? extends I> items, int chunkSize);

    /** As {@link #imap(Work, Iterator, int)} with one item per call. */
    default <I extends @Nullable Object, O extends @Nullable Object> ResultIterator<O> imap(
            RemoteFunction<I, O> code, Iterable<? extends I> items) {
        return imap(Work.of(code), items.iterator(), 1);
    }

    /** As {@link #imap(Work, Iterator, int)}. */
    default <I extends @Nullable Object, O extends @Nullable Object> ResultIterator<O> imap(
            RemoteFunction<I, O> code, Iterable<? extends I> items, int chunkSize) {
        return imap(Work.of(code), items.iterator(), chunkSize);
    }

    /** As {@link #imapUnordered(Work, Iterator, int)} with one item per call. */
    default <I extends @Nullable Object, O extends @Nullable Object>
            ResultIterator<O> imapUnordered(
                    RemoteFunction<I, O> code, Iterable<? extends I> items) {
        return imapUnordered(Work.of(code), items.iterator(), 1);
    }

    /** As {@link #imapUnordered(Work, Iterator, int)}. */
    default <I extends @Nullable Object, O extends @Nullable Object>
            ResultIterator<O> imapUnordered(
                    RemoteFunction<I, O> code, Iterable<? extends I> items, int chunkSize) {
        return imapUnordered(Work.of(code), items.iterator(), chunkSize);
    }

    /** Asks for the sole use of a worker; returns at once. */
    LeaseRequest<Lease> requestLease();

    /**
     * Waits for the sole use of a worker.
     *
     * @throws CallException if the pool ends before
     */
    Lease lease() throws InterruptedException;

    /**
     * Asks for a conversation in a worker; returns at once. Its place is given up by closing it.
     */
    LeaseRequest<OpenConversation> converse(TaskName conversation);

    /** How the pool is now. */
    PoolSnapshot snapshot();

    /** How full its line is now; cheaper than a snapshot. */
    QueueSpace queueSpace();

    /**
     * What its workers offer, as the first one that was asked has told. Starts a worker if there is
     * none.
     *
     * @throws TimeoutException if no worker has answered by then
     */
    List<TaskDescription> tasks(Duration patience) throws InterruptedException, TimeoutException;

    /**
     * Waits until {@code minProcesses} workers are ready.
     *
     * @return whether they are
     * @throws PoolRejectedException.Broken if no worker can be started
     */
    boolean awaitReady(Duration patience) throws InterruptedException;

    /**
     * Changes the number of workers, under load: a surplus worker leaves when its call has ended.
     * If {@code minProcesses} was equal to the old number it follows, else it is lowered if need
     * be.
     *
     * @param processes 1 to 4,096
     */
    void resize(int processes);

    /**
     * Replaces every worker, one after the other, each when its successor is ready and its call has
     * ended; under load nothing is lost.
     *
     * @return completed when the last old worker has left
     */
    CompletableFuture<Void> recycle();

    /**
     * Replaces one worker as {@link #recycle()} replaces all. Returns at once.
     *
     * @param worker its {@link PoolSnapshot.Worker#id()}
     * @return whether there is such a worker now; also true if it was about to leave before
     */
    boolean recycle(String worker);

    /**
     * Changes settings under load: all that are asked for, or, if it throws, none. Without {@code
     * minProcesses} that one goes with {@code processes} as in {@link #resize}. Calls that wait
     * stay although a lower {@code queueLimit} would not let them in. A worker that has served as
     * many calls as a new {@code maxTasksPerChild} allows leaves when its call has ended, one that
     * is idle as soon as its successor is ready.
     *
     * @throws IllegalArgumentException naming the value, if more workers would be kept than there
     *     may be
     * @throws PoolRejectedException.Closed if the pool is closed or terminated
     */
    void reconfigure(PoolChange change);

    /** What {@link #reconfigure} would need to be told to bring back the settings of the start. */
    PoolChange initial();

    /**
     * Hands out no more calls, leases and conversations: they are accepted into the line, as many
     * as {@code queueLimit} lets in, and wait there until {@link #resume}, or until their {@code
     * queueTimeout} ends, which goes on. What was handed out before goes on, including the calls of
     * a lease and the few short calls a worker has in hand besides the one it runs. Returns at
     * once, idempotent. Closing a paused pool resumes it, so that all accepted calls are run;
     * terminating it does not.
     *
     * @throws PoolRejectedException.Closed if the pool is closed or terminated
     */
    void pause();

    /**
     * Hands out again what waits, after {@link #pause}. Returns at once, idempotent.
     *
     * @throws PoolRejectedException.Closed if the pool is closed or terminated
     */
    void resume();

    /**
     * What the threads of a worker are at, as text in the manner of jstack: at most 64 Ki
     * characters, without virtual threads. Works while the worker runs a call, and disturbs
     * nothing. Waits for the answer.
     *
     * @param worker its {@link PoolSnapshot.Worker#id()}
     * @throws TimeoutException if it has not answered by then, as it is stopped or still starts
     * @throws NoSuchElementException if there is no such worker now, or it died before it answered
     */
    String threads(String worker, Duration patience) throws InterruptedException, TimeoutException;

    /**
     * Kills one worker; a call it runs ends as crashed and the worker is replaced.
     *
     * @return whether there was such a process
     */
    boolean kill(long pid);

    /**
     * As {@link #kill(long)}.
     *
     * @param worker its {@link PoolSnapshot.Worker#id()}
     */
    boolean kill(String worker);

    /**
     * Takes no more calls; those accepted go on, then the workers leave: Python's {@code close}.
     * Returns at once, idempotent. A pool that was made by {@link PoolBuilder#open} for a
     * try-with-resources block is terminated and joined instead, as Python's {@code with} does.
     */
    @Override
    void close();

    /**
     * Ends now: kills the workers and ends every call that has not ended as {@link
     * Outcome.Abandoned}. Idempotent, returns at once.
     */
    void terminate();

    /**
     * Waits until every worker has gone and every call has ended.
     *
     * @throws IllegalStateException if the pool was neither closed nor terminated
     */
    void join() throws InterruptedException;

    /**
     * As {@link #join()}, but waits at most so long.
     *
     * @return whether the pool has ended
     */
    boolean join(Duration patience) throws InterruptedException;
}
