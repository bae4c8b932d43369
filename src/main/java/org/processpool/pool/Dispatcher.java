package org.processpool.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.wire.Failure;
import org.processpool.wire.Message;
import org.processpool.wire.ProtocolException;
import org.processpool.wire.Target;
import org.processpool.wire.TaskDescription;

/**
 * Pairs what waits with workers, and keeps the books of both under one lock.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>An accepted call is in exactly one place: in a line, in one worker's {@code inFlight},
 *       among those put off for a retry, or ended.
 *   <li>A worker runs its {@code inFlight} calls in order, so the head is the only one that may
 *       have started; when a worker dies the others are handed on.
 *   <li>A worker is in {@code idle} exactly when its state is Idle and it is no spare.
 *   <li>While the pool is paused nothing leaves a line but by its end; what a worker or a lease
 *       holds already goes on.
 *   <li>Under the lock nothing is read, written or waited for; what has to be done goes into an
 *       {@link Aftermath}.
 * </ul>
 */
final class Dispatcher {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    /** Calls at most this large may be sent ahead: together they never fill a pipe. */
    private static final int AHEAD_BYTES_EACH = 4 << 10;

    private static final int AHEAD_BYTES = 32 << 10;
    private static final int AHEAD_CALLS = 256;

    /** Only calls shorter than this, on average, are worth sending ahead. */
    private static final long SHORT_NANOS = 200_000;

    /** Most work sent ahead to one worker. */
    private static final long AHEAD_NANOS = 1_000_000;

    /** So many keys of affinity are remembered. */
    private static final int KEYS = 10_000;

    /** Earlier than any time of the ticker. */
    private static final long NOW = 0;

    final ReentrantLock lock = new ReentrantLock();
    final PoolConfig config;
    final PoolListener listener;
    final Ticker ticker;

    /** The first word to every worker. */
    final Message.Hello hello;

    final Set<WorkerHandle> workers = new LinkedHashSet<>();

    /** Workers that wait, the most recently used first. */
    final ArrayDeque<WorkerHandle> idle = new ArrayDeque<>();

    final Line line = new Line();

    /** Calls whose worker died and that run again later. */
    final PriorityQueue<Delayed> delayed =
            new PriorityQueue<>(Comparator.comparingLong(Delayed::due));

    final Condition room = lock.newCondition();
    final Condition changed = lock.newCondition();

    private final Map<String, WorkerHandle> affinity =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, WorkerHandle> eldest) {
                    return size() > KEYS;
                }
            };
    private final AtomicLong ids = new AtomicLong();
    private final Map<Target, Integer> targetIds = new ConcurrentHashMap<>();
    private final AtomicInteger nextTargetId = new AtomicInteger();
    private final Map<String, Long> endedBy = new HashMap<>();
    private final Map<ExitReason, Long> exits = new EnumMap<>(ExitReason.class);

    /** How the last worker of a slot ended. */
    private final Map<Integer, PoolSnapshot.Exit> lastExits = new HashMap<>();

    private PoolSnapshot.@Nullable Exit lastExit;

    /** Where the supervisor sleeps, and until when it means to, by the ticker. */
    final Condition alarm = lock.newCondition();

    long nextPass = NOW;

    /** Whether the supervisor could start a worker for somebody who waits. */
    boolean growable = true;

    /** Nobody in a line gives up before this time. */
    long nextGiveUp = Long.MAX_VALUE;

    /** Calls in workers' own lines, waiting for the worker of their key. */
    private int waitingForKey;

    private @Nullable List<TaskDescription> offered;
    private long rejected;
    private long kernelKills = Memory.kernelKills();
    private PoolState state = PoolState.RUNNING;
    private String cause = "";

    /** Whether somebody paused the pool; while it is broken, what it goes back to. */
    private boolean paused;

    int processes;
    int minProcesses;
    int maxTasksPerChild;
    int queueLimit;
    boolean startedOnce;

    /** Who hears under the lock that a worker is gone, before its calls are seen to. */
    interface Obituary {
        void read(WorkerHandle worker, ExitReason why, int exitCode, Aftermath after);
    }

    Obituary mourner = (_, _, _, _) -> {};

    /** A call that runs again later. */
    record Delayed(long due, Call call) {}

    Dispatcher(PoolConfig config, PoolListener listener, Ticker ticker) {
        this.config = config;
        this.listener = listener;
        this.ticker = ticker;
        this.hello = hello(config);
        this.processes = config.processes();
        this.minProcesses = config.minProcesses();
        this.maxTasksPerChild = config.maxTasksPerChild();
        this.queueLimit = config.queueLimit();
    }

    /**
     * @throws IllegalArgumentException if the initializer's arguments cannot travel
     */
    private static Message.Hello hello(PoolConfig config) {
        Payload arguments = null;
        if (config.initializer().isPresent()) {
            arguments = Encoding.arguments(config.initArgs());
            if (arguments.size() > config.maxPayload()) {
                throw new IllegalArgumentException(
                        "initArgs have %,d bytes, over maxPayload of %,d"
                                .formatted(arguments.size(), config.maxPayload()));
            }
        }
        return new Message.Hello(
                Message.PROTOCOL,
                config.maxPayload(),
                WorkerHandle.SPIN_NANOS,
                config.offerTrouble(),
                config.initializer().map(Work::target).orElse(null),
                arguments);
    }

    long nextId() {
        return ids.incrementAndGet();
    }

    /** The first of so many numbers in a row. */
    long nextIds(int count) {
        return ids.getAndAdd(count) + 1;
    }

    PoolState state() {
        return state;
    }

    String cause() {
        return cause;
    }

    int waiting() {
        return line.size() + waitingForKey;
    }

    // Submitting

    /**
     * Accepts calls, all or none, and gives them to workers or into the line.
     *
     * @throws PoolRejectedException if they are not accepted
     */
    void submit(List<Call> calls) {
        submit(calls, !calls.isEmpty() && calls.getFirst().options.waitForRoom());
    }

    /**
     * As {@link #submit(List)}, but a line that is full refuses without being counted as such.
     *
     * @return whether they were accepted
     */
    boolean submitIfRoom(List<Call> calls) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            if ((state == PoolState.RUNNING || state == PoolState.PAUSED) && !hasRoom()) {
                return false;
            }
            admit(calls.size(), false, after);
            calls.forEach(call -> place(call, after));
            return true;
        } finally {
            lock.unlock();
            after.run();
        }
    }

    /** As {@link #submit(List)}, but waits for room even if the pool refuses others. */
    void submitWhenRoom(List<Call> calls) {
        submit(calls, true);
    }

    private void submit(List<Call> calls, boolean waits) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            admit(calls.size(), waits, after);
            calls.forEach(call -> place(call, after));
        } finally {
            lock.unlock();
            after.run();
        }
    }

    /**
     * As {@link #submit(List)} for one call.
     *
     * @param callerReads whether this thread will look for the answer by itself
     * @return the worker it went to at once, or null if it waits
     */
    @Nullable WorkerHandle submit(Call call, boolean callerReads) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            admit(1, call.options.waitForRoom(), after);
            place(call, after);
            WorkerHandle worker = call.worker;
            if (callerReads && worker != null) {
                worker.announceCaller();
            }
            return worker;
        } finally {
            lock.unlock();
            if (callerReads) {
                after.runAsReader();
            } else {
                after.run();
            }
        }
    }

    /** Accepts a request for a lease, or throws. */
    void submit(Grant grant) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            admit(1, grant.waitsForRoom, after);
            WorkerHandle worker = host(grant);
            if (worker != null) {
                grant(worker, grant, after);
            } else {
                join(line, grant);
            }
        } finally {
            lock.unlock();
            after.run();
        }
    }

    private void admit(int count, boolean waits, Aftermath after) {
        try {
            while (true) {
                switch (state) {
                    case CLOSED, TERMINATED ->
                            throw new PoolRejectedException.Closed(config.name());
                    case BROKEN ->
                            throw new PoolRejectedException.Broken(
                                    "pool '%s' cannot start workers: %s"
                                            .formatted(config.name(), cause));
                    case RUNNING, PAUSED -> {}
                }
                if (count == 0 || hasRoom()) {
                    return;
                }
                if (!waits && config.whenFull() == PoolConfig.WhenFull.REFUSE) {
                    throw full();
                }
                try {
                    room.await();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt(); // the caller sees both
                    throw full();
                }
            }
        } catch (PoolRejectedException refused) {
            rejected++;
            after.tell(l -> l.callRejected(refused));
            throw refused;
        }
    }

    private boolean hasRoom() {
        boolean served = state == PoolState.RUNNING;
        return waiting() < queueLimit || (served && (!idle.isEmpty() || waiting() < coming()));
    }

    /**
     * Workers that are starting or may still be started: who waits for them needs no place in line.
     */
    private int coming() {
        int serving = 0;
        int starting = 0;
        for (WorkerHandle worker : workers) {
            if (worker.state.serves() && !worker.spare) {
                serving++;
                starting += worker.state instanceof WorkerState.Starting ? 1 : 0;
            }
        }
        return starting + Math.max(0, processes - serving);
    }

    private PoolRejectedException.QueueFull full() {
        int serving = 0;
        int busy = 0;
        for (WorkerHandle worker : workers) {
            if (worker.state.serves()) {
                serving++;
                busy += worker.state instanceof WorkerState.Idle ? 0 : 1;
            }
        }
        return new PoolRejectedException.QueueFull(
                config.name(), busy, serving, waiting(), queueLimit);
    }

    /** Gives a call to a worker that can take it, or into a line. */
    void place(Call call, Aftermath after) {
        Optional<String> key = call.options.affinityKey();
        if (key.isPresent()) {
            WorkerHandle home = affinity.get(key.get());
            if (home != null && home.state.serves()) {
                if (home.state instanceof WorkerState.Idle && !isPaused()) {
                    idle.remove(home);
                    assign(home, call, after);
                } else {
                    join(home.own, call);
                    waitingForKey++;
                }
                return;
            }
        }
        WorkerHandle worker = line.isEmpty() ? workerFor(call) : null;
        if (worker != null) {
            assign(worker, call, after);
        } else {
            join(line, call);
        }
    }

    private void join(Line where, Waiter waiter) {
        where.add(waiter);
        nextGiveUp = Math.min(nextGiveUp, waiter.giveUpAt);
        wakeSupervisorBy(growable ? NOW : waiter.giveUpAt);
    }

    /** The supervisor has something to do. */
    void wakeSupervisor() {
        wakeSupervisorBy(NOW);
    }

    /** The supervisor will have something to do at that time. */
    void wakeSupervisorBy(long nanos) {
        if (nanos < nextPass) {
            nextPass = nanos;
            alarm.signal();
        }
    }

    /**
     * The most recently used idle worker. If none is idle, one that has so little in hand that the
     * call is better sent ahead than kept; a longer backlog is better kept in the line, from where
     * a worker's reader takes it in batches.
     */
    private @Nullable WorkerHandle workerFor(Call call) {
        if (isPaused()) {
            return null;
        }
        WorkerHandle worker = call.options.memory() > 0 ? slimIdle(call) : idle.poll();
        if (worker != null) {
            return worker;
        }
        if (call.size() <= AHEAD_BYTES_EACH && !call.alone) {
            for (WorkerHandle busy : workers) {
                if (busy.inFlight.size() < 4 && takesAhead(busy)) {
                    return busy;
                }
            }
        }
        return null;
    }

    /** An idle worker, if possible one that is not over the call's memory limit already. */
    private @Nullable WorkerHandle slimIdle(Call call) {
        for (WorkerHandle worker : idle) {
            if (worker.residentSeen <= call.options.memory()) {
                idle.remove(worker);
                return worker;
            }
        }
        return idle.poll();
    }

    /** Never behind a call that has run for long: what lies there could not be recalled again. */
    private boolean takesAhead(WorkerHandle worker) {
        return worker.state instanceof WorkerState.Busy
                && worker.leaving == null
                && worker.verdict == null
                && !worker.recalled
                && (worker.averageRun < SHORT_NANOS || isWorthOneAhead(worker))
                && worker.inFlight.size() < aheadDepth(worker)
                && worker.bytesInFlight < AHEAD_BYTES
                && ticker.nanos() - worker.headSince < Supervisor.RECALL_AFTER_NANOS;
    }

    /**
     * Also with longer calls a worker that has to ask for each loses the time of two wake-ups, so
     * it gets one ahead while there is enough in the line for everybody.
     */
    private boolean isWorthOneAhead(WorkerHandle worker) {
        return worker.averageRun < Supervisor.RECALL_AFTER_NANOS && line.size() >= workers.size();
    }

    private static int aheadDepth(WorkerHandle worker) {
        long fit = AHEAD_NANOS / Math.max(1, worker.averageRun);
        long least = worker.averageRun < Supervisor.RECALL_AFTER_NANOS ? 2 : 0;
        return (int) Math.min(AHEAD_CALLS, Math.max(least, fit));
    }

    /** Writes a call into a worker's books and outbox. */
    void assign(WorkerHandle worker, Call call, Aftermath after) {
        worker.become(new WorkerState.Event.Assigned());
        call.options.affinityKey().ifPresent(key -> affinity.put(key, worker));
        call.begin(worker, ticker.nanos());
        worker.inFlight.add(call);
        worker.bytesInFlight += call.size();
        worker.assigned++;
        int targetId = 0;
        if (call.usesTargetId()) {
            Target target = call.target();
            targetId = targetIds.computeIfAbsent(target, _ -> nextTargetId.incrementAndGet());
            if (!worker.defined.get(targetId)) {
                worker.defined.set(targetId);
                worker.outbox.add(new Message.Define(targetId, target));
            }
        }
        worker.outbox.add(call.message(targetId));
        if (worker.inFlight.size() == 1) {
            worker.forgetWords(); // also of children and native code, which the worker cannot mark
            becomeHead(worker, call, call.sentAt, after);
        } else if (!call.isBound()) {
            wakeSupervisorBy(worker.headSince + Supervisor.RECALL_AFTER_NANOS);
        }
        worker.countReasonsToRead();
        if (worker.maxTasks > 0 && worker.assigned >= worker.maxTasks && !call.isBound()) {
            worker.become(new WorkerState.Event.Retire(ExitReason.MAX_TASKS));
            handOnOwn(worker, after);
            wakeSupervisor(); // the successor starts while the last call runs
        }
        after.flush(worker);
    }

    private void becomeHead(WorkerHandle worker, Call call, long now, Aftermath after) {
        worker.headSince = now;
        worker.recalled = false;
        worker.toldSinceHead = false;
        if (!call.timeout.isZero()) {
            wakeSupervisorBy(now + call.timeout.toNanos());
        }
        if (call.cancelled == AsyncResult.CancelMode.KILL) {
            worker.give(new Verdict(new Outcome.Cancelled(true), ExitReason.CANCELLED, now));
            wakeSupervisor();
        }
        if (call.options.memory() > 0) {
            wakeSupervisor();
        }
        if (call.audience != null) {
            call.audience.starts(worker, call, Duration.ofNanos(now - call.since), after);
        }
        after.tell(l ->
                l.callStarted(
                        call.target(),
                        worker.id,
                        worker.pid(),
                        Duration.ofNanos(now - call.since)));
    }

    // Serving

    /** Gives a worker that can take it what waits; or lets it be idle. */
    void feed(WorkerHandle worker, Aftermath after) {
        if (worker.spare && worker.state instanceof WorkerState.Idle) {
            return;
        }
        int before = waiting();
        boolean wasIdle = worker.state instanceof WorkerState.Idle;
        if (wasIdle) {
            idle.remove(worker);
        }
        while (true) {
            Waiter next = nextFor(worker);
            if (next == null) {
                break;
            }
            switch (worker.state) {
                case WorkerState.Idle _ -> {
                    leaveLine(next);
                    switch (next) {
                        case Call call -> assign(worker, call, after);
                        case Grant grant -> grant(worker, grant, after);
                    }
                    continue;
                }
                case WorkerState.Busy _ -> {
                    if (next instanceof Call call
                            && takesAhead(worker)
                            && !call.alone
                            && call.size() <= AHEAD_BYTES_EACH) {
                        leaveLine(next);
                        assign(worker, call, after);
                        continue;
                    }
                }
                case WorkerState.Leased _ -> {
                    if (next instanceof Grant grant && hosts(worker, grant)) {
                        leaveLine(next);
                        grant(worker, grant, after);
                        continue;
                    }
                }
                case WorkerState.Starting _,
                        WorkerState.Retiring _,
                        WorkerState.Stopping _,
                        WorkerState.Killed _,
                        WorkerState.Gone _ -> {}
            }
            break;
        }
        if (worker.state instanceof WorkerState.Idle) {
            worker.idleSince = ticker.nanos();
            idle.push(worker);
            room.signal();
            if (state != PoolState.RUNNING || worker.leaving != null) {
                wakeSupervisor();
            }
        }
        if (waiting() < before) {
            room.signalAll();
        }
    }

    /**
     * Who is next of the worker's own line and the common one; for a host of conversations, the
     * first who wants one. Nobody while the pool is paused.
     */
    private @Nullable Waiter nextFor(WorkerHandle worker) {
        if (isPaused()) {
            return null;
        }
        if (worker.state instanceof WorkerState.Leased) {
            return line.first(waiter -> waiter instanceof Grant);
        }
        Waiter own = worker.own.peek();
        Waiter common = line.peek();
        if (own == null) {
            return common;
        }
        boolean commonFirst =
                common != null
                        && (common.priority > own.priority
                                || (common.priority == own.priority && Line.isOlder(common, own)));
        return commonFirst ? common : own;
    }

    private void leaveLine(Waiter waiter) {
        Line at = waiter.line;
        if (at != null) {
            at.remove(waiter);
            if (at != line) {
                waitingForKey--;
            }
        }
    }

    // Leases

    private @Nullable WorkerHandle host(Grant grant) {
        if (isPaused() || line.first(waiter -> waiter instanceof Grant) != null) {
            return null; // first come, first served
        }
        for (WorkerHandle worker : workers) {
            if (worker.state instanceof WorkerState.Leased && hosts(worker, grant)) {
                return worker;
            }
        }
        return line.isEmpty() ? idle.poll() : null;
    }

    private boolean hosts(WorkerHandle worker, Grant grant) {
        return grant.conversation.isPresent()
                && !worker.exclusive
                && worker.leaving == null
                && worker.verdict == null
                && worker.inFlight.stream().allMatch(call -> worker.holds.contains(call.hold))
                && worker.holds.size() < config.conversationsPerWorker();
    }

    private void grant(WorkerHandle worker, Grant grant, Aftermath after) {
        if (worker.state instanceof WorkerState.Idle) {
            worker.become(new WorkerState.Event.LeaseBegan());
            worker.exclusive = grant.conversation.isEmpty();
        }
        Hold hold = new Hold(this, worker);
        worker.holds.add(hold);
        after.then(() -> grant.ending.granted(hold));
    }

    /**
     * Accepts a call of a lease, or tells that the lease is over.
     *
     * @param mayWrite whether this thread may wait for the worker
     */
    boolean submit(Hold hold, Call call, boolean mayWrite) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            WorkerHandle worker = hold.worker();
            boolean alive =
                    worker.state instanceof WorkerState.Leased
                            || worker.state instanceof WorkerState.Retiring;
            if (hold.isOver() || !alive || !worker.holds.contains(hold)) {
                return false;
            }
            assign(worker, call, after);
            return true;
        } finally {
            lock.unlock();
            if (mayWrite) {
                after.run();
            } else {
                after.runWithoutWriting();
            }
        }
    }

    /** Cancels what runs in a lease; the worker is ended only if it serves nobody else. */
    void cancelCallsOf(Hold hold) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            cancelCallsOf(hold, after);
        } finally {
            lock.unlock();
            after.runWithoutWriting();
        }
    }

    private void cancelCallsOf(Hold hold, Aftermath after) {
        WorkerHandle worker = hold.worker();
        for (Call call : List.copyOf(worker.inFlight)) {
            if (call.hold == hold) {
                cancel(
                        call,
                        worker.exclusive || config.conversationsPerWorker() == 1
                                ? AsyncResult.CancelMode.KILL
                                : AsyncResult.CancelMode.SOFT,
                        after);
            }
        }
    }

    /**
     * The lease is given back; what still runs in it is cancelled.
     *
     * @param last what its worker still has to do, or null; the worker serves nobody else before
     */
    void release(Hold hold, @Nullable Call last) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            WorkerHandle worker = hold.worker();
            if (!worker.holds.contains(hold)) {
                return;
            }
            cancelCallsOf(hold, after);
            if (last != null) {
                if (worker.state instanceof WorkerState.Leased
                        || worker.state instanceof WorkerState.Retiring) {
                    assign(worker, last, after);
                } else {
                    end(last, new Outcome.Abandoned("its worker has died"), after);
                }
            }
            worker.holds.remove(hold);
            emptied(worker, after);
        } finally {
            lock.unlock();
            after.runWithoutWriting();
        }
    }

    /**
     * What workers offer, which is the same for all and for ever since their class path is. Asks
     * one that is there, if possible an idle one, unless one has told before; null if none is
     * ready.
     */
    @Nullable CompletableFuture<List<TaskDescription>> describe() {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            if (offered != null) {
                return CompletableFuture.completedFuture(offered);
            }
            WorkerHandle asked = null;
            for (WorkerHandle worker : workers) {
                if (worker.state.serves()
                        && !(worker.state instanceof WorkerState.Starting)
                        && (asked == null || worker.state instanceof WorkerState.Idle)) {
                    asked = worker;
                }
            }
            if (asked == null) {
                return null;
            }
            if (!asked.describing) {
                asked.describing = true;
                asked.countReasonsToRead();
                asked.tell(new Message.Describe(0));
                after.flush(asked);
            }
            return asked.catalog.copy();
        } finally {
            lock.unlock();
            after.runWithoutWriting();
        }
    }

    // Hearing

    /**
     * Takes what a worker has said.
     *
     * @return what is to be done now, without the lock
     * @throws ProtocolException if it makes no sense
     */
    Aftermath heard(WorkerHandle worker, List<Message.ToParent> messages) throws ProtocolException {
        Aftermath after = new Aftermath(listener);
        Aftermath last = null;
        lock.lock();
        try {
            long now = ticker.nanos();
            worker.lastHeard = now;
            for (Message.ToParent message : messages) {
                heard(worker, message, now, after);
            }
            if (worker.inFlight.isEmpty()) {
                emptied(worker, after);
            } else if (worker.inFlight.size() <= aheadDepth(worker) / 2) {
                feed(worker, after);
            }
            worker.countReasonsToRead();
            return after;
        } catch (ProtocolException broken) {
            last = after; // what came before it counts
            throw broken;
        } finally {
            lock.unlock();
            if (last != null) {
                last.runOnReaderOf(worker);
            }
        }
    }

    private void heard(WorkerHandle worker, Message.ToParent message, long now, Aftermath after)
            throws ProtocolException {
        switch (message) {
            case Message.Ready(int protocol, _) -> {
                if (protocol != Message.PROTOCOL) {
                    throw new ProtocolException(
                            "worker speaks version %d, not %d"
                                    .formatted(protocol, Message.PROTOCOL));
                }
                if (!(worker.state instanceof WorkerState.Starting)) {
                    throw new ProtocolException("ready twice");
                }
                ready(worker, now, after);
            }
            case Message.InitFailed(Failure failure) -> worker.initFailure = failure;
            case Message.Done(long id, long nanos, var output) ->
                    answered(
                            worker,
                            id,
                            nanos,
                            new Outcome.Done(output, Duration.ofNanos(nanos)),
                            List.of(),
                            after);
            case Message.ChunkDone(long id, long nanos, int count, var outputs, var failures) -> {
                if (!(head(worker, id).body instanceof Call.Body.Chunk chunk)
                        || chunk.count() != count) {
                    throw new ProtocolException("chunk %d has other items".formatted(id));
                }
                answered(
                        worker,
                        id,
                        nanos,
                        new Outcome.Done(outputs, Duration.ofNanos(nanos)),
                        failures,
                        after);
            }
            case Message.Failed(long id, long nanos, Failure failure) ->
                    answered(
                            worker,
                            id,
                            nanos,
                            failure.kind() == Failure.Kind.CANCELLED
                                            && head(worker, id).cancelled != null
                                    ? new Outcome.Cancelled(true)
                                    : new Outcome.Failed(failure, Duration.ofNanos(nanos)),
                            List.of(),
                            after);
            case Message.Skipped(long id) -> skipped(worker, id, now, after);
            case Message.Progress(long id, long done, long total, var text) -> {
                Call call = worker.inFlight.peek();
                if (call != null && call.id == id && call.options.onProgress() != null) {
                    Progress news = new Progress(done, total, text);
                    tellCaller(call, call.options.onProgress(), news, after);
                } // else a thread of the task's went on after the call's end
            }
            case Message.Part(long id, var part) -> {
                Call call = worker.inFlight.peek();
                if (call != null && call.id == id && call.options.onPart() != null) {
                    tellCaller(call, call.options.onPart(), part, after);
                } // else as above
            }
            case Message.Said(long id, boolean error, String text) -> {
                Call call = head(worker, id);
                if (!call.mayPrint(text)) {
                    throw new ProtocolException(
                            "worker says that call %d prints more than it tells".formatted(id));
                }
                if (call.options.onOutput() != null) {
                    Output.Stream stream = error ? Output.Stream.STDERR : Output.Stream.STDOUT;
                    tellCaller(call, call.options.onOutput(), new Output(stream, text), after);
                }
            }
            case Message.Pong(_, long heapUsed) -> {
                if (!worker.pinged) {
                    throw new ProtocolException("a pong nobody asked for");
                }
                worker.pinged = false;
                worker.heapSeen = Math.max(0, heapUsed);
            }
            case Message.Threads(long nonce, String dump) -> {
                CompletableFuture<String> asked = worker.dump;
                if (asked != null && nonce == worker.dumpNonce) {
                    worker.dump = null;
                    after.then(() -> asked.complete(dump));
                } else {
                    worker.threads = dump;
                }
            }
            case Message.Catalog(_, var tasks) -> {
                worker.describing = false;
                offered = List.copyOf(tasks);
                after.then(() -> worker.catalog.complete(tasks));
            }
        }
    }

    private static <T> void tellCaller(
            Call call, @Nullable Consumer<T> listener, T news, Aftermath after) {
        if (!call.ended) { // else it was abandoned, and its worker is about to be killed
            after.thenInOrder(() -> {
                if (call.audience != null) {
                    call.audience.tellStarts();
                }
                WorkerHandle.tell(listener, news);
            });
        }
    }

    private static Call head(WorkerHandle worker, long id) throws ProtocolException {
        Call head = worker.inFlight.peek();
        if (head == null || head.id != id) {
            throw new ProtocolException(
                    "worker speaks of call %d while it runs %s"
                            .formatted(id, head == null ? "none" : head.id));
        }
        return head;
    }

    private void answered(
            WorkerHandle worker,
            long id,
            long nanos,
            Outcome outcome,
            List<Message.ItemFailure> failures,
            Aftermath after)
            throws ProtocolException {
        Call call = head(worker, id);
        worker.inFlight.poll();
        worker.bytesInFlight -= call.size();
        worker.ended++;
        // The first runs are slow and would hide a short task for long, hence the quick average.
        worker.averageRun =
                worker.ended == 1
                        ? Math.max(0, nanos)
                        : worker.averageRun + (Math.max(0, nanos) - worker.averageRun) / 4;
        Verdict verdict = worker.verdict;
        worker.verdict = null;
        call.failures = failures;
        end(call, verdict == null ? outcome : verdict.outcome(worker), after);
        Call next = worker.inFlight.peek();
        if (next != null) {
            becomeHead(worker, next, worker.lastHeard, after);
        }
    }

    private void skipped(WorkerHandle worker, long id, long now, Aftermath after)
            throws ProtocolException {
        Call head = worker.inFlight.peek();
        Call call = null;
        for (Iterator<Call> calls = worker.inFlight.iterator(); calls.hasNext(); ) {
            Call at = calls.next();
            if (at.id == id) {
                call = at;
                calls.remove();
                break;
            }
        }
        if (call == null || !call.maySkip) {
            throw new ProtocolException(
                    "worker skipped call %d, which it was not told to".formatted(id));
        }
        worker.bytesInFlight -= call.size();
        worker.assigned--;
        Verdict verdict = null;
        if (call == head) { // the worker was busy with something else than the call: it is innocent
            verdict = worker.verdict;
            worker.verdict = null;
            Call next = worker.inFlight.peek();
            if (next != null) {
                becomeHead(worker, next, now, after);
            }
        }
        if (verdict != null && call.cancelled == null && call.isBound()) {
            end(call, verdict.outcome(worker), after);
        } else {
            handBack(call, after);
        }
    }

    /** A call that was given to a worker and has not started. */
    private void handBack(Call call, Aftermath after) {
        call.worker = null;
        call.attempt--;
        if (call.cancelled != null) {
            end(call, new Outcome.Cancelled(false), after);
        } else if (call.isBound()) {
            end(call, new Outcome.Abandoned("its worker died before it started"), after);
        } else if (state == PoolState.TERMINATED) {
            end(call, new Outcome.Abandoned(terminated()), after);
        } else {
            line.putBack(call);
            nextGiveUp = Math.min(nextGiveUp, call.giveUpAt);
            WorkerHandle free = idle.peek();
            if (free != null) {
                feed(free, after);
            } else {
                wakeSupervisor();
            }
        }
    }

    private void ready(WorkerHandle worker, long now, Aftermath after) {
        worker.wasReady = true;
        worker.readyAt = now;
        worker.become(new WorkerState.Event.Ready());
        after.tell(l ->
                l.workerReady(worker.id, worker.pid(), Duration.ofNanos(now - worker.startedAt)));
        after.then(worker::watchInput);
        if (state == PoolState.BROKEN) {
            become(paused ? PoolState.PAUSED : PoolState.RUNNING, "", after);
        }
        changed.signalAll();
        wakeSupervisor();
    }

    /** A worker may hold nothing any more. */
    private void emptied(WorkerHandle worker, Aftermath after) {
        boolean wasIdle = worker.state instanceof WorkerState.Idle && idle.contains(worker);
        if (!worker.inFlight.isEmpty() || wasIdle) {
            return; // an answered heartbeat is no use, so it does not make it younger
        }
        if (worker.state instanceof WorkerState.Busy) {
            worker.become(new WorkerState.Event.Emptied());
        }
        if (worker.state instanceof WorkerState.Leased && worker.holds.isEmpty()) {
            worker.become(new WorkerState.Event.LeaseEnded());
            worker.exclusive = false;
            if (worker.maxTasks > 0 && worker.assigned >= worker.maxTasks) {
                worker.become(new WorkerState.Event.Retire(ExitReason.MAX_TASKS));
                handOnOwn(worker, after);
            }
        }
        if (worker.state instanceof WorkerState.Retiring && worker.holds.isEmpty()) {
            stop(worker, after);
        } else {
            feed(worker, after);
        }
    }

    /** Sends a worker that holds nothing away. */
    private void stop(WorkerHandle worker, Aftermath after) {
        worker.become(new WorkerState.Event.Stop());
        worker.stateSince = ticker.nanos();
        worker.outbox.add(new Message.Stop());
        after.flush(worker);
        wakeSupervisor();
    }

    /** Lets a worker leave once it holds nothing. */
    void retire(WorkerHandle worker, ExitReason why, Aftermath after) {
        idle.remove(worker);
        boolean starting = worker.state instanceof WorkerState.Starting;
        worker.become(new WorkerState.Event.Retire(why));
        worker.stateSince = ticker.nanos();
        handOnOwn(worker, after);
        if (starting) {
            worker.become(new WorkerState.Event.Kill(why)); // nothing to be polite about
            after.then(worker::kill);
        } else if (worker.inFlight.isEmpty() && worker.holds.isEmpty()) {
            stop(worker, after);
        }
    }

    private void handOnOwn(WorkerHandle worker, Aftermath after) {
        for (Waiter waiter : worker.own.all()) {
            leaveLine(waiter);
            place((Call) waiter, after);
        }
    }

    // Ending

    void end(Call call, Outcome outcome, Aftermath after) {
        if (call.ended) {
            return;
        }
        call.ended = true;
        leaveLine(call);
        endedBy.merge(outcome.word(), 1L, Long::sum);
        long now = ticker.nanos();
        long started = call.attempt == 0 ? now : call.sentAt;
        Duration ran =
                switch (outcome) {
                    case Outcome.Done done -> done.ran();
                    case Outcome.Failed failed -> failed.ran();
                    case Outcome.TimedOut _,
                            Outcome.QueueTimedOut _,
                            Outcome.Crashed _,
                            Outcome.MemoryExceeded _,
                            Outcome.Cancelled _,
                            Outcome.Abandoned _ ->
                            Duration.ofNanos(now - started);
                };
        call.worker = null;
        after.ended(call, outcome, Duration.ofNanos(started - call.since), ran);
    }

    /**
     * The caller wants it no more.
     *
     * @param grace how long it may take to give up; null as the pool says
     * @return whether it had not ended
     */
    boolean cancel(Call call, AsyncResult.CancelMode mode, @Nullable Duration grace) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            if (mode == AsyncResult.CancelMode.KILL) {
                hurry(call, grace == null ? config.cancelGrace() : grace);
            }
            return cancel(call, mode, after);
        } finally {
            lock.unlock();
            after.runWithoutWriting();
        }
    }

    private void hurry(Call call, Duration grace) {
        WorkerHandle worker = call.worker;
        Verdict verdict = worker != null && worker.inFlight.peek() == call ? worker.verdict : null;
        long asked = verdict == null ? 0 : Math.max(1, ticker.nanos() - verdict.since());
        call.hurry(grace, asked, config);
    }

    private boolean cancel(Call call, AsyncResult.CancelMode mode, Aftermath after) {
        if (call.ended) {
            return false;
        }
        WorkerHandle worker = call.worker;
        if (call.line != null) {
            end(call, new Outcome.Cancelled(false), after);
            room.signalAll();
        } else if (worker == null) {
            delayed.removeIf(later -> later.call() == call);
            end(call, new Outcome.Cancelled(true), after);
        } else {
            if (call.cancelled != AsyncResult.CancelMode.KILL) {
                call.cancelled = mode;
            }
            call.maySkip = true;
            worker.tell(new Message.Cancel(call.id));
            after.flush(worker);
            if (worker.inFlight.peek() == call && mode == AsyncResult.CancelMode.KILL) {
                worker.give(
                        new Verdict(
                                new Outcome.Cancelled(true), ExitReason.CANCELLED, ticker.nanos()));
                wakeSupervisor();
            }
        }
        return true;
    }

    /**
     * Leaves the line.
     *
     * @return whether it stood there
     */
    boolean cancel(Grant grant) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            if (grant.line == null) {
                return false;
            }
            leaveLine(grant);
            room.signalAll();
            after.then(() -> grant.ending.refused(new Outcome.Cancelled(false)));
            return true;
        } finally {
            lock.unlock();
            after.run();
        }
    }

    /** 1 for the first in line, 0 for one that does not stand there. */
    int place(Grant grant) {
        lock.lock();
        try {
            return grant.line == null
                    ? 0
                    : 1 + line.ahead(grant, waiter -> waiter instanceof Grant);
        } finally {
            lock.unlock();
        }
    }

    /** Ends those that have waited too long. */
    void expire(long now, Aftermath after) {
        if (now < nextGiveUp) {
            return;
        }
        nextGiveUp = Long.MAX_VALUE;
        List<Waiter> waiters = new ArrayList<>(line.all());
        workers.forEach(worker -> waiters.addAll(worker.own.all()));
        for (Waiter waiter : waiters) {
            if (waiter.giveUpAt > now) {
                nextGiveUp = Math.min(nextGiveUp, waiter.giveUpAt);
            } else {
                var outcome =
                        new Outcome.QueueTimedOut(Duration.ofNanos(waiter.giveUpAt - waiter.since));
                switch (waiter) {
                    case Call call -> end(call, outcome, after);
                    case Grant grant -> {
                        leaveLine(grant);
                        after.then(() -> grant.ending.refused(outcome));
                    }
                }
                room.signalAll();
            }
        }
    }

    /** Takes calls that were put off back into the line. */
    void resumeDelayed(long now, Aftermath after) {
        while (!delayed.isEmpty() && delayed.peek().due() <= now) {
            place(delayed.remove().call(), after);
        }
    }

    // Deaths

    /**
     * Under the lock: whether the kernel has killed a process for memory that no worker's death has
     * been put down to yet. Puts one down.
     *
     * @param counted what the kernel's counter says now
     */
    boolean putDownToKernel(long counted) {
        if (counted > kernelKills) {
            kernelKills++;
            return true;
        }
        return false;
    }

    /**
     * A worker is dead or as good as dead: it gets nothing more. One that was told to stop keeps
     * the reason why.
     */
    void lost(WorkerHandle worker, ExitReason why) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            lost(worker, why, after);
        } finally {
            lock.unlock();
            after.runWithoutWriting();
        }
    }

    void lost(WorkerHandle worker, ExitReason why, Aftermath after) {
        if (!(worker.state instanceof WorkerState.Stopping && why == ExitReason.CRASHED)) {
            idle.remove(worker);
            if (!(worker.state instanceof WorkerState.Killed)) {
                worker.killAt = ticker.nanos() + Supervisor.CUT_NANOS;
            }
            worker.become(new WorkerState.Event.Kill(why));
        }
        handOnOwn(worker, after);
        worker.countReasonsToRead();
        wakeSupervisor();
    }

    /**
     * The process has ended and everything it said was heard: its calls end or go to others.
     *
     * @param why what is known of the reason
     * @param lastWords the end of its standard error
     */
    void gone(WorkerHandle worker, ExitReason why, int exitCode, String lastWords) {
        Aftermath after = new Aftermath(listener);
        lock.lock();
        try {
            worker.become(new WorkerState.Event.Exited(why, exitCode));
            workers.remove(worker);
            idle.remove(worker);
            affinity.values().removeIf(home -> home == worker);
            mourner.read(worker, why, exitCode, after);
            exits.merge(why, 1L, Long::sum);
            lastExit =
                    new PoolSnapshot.Exit(
                            worker.id,
                            worker.pid(),
                            why,
                            exitCode < 0 ? OptionalInt.empty() : OptionalInt.of(exitCode),
                            Instant.now());
            lastExits.put(worker.slot, lastExit);
            handOnOwn(worker, after);
            boolean headUntouched = worker.headIsUntouched();
            Call head = worker.inFlight.poll();
            List<Call> rest = List.copyOf(worker.inFlight);
            worker.inFlight.clear();
            obituary(worker, head, why, exitCode, after);
            if (head != null && headUntouched) {
                handBack(head, after); // it died before the call reached it
            } else if (head != null) {
                died(worker, head, why, exitCode, lastWords, after);
            }
            rest.forEach(call -> handBack(call, after));
            for (Hold hold : worker.holds) {
                hold.lose().forEach(after::then);
            }
            worker.holds.clear();
            worker.countReasonsToRead();
            after.then(() ->
                    worker.catalog.completeExceptionally(
                            new IllegalStateException("the worker died")));
            CompletableFuture<String> dump = worker.dump;
            if (dump != null) {
                worker.dump = null;
                after.then(() ->
                        dump.completeExceptionally(new NoSuchElementException("the worker died")));
            }
            after.tell(l -> l.workerGone(worker.id, worker.pid(), exitCode, why));
            changed.signalAll();
            wakeSupervisor();
        } finally {
            lock.unlock();
            after.runWithoutWriting();
        }
    }

    /** One line in the log for a death that was not planned; failed starts have their own. */
    private void obituary(
            WorkerHandle worker,
            @Nullable Call head,
            ExitReason why,
            int exitCode,
            Aftermath after) {
        boolean planned =
                switch (why) {
                    case MAX_TASKS, MAX_AGE, SOFT_MEMORY, IDLE, RECYCLED, TERMINATED -> true;
                    case START_FAILED -> true;
                    case CRASHED, TIMED_OUT, CANCELLED, MEMORY -> false;
                    case BROKEN_PROTOCOL, HEARTBEAT, KILLED -> false;
                };
        if (!planned) {
            String line =
                    "worker %s (pid %d) is gone: %s, exit code %d%s%s%s"
                            .formatted(
                                    worker.id,
                                    worker.pid(),
                                    why.word(),
                                    exitCode,
                                    Signals.name(exitCode).map(" (%s)"::formatted).orElse(""),
                                    head == null ? "" : ", during '%s'".formatted(head.target()),
                                    state == PoolState.RUNNING || state == PoolState.PAUSED
                                            ? "; it is replaced"
                                            : "");
            after.then(() -> LOG.log(System.Logger.Level.INFO, line));
        }
    }

    private void died(
            WorkerHandle worker,
            Call call,
            ExitReason why,
            int exitCode,
            String lastWords,
            Aftermath after) {
        Verdict verdict = worker.verdict;
        if (verdict != null) {
            end(call, verdict.outcome(worker), after);
            return;
        }
        if (call.cancelled != null) {
            end(call, new Outcome.Cancelled(true), after);
            return;
        }
        if (why == ExitReason.TERMINATED) {
            end(call, new Outcome.Abandoned(terminated()), after);
            return;
        }
        if (call.retriesLeft > 0 && !call.isBound() && state != PoolState.TERMINATED) {
            call.retriesLeft--;
            call.worker = null;
            delayed.add(
                    new Delayed(
                            ticker.nanos() + Backoff.RETRY.delay(call.attempt).toNanos(), call));
            return;
        }
        end(
                call,
                why == ExitReason.MEMORY
                        ? new Outcome.MemoryExceeded(
                                worker.pid(),
                                worker.memoryLimit(call),
                                worker.residentSeen,
                                worker.memoryVerdict(lastWords, worker.memoryLimit(call)))
                        : new Outcome.Crashed(
                                worker.pid(), exitCode, Signals.name(exitCode), why, lastWords),
                after);
    }

    private String terminated() {
        return "pool '%s' was terminated".formatted(config.name());
    }

    /** Ends everything that waits or runs. */
    void abandonAll(String why, boolean alsoRunning, Aftermath after) {
        for (Waiter waiter : line.all()) {
            abandon(waiter, why, after);
        }
        for (WorkerHandle worker : workers) {
            for (Waiter waiter : worker.own.all()) {
                abandon(waiter, why, after);
            }
            if (alsoRunning) {
                for (Call call : worker.inFlight) {
                    end(call, new Outcome.Abandoned(why), after);
                }
            }
        }
        delayed.forEach(later -> end(later.call(), new Outcome.Abandoned(why), after));
        delayed.clear();
        room.signalAll();
    }

    private void abandon(Waiter waiter, String why, Aftermath after) {
        var outcome = new Outcome.Abandoned(why);
        switch (waiter) {
            case Call call -> end(call, outcome, after);
            case Grant grant -> {
                leaveLine(grant);
                after.then(() -> grant.ending.refused(outcome));
            }
        }
    }

    /** The pool is in another state. */
    void become(PoolState next, String why, Aftermath after) {
        if (state != next) {
            state = next;
            cause = why;
            room.signalAll();
            changed.signalAll();
            after.tell(l -> l.poolState(next, why));
        }
    }

    // Pausing

    /**
     * Whether nothing is handed out now. A closed pool hands out what it has, so that it comes to
     * an end.
     */
    boolean isPaused() {
        return state == PoolState.PAUSED;
    }

    /**
     * Under the lock: from now on nothing is handed out, or all that waits is.
     *
     * @throws PoolRejectedException.Closed if the pool is closed or terminated
     */
    void pause(boolean wanted, Aftermath after) {
        switch (state) {
            case CLOSED, TERMINATED -> throw new PoolRejectedException.Closed(config.name());
            case BROKEN -> paused = wanted;
            case RUNNING, PAUSED -> {
                paused = wanted;
                become(wanted ? PoolState.PAUSED : PoolState.RUNNING, "", after);
                if (!wanted) {
                    handOut(after);
                }
            }
        }
    }

    /** Under the lock: gives what waits to workers, after a pause. */
    void handOut(Aftermath after) {
        for (WorkerHandle worker : List.copyOf(idle)) {
            if (waiting() > 0) {
                feed(worker, after);
            }
        }
        for (WorkerHandle worker : List.copyOf(workers)) {
            if (waiting() > 0 && !(worker.state instanceof WorkerState.Idle)) {
                feed(worker, after);
            }
        }
        wakeSupervisor();
    }

    /** Whether an accepted call or lease has not ended. */
    boolean hasWork() {
        return waiting() > 0
                || !delayed.isEmpty()
                || workers.stream().anyMatch(w -> !w.inFlight.isEmpty() || !w.holds.isEmpty());
    }

    // Looking

    QueueSpace queueSpace() {
        lock.lock();
        try {
            return new QueueSpace(waiting(), queueLimit);
        } finally {
            lock.unlock();
        }
    }

    /** The call a worker runs, the first if it has several. */
    Optional<RunningCall> running(WorkerHandle worker) {
        lock.lock();
        try {
            return Optional.ofNullable(worker.inFlight.peek())
                    .map(call ->
                            new RunningCall(call.target(), call.attempt, call.options.labels()));
        } finally {
            lock.unlock();
        }
    }

    PoolSnapshot snapshot() {
        List<WorkerHandle> handles;
        lock.lock();
        try {
            handles = List.copyOf(workers);
        } finally {
            lock.unlock();
        }
        handles.forEach(WorkerHandle::lookAtMemory);
        handles.forEach(WorkerHandle::lookAtCpu);
        lock.lock();
        try {
            long now = ticker.nanos();
            Instant clock = Instant.now();
            long oldest = now;
            int conversations = 0;
            for (Waiter waiter : line.all()) {
                oldest = Math.min(oldest, waiter.since);
                conversations +=
                        waiter instanceof Grant grant && grant.conversation.isPresent() ? 1 : 0;
            }
            for (WorkerHandle worker : workers) {
                for (Waiter waiter : worker.own.all()) {
                    oldest = Math.min(oldest, waiter.since);
                }
            }
            List<PoolSnapshot.Worker> seen = new ArrayList<>();
            for (WorkerHandle worker : handles) {
                seen.add(
                        worker.snapshot(
                                now, clock, Optional.ofNullable(lastExits.get(worker.slot))));
            }
            return new PoolSnapshot(
                    config.name(),
                    state,
                    cause.isEmpty() ? Optional.empty() : Optional.of(cause),
                    processes,
                    minProcesses,
                    maxTasksPerChild,
                    waiting(),
                    queueLimit,
                    conversations,
                    Duration.ofNanos(now - oldest),
                    Map.copyOf(endedBy),
                    rejected,
                    Map.copyOf(exits),
                    Optional.ofNullable(lastExit),
                    startedOnce,
                    seen);
        } finally {
            lock.unlock();
        }
    }
}
