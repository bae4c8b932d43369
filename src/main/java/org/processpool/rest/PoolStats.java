package org.processpool.rest;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.processpool.pool.ExitReason;
import org.processpool.pool.PoolSnapshot;

/**
 * All pools in a few numbers, for scalers and shells.
 *
 * @param queued calls, requests for a lease or conversation, and stored jobs that wait for a worker
 * @param running workers that hold a call
 * @param workers worker processes there are
 * @param idle workers that wait for a call
 * @param oldestQueuedMillis how long the one that waits longest has waited
 * @param waitingChats requests for a conversation among those that wait
 * @param utilization workers that hold a call or a lease, as a share of the most there may be; 0 to
 *     1
 * @param restarts worker processes that ended since the start and were not just too many
 */
record PoolStats(
        long queued,
        long running,
        long workers,
        long idle,
        long oldestQueuedMillis,
        long waitingChats,
        double utilization,
        long restarts) {

    /** Ends after which nobody has to be started. */
    private static final Set<ExitReason> FOR_GOOD = Set.of(ExitReason.IDLE, ExitReason.TERMINATED);

    /**
     * The pools taken together.
     *
     * @param jobs stored jobs that wait
     */
    static PoolStats of(Collection<PoolSnapshot> pools, long jobs) {
        long queued = jobs;
        long running = 0;
        long workers = 0;
        long idle = 0;
        long oldest = 0;
        long chats = 0;
        long busy = 0;
        long most = 0;
        long restarts = 0;
        for (PoolSnapshot pool : pools) {
            queued += pool.queued();
            running += pool.workers().stream().filter(worker -> worker.inFlight() > 0).count();
            workers += pool.workers().size();
            idle += pool.idle();
            oldest = Math.max(oldest, pool.oldestWait().toMillis());
            chats += pool.waitingConversations();
            busy += pool.busy();
            most += pool.processes();
            restarts +=
                    pool.exits().entrySet().stream()
                            .filter(exit -> !FOR_GOOD.contains(exit.getKey()))
                            .mapToLong(Map.Entry::getValue)
                            .sum();
        }
        double utilization = most == 0 ? 0 : Math.min(1, (double) busy / most);
        return new PoolStats(queued, running, workers, idle, oldest, chats, utilization, restarts);
    }
}
