package org.processpool.pool;

import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskName;
import org.processpool.wire.TaskDescription;

/**
 * A pool as its users hold it. Several views may share the dispatcher and supervisor behind; these
 * live on while a view or an open result is reachable, and a pool nobody can reach any more is
 * ended.
 */
final class PoolView implements ProcessPool {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");
    private static final Cleaner CLEANER = Cleaner.create();

    private final Dispatcher dispatcher;
    private final Supervisor supervisor;
    private final CallOptions options;
    private final boolean scoped;

    /** The view that was made first, whose being forgotten ends the pool; null in that view. */
    @SuppressWarnings("unused") // holds on to it
    private final @Nullable PoolView root;

    private PoolView(
            Dispatcher dispatcher,
            Supervisor supervisor,
            CallOptions options,
            boolean scoped,
            @Nullable PoolView root) {
        this.dispatcher = dispatcher;
        this.supervisor = supervisor;
        this.options = options;
        this.scoped = scoped;
        this.root = root;
    }

    static ProcessPool start(PoolConfig config, PoolListener listener, boolean scoped) {
        Dispatcher dispatcher = new Dispatcher(config, listener, Ticker.SYSTEM);
        Supervisor supervisor = new Supervisor(dispatcher);
        PoolView view = new PoolView(dispatcher, supervisor, CallOptions.DEFAULT, scoped, null);
        CLEANER.register(view, new Forgotten(config.name(), dispatcher, supervisor));
        supervisor.start();
        return view;
    }

    /** Ends a pool that was forgotten; does nothing to one that was ended. */
    private record Forgotten(String name, Dispatcher dispatcher, Supervisor supervisor)
            implements Runnable {
        @Override
        public void run() {
            switch (dispatcher.state()) {
                case RUNNING, PAUSED, BROKEN -> {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "pool ''{0}'' was forgotten without close() or terminate() and is"
                                    + " terminated",
                            name);
                    supervisor.terminate("pool '%s' was forgotten".formatted(name));
                }
                case CLOSED, TERMINATED -> {}
            }
        }
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    CallOptions options() {
        return options;
    }

    int maxPayload() {
        return dispatcher.config.maxPayload();
    }

    int processes() {
        return dispatcher.processes;
    }

    /** Each callback has a thread of its own, so none waits for another. */
    Executor callbacks() {
        return Callbacks.EACH;
    }

    private static final class Callbacks {
        static final Executor EACH =
                task -> Thread.ofVirtual().name("process-pool-callback").start(task);
    }

    Call call(Call.Body body, Call.Ending ending) {
        return call(body, null, options, ending);
    }

    Call call(Call.Body body, @Nullable Hold hold, CallOptions how, Call.Ending ending) {
        return new Call(
                dispatcher.nextId(),
                body,
                how,
                dispatcher.config,
                dispatcher.ticker.nanos(),
                hold,
                ending);
    }

    /**
     * Waits for a result on behalf of a method that waits itself; an interrupt cancels the call.
     */
    static <O extends @Nullable Object> O getOrCancel(AsyncResult<O> result)
            throws InterruptedException {
        try {
            return result.get();
        } catch (InterruptedException interrupted) {
            result.cancel();
            throw interrupted;
        }
    }

    @Override
    public String name() {
        return dispatcher.config.name();
    }

    @Override
    public ProcessPool with(CallOptions how) {
        return new PoolView(dispatcher, supervisor, how, scoped, root == null ? this : root);
    }

    @Override
    public <I extends @Nullable Object, O extends @Nullable Object> O apply(
            Work<I, O> work, I input) throws InterruptedException {
        SingleResult<O> result = new SingleResult<>(this, work.resultType());
        Call call = call(Encoding.single(work, input, maxPayload()), result);
        result.of(call);
        WorkerHandle worker = dispatcher.submit(call, true);
        if (worker != null) {
            worker.lookFor(result);
        }
        return getOrCancel(result);
    }

    @Override
    public <I extends @Nullable Object, O extends @Nullable Object> AsyncResult<O> applyAsync(
            Work<I, O> work, I input) {
        SingleResult<O> result = new SingleResult<>(this, work.resultType());
        Call call = call(Encoding.single(work, input, maxPayload()), result);
        result.of(call);
        dispatcher.submit(call, false);
        return result;
    }

    @Override
    public <I extends @Nullable Object, O extends @Nullable Object> List<O> map(
            Work<I, O> work, Iterable<? extends I> items) throws InterruptedException {
        return getOrCancel(mapAsync(work, items));
    }

    @Override
    public <I extends @Nullable Object, O extends @Nullable Object> List<O> map(
            Work<I, O> work, Iterable<? extends I> items, int chunkSize)
            throws InterruptedException {
        return getOrCancel(mapAsync(work, items, chunkSize));
    }

    @Override
    public <I extends @Nullable Object, O extends @Nullable Object> MapResult<O> mapAsync(
            Work<I, O> work, Iterable<? extends I> items) {
        Collection<? extends I> all = collected(items);
        int pieces = 4 * processes();
        return mapAsync(work, all, Math.max(1, (all.size() + pieces - 1) / pieces));
    }

    private static <I extends @Nullable Object> Collection<? extends I> collected(
            Iterable<? extends I> items) {
        if (items instanceof Collection<? extends I> collection) {
            return collection;
        }
        List<I> list = new ArrayList<>();
        items.forEach(list::add);
        return list;
    }

    @Override
    public <I extends @Nullable Object, O extends @Nullable Object> MapResult<O> mapAsync(
            Work<I, O> work, Iterable<? extends I> items, int chunkSize) {
        PoolConfig.between("chunkSize", chunkSize, 1, Integer.MAX_VALUE);
        MapRun<O> run = new MapRun<>(this, work);
        List<Call.Body> bodies = new ArrayList<>();
        Encoding.Gathering gathering = null;
        for (I item : items) {
            if (gathering == null) {
                gathering = new Encoding.Gathering(work, maxPayload(), chunkSize);
            }
            gathering.add(item);
            if (gathering.count() == chunkSize) {
                bodies.add(gathering.body());
                gathering = null;
            }
        }
        if (gathering != null) {
            bodies.add(gathering.body());
        }
        List<MapRun.Part> parts = new ArrayList<>(bodies.size());
        long id = dispatcher.nextIds(bodies.size());
        long now = dispatcher.ticker.nanos();
        int from = 0;
        for (Call.Body body : bodies) {
            int count = ((Call.Body.Chunk) body).count();
            Call call = new Call(id++, body, options, dispatcher.config, now, null, run);
            parts.add(new MapRun.Part(from, count, call));
            from += count;
        }
        run.of(parts);
        dispatcher.submit(parts.stream().map(part -> part.call).toList());
        return run;
    }

    @Override
    public <I extends @Nullable Object, O extends @Nullable Object> ResultIterator<O> imap(
            Work<I, O> work, Iterator<? extends I> items, int chunkSize) {
        PoolConfig.between("chunkSize", chunkSize, 1, Integer.MAX_VALUE);
        dispatcher.submit(List.of()); // a closed pool refuses before the input is touched
        return new Imap<>(this, work, items, chunkSize, true);
    }

    @Override
    public <I extends @Nullable Object, O extends @Nullable Object> ResultIterator<O> imapUnordered(
            Work<I, O> work, Iterator<? extends I> items, int chunkSize) {
        PoolConfig.between("chunkSize", chunkSize, 1, Integer.MAX_VALUE);
        dispatcher.submit(List.of()); // a closed pool refuses before the input is touched
        return new Imap<>(this, work, items, chunkSize, false);
    }

    @Override
    public LeaseRequest<Lease> requestLease() {
        return request(
                Optional.empty(),
                new LeaseTicket<>(this, "lease", hold -> LeasedWorker.granted(this, hold)));
    }

    @Override
    public Lease lease() throws InterruptedException {
        try {
            return requestLease().get(Duration.ofDays(3650));
        } catch (TimeoutException never) {
            throw new IllegalStateException(never);
        }
    }

    @Override
    public LeaseRequest<OpenConversation> converse(TaskName conversation) {
        return request(
                Optional.of(conversation),
                new LeaseTicket<>(
                        this,
                        conversation.value(),
                        hold -> Dialogue.granted(this, hold, conversation)));
    }

    private <L extends AutoCloseable> LeaseRequest<L> request(
            Optional<TaskName> conversation, LeaseTicket<L> ticket) {
        long now = dispatcher.ticker.nanos();
        Grant grant =
                new Grant(
                        conversation,
                        options,
                        now,
                        dispatcher.nextId(),
                        Call.giveUpAt(
                                now,
                                options.queueTimeout().orElse(dispatcher.config.queueTimeout())),
                        ticket);
        ticket.of(grant);
        dispatcher.submit(grant);
        return ticket;
    }

    @Override
    public PoolSnapshot snapshot() {
        return dispatcher.snapshot();
    }

    @Override
    public QueueSpace queueSpace() {
        return dispatcher.queueSpace();
    }

    @Override
    public List<TaskDescription> tasks(Duration patience)
            throws InterruptedException, TimeoutException {
        CompletableFuture<List<TaskDescription>> asked = dispatcher.describe();
        if (asked == null) {
            long limit = System.nanoTime() + Result.saturated(patience);
            try (Lease starter = requestLease().get(patience)) {
                asked = dispatcher.describe();
                if (asked == null) {
                    throw new TimeoutException("worker %s died".formatted(starter.worker()));
                }
                return answer(asked, Duration.ofNanos(limit - System.nanoTime()));
            }
        }
        return answer(asked, patience);
    }

    private static List<TaskDescription> answer(
            CompletableFuture<List<TaskDescription>> asked, Duration patience)
            throws InterruptedException, TimeoutException {
        try {
            return asked.get(Result.saturated(patience), TimeUnit.NANOSECONDS);
        } catch (ExecutionException died) {
            TimeoutException none = new TimeoutException("the worker that was asked has died");
            none.initCause(died);
            throw none;
        }
    }

    @Override
    public boolean awaitReady(Duration patience) throws InterruptedException {
        return supervisor.awaitReady(patience);
    }

    @Override
    public void resize(int processes) {
        supervisor.resize(processes);
    }

    @Override
    public CompletableFuture<Void> recycle() {
        return supervisor.recycle().copy();
    }

    @Override
    public PoolChange initial() {
        PoolConfig config = dispatcher.config;
        return PoolChange.NONE
                .processes(config.processes())
                .minProcesses(config.minProcesses())
                .maxTasksPerChild(config.maxTasksPerChild())
                .queueLimit(config.queueLimit());
    }

    @Override
    public void reconfigure(PoolChange change) {
        supervisor.reconfigure(change);
    }

    @Override
    public void pause() {
        supervisor.pause(true);
    }

    @Override
    public void resume() {
        supervisor.pause(false);
    }

    @Override
    public boolean recycle(String worker) {
        return supervisor.recycle(worker);
    }

    @Override
    public boolean kill(long pid) {
        return supervisor.kill(pid);
    }

    @Override
    public boolean kill(String worker) {
        return supervisor.kill(worker);
    }

    @Override
    public String threads(String worker, Duration patience)
            throws InterruptedException, TimeoutException {
        try {
            return supervisor.threads(worker).get(Result.saturated(patience), TimeUnit.NANOSECONDS);
        } catch (ExecutionException died) {
            NoSuchElementException gone =
                    new NoSuchElementException(
                            "worker '%s' died before it answered".formatted(worker));
            gone.initCause(died);
            throw gone;
        } catch (TimeoutException silent) {
            TimeoutException told =
                    new TimeoutException(
                            "worker '%s' did not answer within %s"
                                    .formatted(worker, CallException.words(patience)));
            told.initCause(silent);
            throw told;
        }
    }

    @Override
    public void close() {
        if (!scoped) {
            supervisor.close();
            return;
        }
        terminate();
        boolean interrupted = false;
        while (true) {
            try {
                supervisor.join(Duration.ofDays(3650));
                break;
            } catch (InterruptedException later) {
                interrupted = true; // leaving the block means the processes are gone
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void terminate() {
        supervisor.terminate("pool '%s' was terminated".formatted(name()));
    }

    @Override
    public void join() throws InterruptedException {
        supervisor.join(Duration.ofDays(3650));
    }

    @Override
    public boolean join(Duration patience) throws InterruptedException {
        return supervisor.join(patience);
    }
}
