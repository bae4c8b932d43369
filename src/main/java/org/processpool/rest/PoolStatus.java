package org.processpool.rest;

import static java.util.stream.Collectors.toMap;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.PoolState;

/**
 * A pool as a client sees it.
 *
 * @param name its name
 * @param state how it is
 * @param cause why it is broken, or null
 * @param size most workers
 * @param minProcesses workers kept even when idle
 * @param maxTasksPerWorker calls after which a worker is replaced, 0 for never
 * @param busy workers that hold a call or a lease
 * @param idle workers that wait for a call
 * @param queued calls that wait for a worker
 * @param queueLimit most calls that may
 * @param oldestQueuedMillis how long the first in line has waited
 * @param ended calls ended since the start, by outcome
 * @param rejected calls refused since the start
 * @param exits worker processes gone since the start, by reason
 * @param lastExit the latest of them, or null
 * @param workers the processes it has
 * @param links where to go from here
 */
record PoolStatus(
        String name,
        PoolState state,
        @Nullable String cause,
        int size,
        int minProcesses,
        int maxTasksPerWorker,
        int busy,
        int idle,
        int queued,
        int queueLimit,
        long oldestQueuedMillis,
        Map<String, Long> ended,
        long rejected,
        Map<String, Long> exits,
        @Nullable ExitStatus lastExit,
        List<WorkerStatus> workers,
        Links links) {

    /**
     * Where to go from a pool.
     *
     * @param self the pool
     * @param workers its workers alone
     */
    @Schema(name = "PoolLinks")
    record Links(String self, String workers) {}

    static PoolStatus of(PoolSnapshot pool) {
        Instant now = Instant.now();
        String self = "/v1/pools/" + pool.name();
        return new PoolStatus(
                pool.name(),
                pool.state(),
                pool.cause().orElse(null),
                pool.processes(),
                pool.minProcesses(),
                pool.maxTasksPerChild(),
                pool.busy(),
                pool.idle(),
                pool.queued(),
                pool.queueLimit(),
                pool.oldestWait().toMillis(),
                new TreeMap<>(pool.ended()),
                pool.rejected(),
                pool.exits().entrySet().stream()
                        .collect(
                                toMap(
                                        exit -> exit.getKey().word(),
                                        Map.Entry::getValue,
                                        Long::sum,
                                        TreeMap::new)),
                pool.lastExit().map(ExitStatus::of).orElse(null),
                pool.workers().stream()
                        .map(worker -> WorkerStatus.of(pool.name(), worker, now))
                        .toList(),
                new Links(self, self + "/workers"));
    }

    /**
     * Stands for all of it but what is another at every look: {@code oldestQueuedMillis} and the
     * workers' {@code since}, {@code startedAt}, {@code ageMillis}, {@code residentBytes}, {@code
     * heapBytes} and {@code cpuMillis}.
     */
    EntityTags.Tag tag() {
        var lasting =
                new PoolStatus(
                        name,
                        state,
                        cause,
                        size,
                        minProcesses,
                        maxTasksPerWorker,
                        busy,
                        idle,
                        queued,
                        queueLimit,
                        0,
                        ended,
                        rejected,
                        exits,
                        lastExit,
                        workers.stream().map(WorkerStatus::lasting).toList(),
                        links);
        return Jobs.etag(lasting.toString().getBytes(StandardCharsets.UTF_8));
    }
}
