package org.processpool.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;

/**
 * Results while they come. Everything but {@link Chunk#ended} and {@link #wake} happens on the
 * consuming thread: it reads the input while that is ready, hands chunks in, and takes their ends
 * out of a queue, into which an input that has become ready puts a token.
 */
final class Imap<I extends @Nullable Object, O extends @Nullable Object>
        implements ResultIterator<O> {

    /**
     * Encoded input under way, and the output to be expected of it, are kept below this, once every
     * worker has something to do.
     */
    private static final long WINDOW_BYTES = 16 << 20;

    /** A chunk is full with so many bytes, however few items these are. */
    private static final int CHUNK_BYTES = 1 << 20;

    private final PoolView pool;
    private final Work<I, O> work;
    private final Iterator<? extends I> input;
    private final @Nullable ItemSource<? extends I> source;
    private final int chunkSize;
    private final boolean ordered;
    private final int window;
    private final int fewChunks;

    /**
     * Chunks whose results were not taken, in the order of the input. Those of {@link #kept} are
     * the last of them.
     */
    private final Set<Chunk> open = new LinkedHashSet<>();

    /** Chunks that found no room in the line and have not been handed in. */
    private final List<Chunk> kept = new ArrayList<>();

    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final ArrayDeque<Item> results = new ArrayDeque<>();

    /** Chunks that were handed in and whose results were not taken. */
    private int openChunks;

    /** Items that were read and whose results were not returned. */
    private long openItems;

    private long openBytes;

    /** How large a chunk's output may well be, by those that came last. */
    private long expectedOutput;

    /**
     * So many chunks may be under way: few until it is known how large results are, then one more
     * with each result.
     */
    private int allowance;

    /** Whether something was handed in, so that a full line is to be waited for. */
    private boolean begun;

    /** Whether the source was asked to wake this and has not done so. */
    private boolean asked;

    private long read;
    private long index = -1;
    private boolean inputEnded;
    private @Nullable RuntimeException inputFailure;

    private record Item(long index, @Nullable Object value, @Nullable RuntimeException error) {}

    /** What the consuming thread waits for: that a chunk has ended or the input may be ready. */
    private interface Event {
        /** Takes note of it, on the consuming thread. */
        void heard();
    }

    /** Items in one call; or one item without a call, because the input refused it. */
    private final class Chunk implements Call.Ending, Event {
        final long from;
        final int count;
        final int size;
        final @Nullable Call call;
        final @Nullable RuntimeException refusal;
        @Nullable Outcome outcome; // seen by the consumer through the queue
        boolean arrived;

        Chunk(Call.Body body, long from, int count) {
            this.call = pool.call(body, this);
            this.from = from;
            this.count = count;
            this.size = call.size();
            this.refusal = null;
        }

        Chunk(RuntimeException refusal, long from) {
            this.call = null;
            this.from = from;
            this.count = 1;
            this.size = 0;
            this.refusal = refusal;
            this.arrived = true;
        }

        @Override
        public void ended(Call ended, Outcome how) {
            outcome = how;
            events.add(this);
        }

        @Override
        public void heard() {
            arrived = true;
            if (!ordered) {
                take(this);
            }
        }
    }

    Imap(
            PoolView pool,
            Work<I, O> work,
            Iterator<? extends I> input,
            int chunkSize,
            boolean ordered) {
        this.pool = pool;
        this.work = work;
        this.input = input;
        this.source = input instanceof ItemSource<? extends I> slow ? slow : null;
        this.chunkSize = chunkSize;
        this.ordered = ordered;
        this.fewChunks = 2 * pool.processes();
        this.allowance = 4 * fewChunks;
        int given = pool.options().window();
        this.window =
                given > 0
                        ? given
                        : (int)
                                Math.min(
                                        Integer.MAX_VALUE,
                                        Math.max(
                                                (long) fewChunks * chunkSize,
                                                256L * pool.processes()));
        fill(false);
    }

    /**
     * Reads on while the input is ready and hands in, in one go once half of the window is free.
     *
     * @param mayWait whether to wait for room in the line if there is nothing else to wait for
     */
    private void fill(boolean mayWait) {
        if (!kept.isEmpty() && !handIn(kept, mayWait)) {
            return;
        }
        if (inputEnded || openItems > window / 2) {
            return;
        }
        List<Chunk> fresh = new ArrayList<>();
        try {
            while (!inputEnded && openItems < window && mayHoldMore(fresh) && isReady()) {
                gather(fresh);
            }
        } catch (RuntimeException failed) {
            inputEnded = true;
            inputFailure = failed; // told after the results of what came before
        }
        if (!fresh.isEmpty()) {
            handIn(fresh, mayWait);
        }
    }

    private boolean mayHoldMore(List<Chunk> fresh) {
        int chunks = openChunks + fresh.size();
        return chunks < fewChunks
                || (chunks < allowance && openBytes + chunks * expectedOutput < WINDOW_BYTES);
    }

    /**
     * Whether it would read if the input were ready. Who asked a ready input to be woken, and then
     * did not read, would be woken at once for ever.
     */
    private boolean isHungry() {
        return !inputEnded && kept.isEmpty() && openItems <= window / 2 && mayHoldMore(List.of());
    }

    private boolean isReady() {
        return source == null || source.ready();
    }

    /** Reads a chunk's worth, less if the input is not ready for more. */
    private void gather(List<Chunk> fresh) {
        int most = (int) Math.min(chunkSize, Math.max(1, window - openItems));
        var gathering = new Encoding.Gathering(work, pool.maxPayload(), most);
        RuntimeException refusal = null;
        try {
            while (gathering.count() < most && gathering.size() < CHUNK_BYTES && isReady()) {
                if (!input.hasNext()) {
                    inputEnded = true;
                    break;
                }
                gathering.add(input.next());
            }
        } catch (ItemSource.RefusedItemException refused) {
            refusal = refused;
        } catch (RuntimeException failed) {
            inputEnded = true;
            inputFailure = failed; // told after the results of what came before
        }
        if (gathering.count() > 0) {
            add(new Chunk(gathering.body(), read, gathering.count()), fresh);
        }
        if (refusal != null) {
            add(new Chunk(refusal, read), fresh);
        }
    }

    private void add(Chunk chunk, List<Chunk> fresh) {
        read += chunk.count;
        openItems += chunk.count;
        openBytes += chunk.size;
        fresh.add(chunk);
    }

    /**
     * Hands chunks in. A full line is the end if nothing was handed in before; else they are kept.
     *
     * @param chunks all that were read and not handed in
     * @return whether none is kept
     */
    private boolean handIn(List<Chunk> chunks, boolean mayWait) {
        List<Call> calls = new ArrayList<>(chunks.size());
        for (Chunk chunk : chunks) {
            if (chunk.call != null) {
                calls.add(chunk.call);
            }
        }
        try {
            if (!begun) {
                pool.dispatcher().submit(calls);
            } else if (!pool.dispatcher().submitIfRoom(calls)) {
                if (openChunks > 0 || !results.isEmpty() || !mayWait) {
                    keep(chunks); // one of ours ends, and then there may be room
                    return false;
                }
                pool.dispatcher().submitWhenRoom(calls);
            }
        } catch (PoolRejectedException refused) {
            if (begun && Thread.currentThread().isInterrupted()) {
                keep(chunks);
                throw interrupted(refused);
            }
            // what was read cannot be put back, so this is the end of the iteration
            inputEnded = true;
            inputFailure = refused;
            for (Chunk chunk : chunks) {
                open.remove(chunk);
                openItems -= chunk.count;
                openBytes -= chunk.size;
            }
            kept.clear();
            return true;
        }
        begun |= !calls.isEmpty();
        openChunks += calls.size();
        for (Chunk chunk : chunks) {
            if (ordered || chunk.call != null) {
                open.add(chunk);
            } else {
                take(chunk);
            }
        }
        kept.clear();
        return true;
    }

    private void keep(List<Chunk> chunks) {
        if (kept.isEmpty()) {
            kept.addAll(chunks);
        }
    }

    @Override
    public boolean hasNext() {
        while (true) {
            fill(false);
            if (isPending()) {
                return true;
            }
            if (inputEnded) {
                return inputFailure != null;
            }
            if (source != null && !awaitEvent(Long.MAX_VALUE)) {
                throw new IllegalStateException("an endless wait has ended");
            }
        }
    }

    /** Whether something was read that was not returned. */
    private boolean isPending() {
        return !results.isEmpty() || !open.isEmpty() || !kept.isEmpty();
    }

    @Override
    public boolean ready() {
        while (true) {
            fill(false);
            takeFirst();
            if (!results.isEmpty()) {
                return true;
            }
            Event event = events.poll();
            if (event == null) {
                return inputEnded && !isPending();
            }
            event.heard();
        }
    }

    @Override
    public long index() {
        return index;
    }

    @Override
    public O next() {
        try {
            return next(Duration.ofDays(3650));
        } catch (TimeoutException never) {
            throw new IllegalStateException(never);
        }
    }

    @Override
    public O next(Duration patience) throws TimeoutException {
        long limit = System.nanoTime() + Result.saturated(patience);
        while (results.isEmpty()) {
            fill(true);
            takeFirst();
            if (!results.isEmpty()) {
                fill(false); // keeps the workers busy while the caller looks at these
                break;
            }
            if (inputEnded && !isPending()) {
                RuntimeException failure = inputFailure;
                if (failure != null) {
                    inputFailure = null;
                    index = read;
                    throw failure;
                }
                throw new NoSuchElementException("no more results");
            }
            if (!awaitEvent(limit - System.nanoTime())) {
                throw new TimeoutException("no result after " + CallException.words(patience));
            }
        }
        Item item = results.remove();
        openItems--;
        index = item.index();
        if (item.error() != null) {
            throw item.error();
        }
        return Encoding.promised(item.value());
    }

    /**
     * Waits for the end of a chunk or for the input, and takes note of it.
     *
     * @return whether something came in time
     */
    private boolean awaitEvent(long nanos) {
        if (source != null && isHungry() && !asked) {
            asked = true;
            source.onReady(this::wake);
        }
        try {
            Event event = events.poll(nanos, TimeUnit.NANOSECONDS);
            if (event == null) {
                return false;
            }
            event.heard();
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw interrupted(interrupted);
        }
    }

    /** Called by the source, on any thread. */
    private void wake() {
        events.add(() -> asked = false);
    }

    private static CancellationException interrupted(Exception cause) {
        var cancelled = new CancellationException("interrupted while waiting for a result");
        cancelled.initCause(cause);
        return cancelled;
    }

    /** If order counts: takes the chunk whose turn it is, if it has ended. */
    private void takeFirst() {
        while (ordered && results.isEmpty() && !open.isEmpty()) {
            Chunk first = open.iterator().next();
            if (!first.arrived) {
                return;
            }
            take(first);
        }
    }

    private void take(Chunk chunk) {
        if (chunk.refusal != null) {
            open.remove(chunk);
            results.add(new Item(chunk.from, null, chunk.refusal));
            return;
        }
        if (!open.remove(chunk) || chunk.call == null) {
            return; // closed meanwhile
        }
        openBytes -= chunk.size;
        openChunks--;
        allowance = Math.min(allowance, Integer.MAX_VALUE - 1) + 1;
        String what = work.toString();
        Outcome outcome = chunk.outcome;
        if (outcome instanceof Outcome.Done(Payload output, Duration ran)) {
            expectedOutput = Math.max(output.size(), expectedOutput - expectedOutput / 8);
            @Nullable Object[] values = new Object[chunk.count];
            Map<Integer, CallException> errors = new HashMap<>();
            MapRun.read(
                    what,
                    work.resultType(),
                    chunk.call,
                    chunk.count,
                    output,
                    ran,
                    0,
                    values,
                    errors);
            for (int i = 0; i < chunk.count; i++) {
                results.add(new Item(chunk.from + i, values[i], errors.get(i)));
            }
        } else if (outcome != null) {
            for (int i = 0; i < chunk.count; i++) {
                results.add(new Item(chunk.from + i, null, CallException.of(what, outcome)));
            }
        }
    }

    @Override
    public Stream<O> stream() {
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED), false)
                .onClose(this::close);
    }

    @Override
    public void close() {
        inputEnded = true;
        inputFailure = null;
        for (Chunk chunk : open) {
            if (!chunk.arrived && chunk.call != null) {
                pool.dispatcher().cancel(chunk.call, AsyncResult.CancelMode.KILL, null);
            }
        }
        open.clear();
        kept.clear();
        results.clear();
        openChunks = 0;
        openItems = 0;
        openBytes = 0;
    }
}
