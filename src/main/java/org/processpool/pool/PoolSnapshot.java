package org.processpool.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A pool at one moment.
 *
 * @param name its name
 * @param state how it is
 * @param cause why it is broken
 * @param processes most workers
 * @param minProcesses workers kept even when idle
 * @param maxTasksPerChild calls after which a worker is replaced; 0 for never
 * @param queued calls and requests for a lease that wait
 * @param queueLimit most calls that may wait
 * @param waitingConversations requests for a conversation among those that wait
 * @param oldestWait how long the first in line has waited; zero if none waits
 * @param ended calls ended since the start, by {@link Outcome#word()}
 * @param rejected submissions refused since the start
 * @param exits workers gone since the start, by reason
 * @param lastExit the latest of them
 * @param startedOnce whether {@code minProcesses} workers have been ready at once
 * @param workers its processes, by slot
 */
public record PoolSnapshot(
        String name,
        PoolState state,
        Optional<String> cause,
        int processes,
        int minProcesses,
        int maxTasksPerChild,
        int queued,
        int queueLimit,
        int waitingConversations,
        Duration oldestWait,
        Map<String, Long> ended,
        long rejected,
        Map<ExitReason, Long> exits,
        Optional<Exit> lastExit,
        boolean startedOnce,
        List<Worker> workers) {

    /**
     * One worker process.
     *
     * @param id name of its slot, such as {@code default-3}; a replacement may get the same
     * @param pid its process id; -1 until it is started
     * @param state one word: starting, idle, busy, leased, retiring, stopping, killed
     * @param why why it is leaving, if it is
     * @param since when that state began
     * @param startedAt when the process was started
     * @param spare whether it is kept warm and gets no calls yet
     * @param calls calls it has ended
     * @param inFlight calls it holds now, one running and the others sent ahead
     * @param conversations conversations it holds now
     * @param task what it runs
     * @param residentBytes its resident memory when last looked at; 0 if never
     * @param heapBytes heap in use as it told with its last heartbeat; 0 if it was never asked,
     *     since a worker that answers calls all the time is not
     * @param cpu processor time it has used so far; empty where the system does not say
     * @param lastExit how the last worker before it in its slot ended, if there was one; a
     *     replacement that was started before that end has another slot
     */
    public record Worker(
            String id,
            long pid,
            String state,
            Optional<ExitReason> why,
            Instant since,
            Instant startedAt,
            boolean spare,
            long calls,
            int inFlight,
            int conversations,
            Optional<String> task,
            long residentBytes,
            long heapBytes,
            Optional<Duration> cpu,
            Optional<Exit> lastExit) {}

    /**
     * The end of a worker process.
     *
     * @param worker name of its slot
     * @param pid its process id; -1 if it never was started
     * @param reason why
     * @param exitCode 128 + n after signal n; empty if it never was started
     * @param at when
     */
    public record Exit(
            String worker, long pid, ExitReason reason, OptionalInt exitCode, Instant at) {}

    /** Workers that hold a call or a lease. */
    public int busy() {
        return (int)
                workers.stream()
                        .filter(w -> w.state().equals("busy") || w.state().equals("leased"))
                        .count();
    }

    /** Workers that wait for a call. */
    public int idle() {
        return (int) workers.stream().filter(w -> w.state().equals("idle") && !w.spare()).count();
    }
}
