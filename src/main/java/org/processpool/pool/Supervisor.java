package org.processpool.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.Message;

/**
 * Starts, watches and replaces workers. One thread goes over them whenever something may have
 * become due, decides under the dispatcher's lock and acts without it; it never writes to a worker
 * itself, since that could wait.
 */
final class Supervisor {

    /** A call that runs so long gives the calls sent ahead behind it back. */
    static final long RECALL_AFTER_NANOS = 5_000_000;

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    /** How long a worker that was told to stop may take. */
    private static final long STOP_NANOS = Duration.ofSeconds(5).toNanos();

    /** How long a worker whose line is cut may take to end. */
    static final long CUT_NANOS = Duration.ofSeconds(1).toNanos();

    /** How long after a SIGKILL that did not help the next one follows. */
    private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

    /** One that dies sooner after Ready without having served counts as a failed start. */
    private static final long INFANCY_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long MEMORY_LOOK_NANOS = Duration.ofMillis(250).toNanos();
    private static final long LONGEST_SLEEP_NANOS = Duration.ofSeconds(1).toNanos();

    private final Dispatcher dispatcher;
    private final PoolConfig config;
    private final Ticker ticker;

    // Guarded by the dispatcher's lock.

    private final BitSet slots = new BitSet();
    private final List<Rolling> rollings = new ArrayList<>();
    private int failures;
    private long lastFailure;
    private long nextStart;
    private @Nullable WorkerHandle successor;
    private volatile boolean over;

    private long nextMemoryLook;

    /** A rolling replacement under way: the workers it still has to see gone. */
    private record Rolling(List<WorkerHandle> old, CompletableFuture<Void> done) {}

    Supervisor(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
        this.config = dispatcher.config;
        this.ticker = dispatcher.ticker;
        dispatcher.mourner = this::mourn;
    }

    void start() {
        Thread.ofPlatform()
                .daemon()
                .name(config.name() + "-supervisor")
                .start(() -> {
                    while (!over) {
                        try {
                            pass();
                        } catch (RuntimeException | Error bug) {
                            LOG.log(
                                    System.Logger.Level.ERROR,
                                    "the supervisor of pool '%s' failed; it goes on"
                                            .formatted(config.name()),
                                    bug);
                        }
                        sleep();
                    }
                });
    }

    private void sleep() {
        dispatcher.lock.lock();
        try {
            while (!over) {
                long patience = dispatcher.nextPass - ticker.nanos();
                if (patience <= 0) {
                    return;
                }
                dispatcher.alarm.awaitNanos(patience);
            }
        } catch (InterruptedException byAListener) {
            return; // somebody called from here did that: supervising goes on
        } finally {
            dispatcher.lock.unlock();
        }
    }

    /** Goes over everything once. */
    void pass() {
        lookAtMemory();
        Aftermath after = new Aftermath(dispatcher.listener);
        dispatcher.lock.lock();
        try {
            long now = ticker.nanos();
            forgive(now - dispatcher.nextPass);
            dispatcher.nextPass = now + LONGEST_SLEEP_NANOS;
            dispatcher.expire(now, after);
            dispatcher.resumeDelayed(now, after);
            for (WorkerHandle worker : List.copyOf(dispatcher.workers)) {
                watch(worker, now, after);
            }
            staff(now, after);
            finishRollings(after);
            finish(after);
            due(dispatcher.nextGiveUp);
            if (!dispatcher.delayed.isEmpty()) {
                due(dispatcher.delayed.peek().due());
            }
            dispatcher.changed.signalAll();
        } finally {
            dispatcher.lock.unlock();
            after.runWithoutWriting();
        }
    }

    /**
     * After this process itself has not run for a while (it was stopped, or the machine was),
     * workers are not to blame for answers it has not read.
     */
    private void forgive(long late) {
        if (dispatcher.nextPass > 0 && late > LONGEST_SLEEP_NANOS) {
            dispatcher.workers.forEach(worker -> worker.pingedAt += late);
        }
    }

    private void due(long at) {
        dispatcher.nextPass = Math.min(dispatcher.nextPass, at);
    }

    // Watching

    private void watch(WorkerHandle worker, long now, Aftermath after) {
        switch (worker.state) {
            case WorkerState.Starting _ -> {
                long limit = worker.startedAt + config.startTimeout().toNanos();
                if (now >= limit) {
                    kill(worker, ExitReason.START_FAILED, after);
                } else {
                    due(limit);
                }
            }
            case WorkerState.Idle _ -> watchHeartbeat(worker, now, after);
            case WorkerState.Busy _, WorkerState.Leased _, WorkerState.Retiring _ -> {
                watchCall(worker, now, after);
                if (worker.state.serves() || worker.state instanceof WorkerState.Retiring) {
                    watchHeartbeat(worker, now, after);
                }
            }
            case WorkerState.Stopping(var why) -> {
                if (now - worker.stateSince >= STOP_NANOS) {
                    terminate(worker, why, now, after);
                } else {
                    due(worker.stateSince + STOP_NANOS);
                }
            }
            case WorkerState.Killed _ -> {
                if (now >= worker.killAt) {
                    worker.killed = true;
                    worker.killAt = now + AGAIN_NANOS; // where it did not help, it is done again
                    after.then(worker::kill);
                }
                due(worker.killAt);
            }
            case WorkerState.Gone _ -> {}
        }
    }

    private void watchCall(WorkerHandle worker, long now, Aftermath after) {
        Call call = worker.inFlight.peek();
        if (call == null) {
            return;
        }
        if (worker.verdict == null && !call.timeout.isZero()) {
            long limit = worker.headSince + call.timeout.toNanos();
            if (now >= limit) {
                worker.give(
                        new Verdict(
                                new Outcome.TimedOut(call.timeout, worker.pid(), ""),
                                ExitReason.TIMED_OUT,
                                now));
                call.maySkip = true;
                worker.tell(new Message.DumpThreads(call.id));
                worker.tell(new Message.Cancel(call.id));
                after.flush(worker);
            } else {
                due(limit);
            }
        }
        if (call.options.memory() > 0) {
            due(nextMemoryLook);
        }
        Verdict verdict = worker.verdict;
        if (verdict != null) {
            long limit = verdict.since() + call.patience(config);
            if (now >= limit) {
                terminate(worker, verdict.reason(), now, after);
                return;
            }
            due(limit);
        }
        if (worker.inFlight.size() > 1 && !worker.recalled) {
            long limit = worker.headSince + RECALL_AFTER_NANOS;
            if (now >= limit) {
                worker.recalled = true;
                for (Call ahead : worker.inFlight) {
                    if (ahead != call && !ahead.isBound()) {
                        ahead.maySkip = true;
                        worker.tell(new Message.Recall(ahead.id));
                    }
                }
                after.flush(worker);
            } else {
                due(limit);
            }
        }
    }

    private void watchHeartbeat(WorkerHandle worker, long now, Aftermath after) {
        if (config.heartbeat().isZero()) {
            return;
        }
        if (!worker.pinged) {
            long limit = worker.lastHeard + config.heartbeat().toNanos();
            if (now >= limit) {
                worker.pinged = true;
                worker.pingedAt = now;
                worker.countReasonsToRead();
                worker.tell(new Message.Ping(++worker.pings));
                after.flush(worker);
            } else {
                due(limit);
            }
        }
        if (worker.pinged) {
            long limit = worker.pingedAt + config.heartbeatTimeout().toNanos();
            if (now >= limit) {
                kill(worker, ExitReason.HEARTBEAT, after);
            } else {
                due(limit);
            }
        }
    }

    /** SIGTERM now, SIGKILL after the grace time. */
    private void terminate(WorkerHandle worker, ExitReason why, long now, Aftermath after) {
        dispatcher.lost(worker, why, after);
        worker.killAt = now + config.killGrace().toNanos();
        after.then(worker::terminate);
        due(worker.killAt);
    }

    /** SIGKILL now. */
    void kill(WorkerHandle worker, ExitReason why, Aftermath after) {
        dispatcher.lost(worker, why, after);
        worker.killed = true;
        worker.killAt = ticker.nanos() + AGAIN_NANOS;
        after.then(worker::kill);
    }

    private void lookAtMemory() {
        boolean limited = config.softMemory() > 0 || config.hardMemory() > 0;
        Map<WorkerHandle, Optional<Call>> seen = new LinkedHashMap<>();
        dispatcher.lock.lock();
        try {
            for (WorkerHandle worker : dispatcher.workers) {
                Call head = worker.inFlight.peek();
                if (limited || (head != null && head.options.memory() > 0)) {
                    seen.put(worker, Optional.ofNullable(head));
                }
            }
            if (seen.isEmpty()) {
                return;
            }
            if (ticker.nanos() < nextMemoryLook) {
                due(nextMemoryLook);
                return;
            }
            nextMemoryLook = ticker.nanos() + MEMORY_LOOK_NANOS;
        } finally {
            dispatcher.lock.unlock();
        }
        seen.keySet().forEach(WorkerHandle::lookAtMemory);
        Aftermath after = new Aftermath(dispatcher.listener);
        dispatcher.lock.lock();
        try {
            for (WorkerHandle worker : seen.keySet()) {
                boolean alive =
                        worker.state.serves() || worker.state instanceof WorkerState.Retiring;
                Call head = worker.inFlight.peek();
                // a call that has begun since then was not looked at
                boolean same = seen.get(worker).equals(Optional.ofNullable(head));
                long limit = worker.memoryLimit(same ? head : null);
                if (alive && limit > 0 && worker.residentSeen > limit) {
                    kill(worker, ExitReason.MEMORY, after);
                } else if (alive
                        && config.softMemory() > 0
                        && worker.residentSeen > config.softMemory()
                        && worker.ended > 0 // one that has it from birth would be no better
                        && worker.leaving == null) {
                    worker.leaving = ExitReason.SOFT_MEMORY;
                }
            }
        } finally {
            dispatcher.lock.unlock();
            after.runWithoutWriting();
        }
    }

    // Staffing

    /** Starts and retires workers so that there are as many as there should be. */
    private void staff(long now, Aftermath after) {
        freeSlots();
        if (config.softMemory() > 0 || config.hardMemory() > 0) {
            due(nextMemoryLook);
        }
        boolean winding =
                dispatcher.state() == PoolState.TERMINATED
                        || (dispatcher.state() == PoolState.CLOSED && !dispatcher.hasWork());
        if (winding) {
            dispatcher.growable = false;
            for (WorkerHandle worker : List.copyOf(dispatcher.workers)) {
                if (worker.state.serves()) {
                    dispatcher.retire(worker, ExitReason.TERMINATED, after);
                }
            }
            return;
        }
        List<WorkerHandle> serving = new ArrayList<>();
        List<WorkerHandle> spares = new ArrayList<>();
        int starting = 0;
        for (WorkerHandle worker : dispatcher.workers) {
            boolean newer = failures > 0 && worker.startedAt > lastFailure;
            if (newer
                    && worker.wasReady
                    && (worker.ended > 0 || now - worker.readyAt >= INFANCY_NANOS)) {
                failures = 0;
            }
            if (worker.state.serves()) {
                (worker.spare ? spares : serving).add(worker);
                starting += !worker.spare && worker.state instanceof WorkerState.Starting ? 1 : 0;
            }
        }
        markAged(serving, now);
        markAged(spares, now);
        grow(serving, spares, starting, now, after);
        shrink(serving, now, after);
        roll(serving, now, after);
        for (WorkerHandle worker : List.copyOf(spares)) {
            if (worker.leaving != null) {
                dispatcher.retire(worker, worker.leaving, after);
                spares.remove(worker);
            }
        }
        int ready = 0;
        for (WorkerHandle worker : serving) {
            ready += worker.state instanceof WorkerState.Starting ? 0 : 1;
        }
        dispatcher.startedOnce |= ready >= dispatcher.minProcesses;
        dispatcher.growable = !dispatcher.isPaused() && serving.size() < dispatcher.processes;
    }

    private void grow(
            List<WorkerHandle> serving,
            List<WorkerHandle> spares,
            int starting,
            long now,
            Aftermath after) {
        // a broken pool takes no calls, so without a worker it would never learn that it could
        int least =
                dispatcher.state() == PoolState.BROKEN
                        ? Math.max(1, dispatcher.minProcesses)
                        : dispatcher.minProcesses;
        // who waits for the worker of his key is not helped by another
        int waiting = dispatcher.isPaused() ? 0 : dispatcher.line.size();
        int wanted = Math.max(least - serving.size(), waiting - starting);
        wanted = Math.min(wanted, dispatcher.processes - serving.size());
        for (Iterator<WorkerHandle> warm = spares.iterator(); wanted > 0 && warm.hasNext(); ) {
            WorkerHandle worker = warm.next();
            if (worker.state instanceof WorkerState.Idle && worker.leaving == null) {
                warm.remove();
                worker.spare = false;
                serving.add(worker);
                dispatcher.feed(worker, after);
                wanted--;
            }
        }
        for (; wanted > 0 && mayStart(now); wanted--) {
            serving.add(hire(false, now, after));
        }
        for (int more = config.spares() - spares.size(); more > 0 && mayStart(now); more--) {
            spares.add(hire(true, now, after));
        }
    }

    /**
     * After a failure only one start is tried at a time, and not before its time. One that is about
     * to be counted is waited for, or its successor would be started without a pause.
     */
    private boolean mayStart(long now) {
        if (dispatcher.workers.stream().anyMatch(worker -> isDyingYoung(worker, now))) {
            return false; // when it is gone there is another pass
        }
        if (failures == 0) {
            return true;
        }
        if (now < nextStart) {
            due(nextStart);
            return false;
        }
        return dispatcher.workers.stream()
                .noneMatch(worker -> worker.state instanceof WorkerState.Starting);
    }

    private static boolean isDyingYoung(WorkerHandle worker, long now) {
        return worker.state instanceof WorkerState.Killed(var why)
                && isFailedStart(worker, why, now);
    }

    /** Whether it died of itself before it was of any use. */
    private static boolean isFailedStart(WorkerHandle worker, ExitReason why, long now) {
        boolean ofItself =
                switch (why) {
                    case START_FAILED, CRASHED, MEMORY, BROKEN_PROTOCOL, HEARTBEAT -> true;
                    case MAX_TASKS, MAX_AGE, SOFT_MEMORY, IDLE, RECYCLED -> false;
                    case TIMED_OUT, CANCELLED, TERMINATED, KILLED -> false;
                };
        return ofItself
                && worker.assigned == 0
                && (!worker.wasReady || now - worker.readyAt < INFANCY_NANOS);
    }

    private WorkerHandle hire(boolean spare, long now, Aftermath after) {
        int slot = slots.nextClearBit(1);
        slots.set(slot);
        WorkerHandle worker = new WorkerHandle(dispatcher, slot, now);
        worker.spare = spare;
        worker.maxTasks = maxTasks();
        dispatcher.workers.add(worker);
        after.then(() -> Threads.own(worker.id + "-starter", worker::start));
        due(now + config.startTimeout().toNanos());
        return worker;
    }

    /** How many calls one worker may serve, by today's settings. */
    private int maxTasks() {
        if (dispatcher.maxTasksPerChild == 0) {
            return 0;
        }
        long jitter = ThreadLocalRandom.current().nextLong(config.maxTasksJitter() + 1L);
        return (int) Math.min(Integer.MAX_VALUE, dispatcher.maxTasksPerChild + jitter);
    }

    private void markAged(List<WorkerHandle> workers, long now) {
        if (config.maxAge().isZero()) {
            return;
        }
        for (WorkerHandle worker : workers) {
            long limit = worker.startedAt + config.maxAge().toNanos();
            if (now < limit) {
                due(limit);
            } else if (worker.leaving == null) {
                worker.leaving = ExitReason.MAX_AGE;
            }
        }
    }

    /** Sends away those above the number, and those not needed for long. */
    private void shrink(List<WorkerHandle> serving, long now, Aftermath after) {
        int most = dispatcher.processes + (successor == null ? 0 : 1);
        List<WorkerHandle> byUse = new ArrayList<>(serving);
        byUse.sort((a, b) ->
                Boolean.compare(
                        b.state instanceof WorkerState.Idle, a.state instanceof WorkerState.Idle));
        for (WorkerHandle worker : byUse) {
            if (serving.size() <= most) {
                break;
            }
            serving.remove(worker);
            dispatcher.retire(worker, ExitReason.IDLE, after);
        }
        List<WorkerHandle> idle = new ArrayList<>(dispatcher.idle);
        for (WorkerHandle worker : idle.reversed()) { // the least recently used first
            if (serving.size() <= dispatcher.minProcesses) {
                break;
            }
            long limit = worker.idleSince + config.idleTimeout().toNanos();
            if (now >= limit) {
                serving.remove(worker);
                dispatcher.retire(worker, ExitReason.IDLE, after);
            } else {
                due(limit);
            }
        }
    }

    /** Replaces those that shall leave, one at a time, each when its successor is ready. */
    private void roll(List<WorkerHandle> serving, long now, Aftermath after) {
        WorkerHandle fresh = successor;
        if (fresh != null && !fresh.state.serves()) {
            successor = null; // it died: the next pass tries another
            fresh = null;
        }
        WorkerHandle leaver = null;
        for (WorkerHandle worker : serving) {
            if (worker.leaving != null
                    && !(worker.state instanceof WorkerState.Starting)
                    && (leaver == null || worker.state instanceof WorkerState.Idle)) {
                leaver = worker;
            }
        }
        if (leaver == null) {
            if (fresh != null && !(fresh.state instanceof WorkerState.Starting)) {
                successor = null;
            }
            return;
        }
        if (fresh == null) {
            if (mayStart(now)) {
                successor = hire(false, now, after);
                serving.add(successor);
            }
        } else if (!(fresh.state instanceof WorkerState.Starting)) {
            successor = null;
            ExitReason why = leaver.leaving;
            if (why != null) {
                serving.remove(leaver);
                dispatcher.retire(leaver, why, after);
                dispatcher.wakeSupervisor();
            }
        }
    }

    // Deaths

    /** Frees the slots of workers that are gone. */
    private void freeSlots() {
        BitSet taken = new BitSet();
        dispatcher.workers.forEach(worker -> taken.set(worker.slot));
        slots.and(taken);
    }

    /**
     * A worker is gone. Under the lock. One that never was ready, or died at once without a call,
     * is a failed start: the next one is put off, and after too many in a row the pool is broken.
     */
    private void mourn(WorkerHandle worker, ExitReason why, int exitCode, Aftermath after) {
        long now = ticker.nanos();
        // Of several that were started together only one counts: "in a row" means after each other.
        if (!isFailedStart(worker, why, now) || (failures > 0 && worker.startedAt <= lastFailure)) {
            return;
        }
        lastFailure = now;
        failures++;
        Duration pause = Backoff.START.delay(failures);
        nextStart = now + pause.toNanos();
        String trouble = worker.startTrouble(why, exitCode);
        LOG.log(
                System.Logger.Level.WARNING,
                "worker {0} could not be started ({1} in a row), next try in {2}: {3}",
                worker.id,
                failures,
                CallException.words(pause),
                trouble);
        boolean nobodyServes =
                dispatcher.workers.stream()
                        .noneMatch(w ->
                                w.state.serves() && !(w.state instanceof WorkerState.Starting));
        if (failures >= config.startFailures() && nobodyServes) {
            String cause =
                    "%d starts in a row failed, the last one: %s".formatted(failures, trouble);
            switch (dispatcher.state()) {
                case RUNNING, PAUSED -> {
                    dispatcher.become(PoolState.BROKEN, cause, after);
                    dispatcher.abandonAll(
                            "pool '%s' cannot start workers: %s".formatted(config.name(), cause),
                            false,
                            after);
                }
                case CLOSED ->
                        dispatcher.abandonAll(
                                "pool '%s' cannot start workers: %s"
                                        .formatted(config.name(), cause),
                                false,
                                after);
                case BROKEN, TERMINATED -> {}
            }
        }
    }

    private void finishRollings(Aftermath after) {
        for (Iterator<Rolling> all = rollings.iterator(); all.hasNext(); ) {
            Rolling rolling = all.next();
            rolling.old().removeIf(worker -> !dispatcher.workers.contains(worker));
            if (rolling.old().isEmpty()) {
                all.remove();
                after.then(() -> rolling.done().complete(null));
            }
        }
    }

    private void finish(Aftermath after) {
        boolean ending =
                dispatcher.state() == PoolState.CLOSED
                        || dispatcher.state() == PoolState.TERMINATED;
        if (ending && dispatcher.workers.isEmpty() && !dispatcher.hasWork()) {
            over = true;
            dispatcher.become(PoolState.TERMINATED, "", after);
            for (Rolling rolling : rollings) {
                after.then(() -> rolling.done().complete(null));
            }
            rollings.clear();
        }
    }

    // Orders

    /** Replaces all workers there are now, one after the other. */
    CompletableFuture<Void> recycle() {
        dispatcher.lock.lock();
        try {
            if (over) {
                return CompletableFuture.completedFuture(null); // nobody is left to be replaced
            }
            CompletableFuture<Void> done = new CompletableFuture<>();
            List<WorkerHandle> old = new ArrayList<>(dispatcher.workers);
            for (WorkerHandle worker : old) {
                if (worker.leaving == null) {
                    worker.leaving = ExitReason.RECYCLED;
                }
            }
            rollings.add(new Rolling(old, done));
            dispatcher.wakeSupervisor();
            return done;
        } finally {
            dispatcher.lock.unlock();
        }
    }

    /**
     * Replaces one worker.
     *
     * @return whether it is there
     */
    boolean recycle(String id) {
        dispatcher.lock.lock();
        try {
            WorkerHandle worker = named(id);
            if (worker == null) {
                return false;
            }
            if (worker.leaving == null) {
                worker.leaving = ExitReason.RECYCLED;
            }
            dispatcher.wakeSupervisor();
            return true;
        } finally {
            dispatcher.lock.unlock();
        }
    }

    /** Under the lock: the worker of that slot, also one that is about to leave. */
    private @Nullable WorkerHandle named(String id) {
        for (WorkerHandle worker : dispatcher.workers) {
            if (worker.id.equals(id)) {
                return worker;
            }
        }
        return null;
    }

    /**
     * Changes all of it or, throwing, nothing; for a pool that has ended it makes no difference.
     */
    void resize(int processes) {
        Aftermath after = new Aftermath(dispatcher.listener);
        PoolChange change = PoolChange.NONE.processes(processes);
        dispatcher.lock.lock();
        try {
            apply(change, after);
        } finally {
            dispatcher.lock.unlock();
            after.runWithoutWriting();
        }
    }

    /** Changes all of it or, throwing, nothing. */
    void reconfigure(PoolChange change) {
        Aftermath after = new Aftermath(dispatcher.listener);
        dispatcher.lock.lock();
        try {
            switch (dispatcher.state()) {
                case CLOSED, TERMINATED -> throw new PoolRejectedException.Closed(config.name());
                case RUNNING, PAUSED, BROKEN -> apply(change, after);
            }
        } finally {
            dispatcher.lock.unlock();
            after.runWithoutWriting();
        }
    }

    private void apply(PoolChange change, Aftermath after) {
        int processes = change.processes().orElse(dispatcher.processes);
        int follows =
                dispatcher.minProcesses == dispatcher.processes
                        ? processes
                        : Math.min(dispatcher.minProcesses, processes);
        int minProcesses = change.minProcesses().orElse(follows);
        PoolConfig.between("minProcesses", minProcesses, 0, processes);
        // nothing is refused from here on
        dispatcher.processes = processes;
        dispatcher.minProcesses = minProcesses;
        change.queueLimit()
                .ifPresent(limit -> {
                    dispatcher.queueLimit = limit;
                    dispatcher.room.signalAll();
                });
        change.maxTasksPerChild()
                .ifPresent(most -> {
                    dispatcher.maxTasksPerChild = most;
                    for (WorkerHandle worker : List.copyOf(dispatcher.workers)) {
                        worker.maxTasks = maxTasks();
                        heedMaxTasks(worker, after);
                    }
                });
        dispatcher.wakeSupervisor();
    }

    /**
     * Sees a worker off whose limit was lowered below what it has served: a busy one when its call
     * has ended, one that waits as soon as there is a successor; one that is leased leaves after
     * its lease in any case.
     */
    private void heedMaxTasks(WorkerHandle worker, Aftermath after) {
        boolean over = worker.maxTasks > 0 && worker.assigned >= worker.maxTasks;
        if (!over) {
            if (worker.leaving == ExitReason.MAX_TASKS) {
                worker.leaving = null;
            }
        } else if (worker.state instanceof WorkerState.Busy) {
            dispatcher.retire(worker, ExitReason.MAX_TASKS, after);
        } else if (worker.state instanceof WorkerState.Idle && worker.leaving == null) {
            worker.leaving = ExitReason.MAX_TASKS;
        }
    }

    /** Kills one worker. */
    boolean kill(long pid) {
        return kill(worker -> worker.pid() == pid);
    }

    /** Kills one worker. */
    boolean kill(String id) {
        return kill(worker -> worker.id.equals(id));
    }

    private boolean kill(Predicate<WorkerHandle> which) {
        Aftermath after = new Aftermath(dispatcher.listener);
        dispatcher.lock.lock();
        try {
            for (WorkerHandle worker : dispatcher.workers) {
                if (which.test(worker)) {
                    kill(worker, ExitReason.KILLED, after);
                    return true;
                }
            }
            return false;
        } finally {
            dispatcher.lock.unlock();
            after.runWithoutWriting();
        }
    }

    /**
     * Asks a worker for its threads. One question at a time: who asks while it is open gets the
     * answer, too, so a worker that is silent for long collects none.
     *
     * @return its answer; completed with a NoSuchElementException if it dies before
     * @throws NoSuchElementException if there is no such worker
     */
    CompletableFuture<String> threads(String id) {
        Aftermath after = new Aftermath(dispatcher.listener);
        dispatcher.lock.lock();
        try {
            WorkerHandle worker = named(id);
            if (worker == null) {
                throw new NoSuchElementException(
                        "pool '%s' has no worker '%s' now".formatted(config.name(), id));
            }
            CompletableFuture<String> answer = worker.dump;
            if (answer == null) {
                answer = new CompletableFuture<>();
                worker.dump = answer;
                worker.dumpNonce = dispatcher.nextId(); // no call has it
                worker.countReasonsToRead();
                worker.tell(new Message.DumpThreads(worker.dumpNonce));
                after.flush(worker);
            }
            return answer.copy();
        } finally {
            dispatcher.lock.unlock();
            after.runWithoutWriting();
        }
    }

    void pause(boolean wanted) {
        Aftermath after = new Aftermath(dispatcher.listener);
        dispatcher.lock.lock();
        try {
            dispatcher.pause(wanted, after);
        } finally {
            dispatcher.lock.unlock();
            after.runWithoutWriting();
        }
    }

    void close() {
        Aftermath after = new Aftermath(dispatcher.listener);
        dispatcher.lock.lock();
        try {
            switch (dispatcher.state()) {
                case RUNNING, PAUSED, BROKEN -> {
                    dispatcher.become(PoolState.CLOSED, "", after);
                    dispatcher.handOut(after); // what a pause has held back
                }
                case CLOSED, TERMINATED -> {}
            }
        } finally {
            dispatcher.lock.unlock();
            after.runWithoutWriting();
        }
    }

    void terminate(String why) {
        Aftermath after = new Aftermath(dispatcher.listener);
        dispatcher.lock.lock();
        try {
            if (dispatcher.state() != PoolState.TERMINATED) {
                dispatcher.become(PoolState.TERMINATED, "", after);
                dispatcher.abandonAll(why, true, after);
                for (WorkerHandle worker : List.copyOf(dispatcher.workers)) {
                    kill(worker, ExitReason.TERMINATED, after);
                }
                dispatcher.wakeSupervisor();
            }
        } finally {
            dispatcher.lock.unlock();
            after.runWithoutWriting();
        }
    }

    /**
     * Waits for the end.
     *
     * @return whether it has come
     */
    boolean join(Duration patience) throws InterruptedException {
        long limit = ticker.nanos() + Result.saturated(patience);
        dispatcher.lock.lock();
        try {
            switch (dispatcher.state()) {
                case RUNNING, PAUSED, BROKEN ->
                        throw new IllegalStateException(
                                "pool '%s' is still open: close() or terminate() it before join()"
                                        .formatted(config.name()));
                case CLOSED, TERMINATED -> {}
            }
            while (!over) {
                long left = limit - ticker.nanos();
                if (left <= 0) {
                    return false;
                }
                dispatcher.changed.await(left, TimeUnit.NANOSECONDS);
            }
            return true;
        } finally {
            dispatcher.lock.unlock();
        }
    }

    /** Waits until the pool has been complete once. */
    boolean awaitReady(Duration patience) throws InterruptedException {
        long limit = ticker.nanos() + Result.saturated(patience);
        dispatcher.lock.lock();
        try {
            while (!dispatcher.startedOnce) {
                if (dispatcher.state() == PoolState.BROKEN) {
                    throw new PoolRejectedException.Broken(
                            "pool '%s' cannot start workers: %s"
                                    .formatted(config.name(), dispatcher.cause()));
                }
                long left = limit - ticker.nanos();
                if (left <= 0 || dispatcher.state() == PoolState.TERMINATED) {
                    return false;
                }
                dispatcher.changed.await(left, TimeUnit.NANOSECONDS);
            }
            return true;
        } finally {
            dispatcher.lock.unlock();
        }
    }
}
