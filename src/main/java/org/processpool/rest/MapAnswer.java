package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobState;
import org.processpool.job.JobStore;
import org.processpool.task.Payload;
import org.processpool.wire.SequenceReader;

/**
 * The results of a map's items, read from the store a few chunks at a time, so that an answer of a
 * million items needs no more memory than one of ten.
 */
final class MapAnswer {

    private static final int CHUNKS_AT_ONCE = 8;
    private static final int BUFFER = 64 << 10;

    /** A page ends behind the item with which it has more than this. */
    private static final int PAGE_BYTES = 4 << 20;

    private final JobStore store;
    private final Job job;

    MapAnswer(JobStore store, Job job) {
        this.store = store;
        this.job = job;
    }

    /**
     * An item.
     *
     * @param index its place in the map
     * @param state how it is
     * @param result its result as JSON, if it succeeded
     * @param error the problem as JSON, if it failed
     */
    @SuppressWarnings("ArrayRecordComponent") // written once and compared with nothing
    record Item(long index, JobState state, byte @Nullable [] result, @Nullable String error) {

        /** As a line: {@code {"index":3,"ok":true,"result":2}}. */
        byte[] line() {
            StringBuilder head = new StringBuilder("{\"index\":").append(index);
            switch (state) {
                case SUCCEEDED -> head.append(",\"ok\":true,\"result\":");
                case FAILED -> head.append(",\"ok\":false,\"error\":");
                case QUEUED, RUNNING, CANCELLING, CANCELLED ->
                        head.append(",\"ok\":null,\"state\":\"").append(state).append('"');
            }
            byte[] start = head.toString().getBytes(UTF_8);
            byte[] value =
                    result != null ? result : error != null ? error.getBytes(UTF_8) : new byte[0];
            byte[] line = new byte[start.length + value.length + 1];
            System.arraycopy(start, 0, line, 0, start.length);
            System.arraycopy(value, 0, line, start.length, value.length);
            line[line.length - 1] = '}';
            return line;
        }
    }

    /** All results as one array; the map has succeeded. */
    StreamingOutput array() {
        return to -> {
            OutputStream out = new BufferedOutputStream(to, BUFFER);
            out.write('[');
            long written = 0;
            for (int chunk = 0; ; chunk += CHUNKS_AT_ONCE) {
                List<JobStore.ChunkResult> chunks =
                        store.chunkResults(job.id(), chunk, CHUNKS_AT_ONCE);
                for (JobStore.ChunkResult each : chunks) {
                    for (Item item : items(each)) {
                        if (written++ > 0) {
                            out.write(',');
                        }
                        byte[] result = item.result();
                        if (result == null) {
                            throw forgotten();
                        }
                        out.write(result);
                    }
                }
                if (chunks.size() < CHUNKS_AT_ONCE) {
                    break;
                }
            }
            if (written != job.items().total()) {
                throw forgotten();
            }
            out.write(']');
            out.flush();
        };
    }

    /** A line per item that has ended, and one at the end. */
    StreamingOutput lines() {
        return to -> {
            OutputStream out = new BufferedOutputStream(to, BUFFER);
            long written = 0;
            for (int chunk = 0; ; chunk += CHUNKS_AT_ONCE) {
                List<JobStore.ChunkResult> chunks =
                        store.chunkResults(job.id(), chunk, CHUNKS_AT_ONCE);
                for (JobStore.ChunkResult each : chunks) {
                    for (Item item : items(each)) {
                        if (item.state() == JobState.SUCCEEDED && item.result() == null) {
                            throw forgotten();
                        }
                        out.write(item.line());
                        out.write('\n');
                        written++;
                    }
                }
                if (chunks.size() < CHUNKS_AT_ONCE) {
                    break;
                }
            }
            Job.Items items = job.items();
            if (written != items.total()) {
                throw forgotten();
            }
            out.write(
                    "{\"end\":true,\"jobId\":\"%s\",\"total\":%d,\"succeeded\":%d,\"failed\":%d}\n"
                            .formatted(
                                    job.id(),
                                    items.total(),
                                    items.done() - items.failed(),
                                    items.failed())
                            .getBytes(UTF_8));
            out.flush();
        };
    }

    /** The answer has begun; broken off is all it can still be. */
    private IOException forgotten() {
        return new IOException(
                "job %s was forgotten while its result was read".formatted(job.id()));
    }

    /**
     * Some items in order.
     *
     * @param items at most as many as asked for
     * @param next index to go on from; empty behind the last one
     */
    record Page(List<Item> items, Optional<Long> next) {}

    /** Items from an index on, of one state or of any. */
    Page page(long from, Optional<JobState> state, int limit) {
        List<Item> found = new ArrayList<>();
        long bytes = 0;
        Optional<Integer> first = store.chunkOf(job.id(), from);
        if (first.isEmpty()) {
            return new Page(found, Optional.empty());
        }
        for (int chunk = first.get(); ; chunk += CHUNKS_AT_ONCE) {
            List<JobStore.ChunkResult> chunks = store.chunkResults(job.id(), chunk, CHUNKS_AT_ONCE);
            for (JobStore.ChunkResult each : chunks) {
                for (Item item : items(each)) {
                    if (item.index() < from || state.filter(s -> s != item.state()).isPresent()) {
                        continue;
                    }
                    if (found.size() == limit || bytes > PAGE_BYTES) {
                        return new Page(found, Optional.of(item.index()));
                    }
                    found.add(item);
                    bytes += item.result() == null ? 0 : item.result().length;
                }
            }
            if (chunks.size() < CHUNKS_AT_ONCE) {
                return new Page(found, Optional.empty());
            }
        }
    }

    private static List<Item> items(JobStore.ChunkResult chunk) {
        List<Item> items = new ArrayList<>(chunk.count());
        Map<Integer, String> failures = new HashMap<>();
        chunk.failures().forEach(failure -> failures.put(failure.index(), failure.problem()));
        SequenceReader outputs =
                chunk.outputs()
                        .map(payload -> SequenceReader.of(payload, Payload.class))
                        .orElse(null);
        for (int i = 0; i < chunk.count(); i++) {
            long index = chunk.firstItem() + i;
            byte[] output = outputs == null ? null : outputs.nextJson().bytes();
            String failure = failures.getOrDefault(i, chunk.error().orElse(null));
            if (failure != null) {
                items.add(new Item(index, JobState.FAILED, null, failure));
            } else {
                items.add(new Item(index, chunk.state(), output, null));
            }
        }
        return items;
    }
}
