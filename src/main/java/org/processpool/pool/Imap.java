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
 * Results while they come. Everything but {@link Chunk#ended} happens on the consuming thread: it
 * reads the input, hands chunks in and takes their ends out of a queue.
 */
final class Imap<I extends @Nullable Object, O extends @Nullable Object>
        implements ResultIterator<O> {

    /** Encoded input under way is kept below this, once every worker has something to do. */
    private static final long WINDOW_BYTES = 16 << 20;

    private final PoolView pool;
    private final Work<I, O> work;
    private final Iterator<? extends I> input;
    private final int chunkSize;
    private final boolean ordered;
    private final int window;
    private final int fewChunks;

    /** Chunks whose results were not taken, in the order they were handed in. */
    private final Set<Chunk> open = new LinkedHashSet<>();

    private final LinkedBlockingQueue<Chunk> endedChunks = new LinkedBlockingQueue<>();
    private final ArrayDeque<Item> results = new ArrayDeque<>();
    private int openChunks;

    /** Items that were read and whose results were not returned. */
    private long openItems;

    private long openBytes;
    private boolean inputEnded;
    private @Nullable RuntimeException inputFailure;

    private record Item(@Nullable Object value, @Nullable CallException error) {}

    private final class Chunk implements Call.Ending {
        final int count;
        final int size;
        final Call call;
        @Nullable Outcome outcome; // seen by the consumer through the queue
        boolean arrived;

        Chunk(Call.Body body, int count) {
            this.call = pool.call(body, this);
            this.count = count;
            this.size = call.size();
        }

        @Override
        public void ended(Call ended, Outcome how) {
            outcome = how;
            endedChunks.add(this);
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
        this.chunkSize = chunkSize;
        this.ordered = ordered;
        this.fewChunks = 2 * pool.processes();
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
        fill();
    }

    /** Reads on and hands in, in one go once half of the window is free. */
    private void fill() {
        if (inputEnded || openItems > window / 2) {
            return;
        }
        List<Chunk> fresh = new ArrayList<>();
        try {
            while (!inputEnded && openItems < window && mayHoldMore()) {
                Chunk chunk = gather();
                if (chunk != null) {
                    fresh.add(chunk);
                    openItems += chunk.count;
                    openBytes += chunk.size;
                    openChunks++;
                }
            }
        } catch (RuntimeException failed) {
            inputEnded = true;
            inputFailure = failed; // told after the results of what came before
        }
        if (!fresh.isEmpty()) {
            open.addAll(fresh);
            try {
                pool.dispatcher().submit(fresh.stream().map(chunk -> chunk.call).toList());
            } catch (PoolRejectedException refused) {
                // what was read cannot be put back, so this is the end of the iteration
                inputEnded = true;
                inputFailure = refused;
                for (Chunk chunk : fresh) {
                    open.remove(chunk);
                    openItems -= chunk.count;
                    openBytes -= chunk.size;
                    openChunks--;
                }
            }
        }
    }

    private boolean mayHoldMore() {
        return openBytes < WINDOW_BYTES || openChunks < fewChunks;
    }

    private @Nullable Chunk gather() {
        int most = (int) Math.min(chunkSize, Math.max(1, window - openItems));
        if (!input.hasNext()) {
            inputEnded = true;
            return null;
        }
        var gathering = new Encoding.Gathering(work, pool.maxPayload(), most);
        try {
            while (gathering.count() < most && input.hasNext()) {
                gathering.add(input.next());
            }
        } catch (RuntimeException failed) {
            inputEnded = true;
            inputFailure = failed; // told after the results of what came before
        }
        return gathering.count() == 0 ? null : new Chunk(gathering.body(), gathering.count());
    }

    @Override
    public boolean hasNext() {
        fill();
        return !results.isEmpty() || openChunks > 0 || inputFailure != null;
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
        fill();
        if (results.isEmpty()) {
            if (openChunks == 0) {
                RuntimeException failure = inputFailure;
                if (failure != null) {
                    inputFailure = null;
                    throw failure;
                }
                throw new NoSuchElementException("no more results");
            }
            take(awaitChunk(patience));
            fill();
        }
        Item item = results.remove();
        openItems--;
        if (item.error() != null) {
            throw item.error();
        }
        return Encoding.promised(item.value());
    }

    private Chunk awaitChunk(Duration patience) throws TimeoutException {
        long limit = System.nanoTime() + Result.saturated(patience);
        try {
            while (true) {
                if (ordered && !open.isEmpty() && open.iterator().next().arrived) {
                    return open.iterator().next();
                }
                Chunk ended = endedChunks.poll(limit - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (ended == null) {
                    throw new TimeoutException("no result after " + CallException.words(patience));
                }
                if (!ordered) {
                    return ended;
                }
                ended.arrived = true;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            CancellationException cancelled =
                    new CancellationException("interrupted while waiting for a result");
            cancelled.initCause(interrupted);
            throw cancelled;
        }
    }

    private void take(Chunk chunk) {
        open.remove(chunk);
        openBytes -= chunk.size;
        openChunks--;
        String what = work.toString();
        Outcome outcome = chunk.outcome;
        if (outcome instanceof Outcome.Done(Payload output, Duration ran)) {
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
                results.add(new Item(values[i], errors.get(i)));
            }
        } else if (outcome != null) {
            for (int i = 0; i < chunk.count; i++) {
                results.add(new Item(null, CallException.of(what, outcome)));
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
            if (!chunk.arrived) {
                pool.dispatcher().cancel(chunk.call, AsyncResult.CancelMode.KILL, null);
            }
        }
        open.clear();
        results.clear();
        openChunks = 0;
        openItems = 0;
        openBytes = 0;
    }
}
