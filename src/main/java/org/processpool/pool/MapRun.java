package org.processpool.pool;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.wire.Message;
import org.processpool.wire.SequenceReader;

/**
 * A map under way: one call per chunk. Results stay encoded until somebody asks, and are decoded on
 * his thread.
 */
final class MapRun<O extends @Nullable Object> extends Result<List<O>>
        implements MapResult<O>, Call.Ending {

    private final String what;
    private final Type type;
    private final AtomicInteger openChunks = new AtomicInteger();
    private final AtomicInteger doneItems = new AtomicInteger();
    private List<Part> parts = List.of();
    private int total;
    private @Nullable Decoded<O> decoded;

    /** A chunk, where it belongs and how it ended. */
    static final class Part {
        final int from;
        final int count;
        final Call call;
        volatile @Nullable Outcome outcome;

        Part(int from, int count, Call call) {
            this.from = from;
            this.count = count;
            this.call = call;
        }
    }

    private record Decoded<O extends @Nullable Object>(
            List<O> values, Map<Integer, CallException> errors) {}

    MapRun(PoolView pool, Work<?, ?> work) {
        super(pool);
        this.what = work.toString();
        this.type = work.resultType();
    }

    /** Before the calls are submitted. */
    void of(List<Part> chunks) {
        parts = chunks;
        total = chunks.isEmpty() ? 0 : chunks.getLast().from + chunks.getLast().count;
        openChunks.set(chunks.size());
        if (chunks.isEmpty()) {
            markEnded();
        }
    }

    @Override
    public void ended(Call call, Outcome outcome) {
        // chunks are numbered one after the other, so the place follows from the number
        Part part = parts.get((int) (call.id - parts.getFirst().call.id));
        part.outcome = outcome;
        doneItems.addAndGet(part.count);
        if (openChunks.decrementAndGet() == 0) {
            markEnded();
        }
    }

    @Override
    public int total() {
        return total;
    }

    @Override
    public int done() {
        return doneItems.get();
    }

    @Override
    boolean isSuccess() {
        return parts.stream()
                .allMatch(part ->
                        part.outcome instanceof Outcome.Done && part.call.failures.isEmpty());
    }

    @Override
    List<O> value() {
        Decoded<O> all = decoded();
        if (!all.errors().isEmpty()) {
            int first = Collections.min(all.errors().keySet());
            CallException error = all.errors().get(first);
            throw new CallException.MapFailed(
                    what, all.errors().size(), total, first, Objects.requireNonNull(error));
        }
        return all.values();
    }

    @Override
    public List<Item<O>> items() throws InterruptedException {
        awaitEnd();
        Decoded<O> all = decoded();
        List<Item<O>> items = new ArrayList<>(total);
        for (int i = 0; i < total; i++) {
            items.add(new Item<>(i, all.values().get(i), all.errors().get(i)));
        }
        return items;
    }

    @Override
    public boolean cancel(CancelMode mode) {
        return cancelAll(mode, null);
    }

    @Override
    public boolean cancel(CancelMode mode, Duration grace) {
        PoolConfig.notNegative("grace", grace);
        return cancelAll(mode, grace);
    }

    private boolean cancelAll(CancelMode mode, @Nullable Duration grace) {
        boolean open = false;
        for (Part part : parts.reversed()) { // the last ones first: they have not started
            open |= pool.dispatcher().cancel(part.call, mode, grace);
        }
        return open;
    }

    private synchronized Decoded<O> decoded() {
        Decoded<O> known = decoded;
        if (known == null) {
            known = decode();
            decoded = known;
            parts.forEach(part -> part.outcome = slim(part.outcome));
        }
        return known;
    }

    /** Lets go of bytes that were decoded. */
    private static @Nullable Outcome slim(@Nullable Outcome outcome) {
        return outcome instanceof Outcome.Done(Payload output, Duration ran)
                ? new Outcome.Done(new Payload(output.encoding(), new byte[0]), ran)
                : outcome;
    }

    private Decoded<O> decode() {
        @Nullable Object[] values = new Object[total];
        Map<Integer, CallException> errors = new HashMap<>();
        for (Part part : parts) {
            Outcome outcome = part.outcome;
            if (outcome instanceof Outcome.Done(Payload output, Duration ran)) {
                read(what, type, part.call, part.count, output, ran, part.from, values, errors);
            } else if (outcome != null) {
                for (int i = 0; i < part.count; i++) {
                    errors.put(part.from + i, CallException.of(what, outcome));
                }
            }
        }
        @SuppressWarnings("unchecked") // the work's type is the promise
        List<O> list = (List<O>) Collections.unmodifiableList(Arrays.asList(values));
        return new Decoded<>(list, errors);
    }

    /** Decodes the results of a chunk into their places. */
    static void read(
            String what,
            Type type,
            Call call,
            int count,
            Payload output,
            Duration ran,
            int from,
            @Nullable Object[] values,
            Map<Integer, CallException> errors) {
        for (Message.ItemFailure failure : call.failures) {
            errors.put(
                    from + failure.index(),
                    CallException.of(what, new Outcome.Failed(failure.failure(), ran)));
        }
        SequenceReader reader = SequenceReader.of(output, type);
        for (int i = 0; i < count; i++) {
            try {
                if (errors.containsKey(from + i)) {
                    reader.skip();
                } else {
                    values[from + i] = reader.next();
                }
            } catch (RuntimeException | Error unfit) {
                errors.put(from + i, CallException.of(what, SingleResult.unfit(unfit, ran)));
            }
        }
    }
}
