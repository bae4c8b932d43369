package org.processpool.rest;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.ExitReason;
import org.processpool.pool.PoolSnapshot;

/**
 * A worker process as a client sees it.
 *
 * @param id name of its slot; a replacement may get the same
 * @param pid its process id, or null until it is started
 * @param state starting, idle, busy, leased, retiring, stopping or killed
 * @param why why it is leaving, or null
 * @param since when that state began
 * @param startedAt when the process was started
 * @param ageMillis how long ago that is
 * @param spare whether it is kept warm and gets no calls yet
 * @param tasksDone calls it has ended
 * @param inFlight calls it holds now, one running and the others sent ahead
 * @param conversations conversations it holds now
 * @param currentTask what it runs, or null
 * @param residentBytes its resident memory when last looked at, or null
 * @param heapBytes Java heap in use at its last heartbeat, or null
 * @param cpuMillis processor time it has used so far, or null where the system does not say
 * @param lastExit how the last worker before it in its slot ended, or null
 * @param links where to go from here
 */
record WorkerStatus(
        String id,
        @Nullable Long pid,
        String state,
        @Nullable String why,
        Instant since,
        Instant startedAt,
        long ageMillis,
        boolean spare,
        long tasksDone,
        int inFlight,
        int conversations,
        @Nullable String currentTask,
        @Nullable Long residentBytes,
        @Nullable Long heapBytes,
        @Nullable Long cpuMillis,
        @Nullable ExitStatus lastExit,
        Links links) {

    /**
     * Where to go from a worker.
     *
     * @param self the worker
     * @param pool its pool
     * @param threads what its threads are at
     */
    @Schema(name = "WorkerLinks")
    record Links(String self, String pool, String threads) {}

    static WorkerStatus of(String pool, PoolSnapshot.Worker worker, Instant now) {
        String path = "/v1/pools/" + pool;
        String self = path + "/workers/" + worker.id();
        return new WorkerStatus(
                worker.id(),
                worker.pid() < 0 ? null : worker.pid(),
                worker.state(),
                worker.why().map(ExitReason::word).orElse(null),
                worker.since().truncatedTo(ChronoUnit.MILLIS),
                worker.startedAt().truncatedTo(ChronoUnit.MILLIS),
                Math.max(0, Duration.between(worker.startedAt(), now).toMillis()),
                worker.spare(),
                worker.calls(),
                worker.inFlight(),
                worker.conversations(),
                worker.task().orElse(null),
                worker.residentBytes() > 0 ? worker.residentBytes() : null,
                worker.heapBytes() > 0 ? worker.heapBytes() : null,
                worker.cpu().map(Duration::toMillis).orElse(null),
                worker.lastExit().map(ExitStatus::of).orElse(null),
                new Links(self, path, self + "/threads"));
    }

    /** The same without times and measurements, which are others at every look. */
    WorkerStatus lasting() {
        return new WorkerStatus(
                id,
                pid,
                state,
                why,
                Instant.EPOCH,
                Instant.EPOCH,
                0,
                spare,
                tasksDone,
                inFlight,
                conversations,
                currentTask,
                null,
                null,
                null,
                lastExit,
                links);
    }
}
