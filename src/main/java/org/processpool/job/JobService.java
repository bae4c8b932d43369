package org.processpool.job;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.CallOptions;
import org.processpool.pool.CallReport;
import org.processpool.pool.MapResult;
import org.processpool.pool.Outcome;
import org.processpool.pool.Output;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.PoolState;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.Work;
import org.processpool.task.Payload;
import org.processpool.wire.Codec;
import org.processpool.wire.Failure;
import org.processpool.wire.SequenceReader;
import org.processpool.wire.SequenceWriter;

/**
 * Takes jobs, has them run and writes down how they end. Methods block while the store does its
 * work, so they belong on virtual threads; safe for use by any number of them.
 *
 * <p>Invariants: a job is accepted only once it is in the store. A run begins in the store before a
 * worker hears of it, and carries the epoch it got there; what a run that was overtaken has to say
 * is dropped. Whatever ends without being written down stays due and is handed out again.
 */
public final class JobService implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("org.processpool.job");

    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration CLEANING = Duration.ofSeconds(60);
    private static final int BATCH = 500;

    /** Of a shared store another process may change a job without this one hearing of it. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    /** Calls shorter than this leave a worker idle for as long as the store needs to begin one. */
    private static final long SHORT_NANOS = 50_000_000;

    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(30);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(100);
    private static final Duration REPORT_GAP = Duration.ofMillis(500);
    private static final Duration FOREVER = Duration.ofDays(3650);

    /** How long a killed call may take to be over. */
    private static final Duration AFTER_KILL = Duration.ofSeconds(3);

    private static final String MAP_PROGRESS = "map.progress";
    private static final int NO_CHUNK = -1;
    private static final Pattern TRACE_PARENT = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-.*");
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    private final JobStore store;
    private final JobQueue queue;
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private final Errors errors;
    private final Courier courier;
    private final JobConfig config;
    private final InstantSource clock;
    private final JobEvents events;

    /** Jobs of which at least one run is under way here. */
    private final Map<JobId, LiveJob> live = new ConcurrentHashMap<>();

    private final Map<JobId, CompletableFuture<Void>> changes = new ConcurrentHashMap<>();
    private final AtomicLong queued = new AtomicLong();

    /** The same by tenant; counted only if there is a limit. */
    private final Map<String, AtomicLong> queuedByTenant = new ConcurrentHashMap<>();

    private final CountDownLatch stopping = new CountDownLatch(1);
    private @Nullable Thread housekeeper;

    /** A pool and the way into it. */
    private static final class Lane {
        final ProcessPool pool;
        final Gate gate;
        volatile long averageRunNanos = Long.MAX_VALUE;

        Lane(ProcessPool pool) {
            this.pool = pool;
            this.gate = new Gate(this::capacity);
        }

        private int capacity() {
            var now = pool.snapshot();
            if (now.state() != PoolState.RUNNING) {
                return 0;
            }
            return averageRunNanos < SHORT_NANOS ? 2 * now.processes() : now.processes();
        }

        void ran(Duration time) {
            long nanos = time.toNanos();
            long before = averageRunNanos;
            averageRunNanos = before == Long.MAX_VALUE ? nanos : before - before / 8 + nanos / 8;
        }
    }

    /**
     * Not started yet.
     *
     * @param clock by which jobs are due and overdue; the store's own
     */
    public JobService(
            JobStore store,
            JobQueue queue,
            Collection<ProcessPool> pools,
            JobEvents events,
            Errors errors,
            Courier courier,
            JobConfig config,
            InstantSource clock) {
        this.store = store;
        this.queue = queue;
        this.events = events;
        this.errors = errors;
        this.courier = courier;
        this.config = config;
        this.clock = clock;
        for (ProcessPool pool : pools) {
            lanes.put(pool.name(), new Lane(pool));
        }
    }

    /** Begins to run what is due. */
    public void start() {
        queue.start(
                lanes.values().stream()
                        .map(lane ->
                                new JobQueue.Lane(
                                        lane.pool.name(),
                                        Math.max(64, 4 * lane.pool.snapshot().processes())))
                        .toList(),
                new Handed());
        housekeeper = Thread.ofVirtual().name("job-housekeeper").start(this::keepHouse);
    }

    // ---- what clients do

    /**
     * Takes a job; when this returns it is on disk.
     *
     * @throws JobRejectedException if it cannot be taken
     * @throws StoreException if it cannot be stored
     */
    public JobStore.Submission submit(NewJob job) {
        if (isEnding()) {
            throw new JobRejectedException.Draining();
        }
        if (queued.get() >= config.maxQueued() && !isKnown(job)) {
            throw new JobRejectedException.QueueFull(queued.get(), config.maxQueued());
        }
        if (isOverItsShare(job.tenant()) && !isKnown(job)) {
            throw new JobRejectedException.QueueFull(
                    queuedOf(job.tenant()).get(), config.maxQueuedPerTenant());
        }
        JobStore.Submission submission = store.submit(job);
        switch (submission) {
            case JobStore.Submission.Accepted(Job accepted) -> {
                if (!accepted.state().done()) {
                    queued.incrementAndGet();
                    countOf(accepted, 1);
                }
                changed(accepted);
                queue.wake(accepted.pool());
            }
            case JobStore.Submission.Replayed _ -> {}
            case JobStore.Submission.KeyReused(JobId by) ->
                    throw new JobRejectedException.KeyReused(by);
        }
        return submission;
    }

    private AtomicLong queuedOf(String tenant) {
        return queuedByTenant.computeIfAbsent(tenant, _ -> new AtomicLong());
    }

    private boolean isOverItsShare(String tenant) {
        return config.maxQueuedPerTenant() > 0
                && queuedOf(tenant).get() >= config.maxQueuedPerTenant();
    }

    private void countOf(Job job, int more) {
        if (config.maxQueuedPerTenant() > 0) {
            queuedOf(job.tenant()).addAndGet(more);
        }
    }

    /** Whether it was accepted before, under the same key. */
    private boolean isKnown(NewJob job) {
        return job.idempotency().flatMap(key -> store.findKey(job.tenant(), key.key())).isPresent();
    }

    /** The settings jobs are treated by. */
    public JobConfig config() {
        return config;
    }

    /** What happens. */
    public JobEvents events() {
        return events;
    }

    /** Where jobs are written down. Changes are made through this service only. */
    public JobStore store() {
        return store;
    }

    /** A job as it is now. */
    public Optional<Job> find(String tenant, JobId id) {
        return store.find(tenant, id).map(this::withSeen);
    }

    /** Jobs as they are now. */
    public List<Job> list(JobStore.Filter filter) {
        return store.list(filter).stream().map(this::withSeen).toList();
    }

    /** The job with what only this process knows of it yet. */
    private Job withSeen(Job job) {
        LiveJob here = live.get(job.id());
        return here == null || job.state().done() ? job : job.with(here.seen());
    }

    /**
     * Waits until a job is as wished.
     *
     * @return the job as it is then, or as it is when patience ends; empty if there is none
     */
    public Optional<Job> await(String tenant, JobId id, Predicate<Job> wished, Duration patience)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            CompletableFuture<Void> change =
                    changes.computeIfAbsent(id, _ -> new CompletableFuture<>());
            try {
                Optional<Job> now = find(tenant, id);
                long left = deadline - System.nanoTime();
                if (now.isEmpty() || wished.test(now.get()) || left <= 0 || isEnding()) {
                    return now;
                }
                change.get(Math.min(left, LOOK_AGAIN.toNanos()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException lookAgain) {
                // of a shared store, another process may have changed it
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            } finally {
                changes.remove(id, change);
                change.complete(null); // others who wait on it look for themselves
            }
        }
    }

    /**
     * Ends a job on request: one that is queued at once; of one that runs, the call is asked to end
     * and, in mode {@code KILL}, its process is told to and killed in the end. Returns at once.
     *
     * @param grace how long the call may take to give up by itself; empty is the pool's own
     * @return the job as it is then; empty if there is none
     */
    public Optional<Job> cancel(
            String tenant, JobId id, AsyncResult.CancelMode mode, Optional<Duration> grace) {
        Optional<JobStore.Changed> answer = store.cancel(tenant, id);
        answer.ifPresent(cancelled -> {
            if (cancelled.changed()) {
                changed(cancelled.job());
                webhooksDue(cancelled.job());
            }
            LiveJob here = live.get(id);
            if (here != null && !cancelled.job().state().done()) {
                here.cancel(mode, grace);
            }
        });
        return answer.map(JobStore.Changed::job);
    }

    /**
     * Forgets a job that has ended.
     *
     * @return the job as it was; it is forgotten only if it had ended; empty if there is none
     */
    public Optional<Job> delete(String tenant, JobId id) {
        Optional<Job> deleted = store.delete(tenant, id);
        if (deleted.isPresent() && deleted.get().state().done()) {
            events.publish(new JobEvent.JobDeleted(tenant, id));
            wakeWaiting(id);
        }
        return deleted;
    }

    /** Sends a webhook again, whatever became of it; empty if there is none. */
    public Optional<JobStore.Delivery> redeliver(JobId id, int number) {
        Optional<JobStore.Delivery> due = store.redeliver(id, number);
        due.ifPresent(_ -> queue.wakeWebhooks());
        return due;
    }

    /** What a job has printed so far, open for more while it runs here; empty if nothing. */
    public Optional<JobLog> log(JobId id) {
        LiveJob here = live.get(id);
        if (here != null) {
            return Optional.of(here.log);
        }
        return store.log(id)
                .map(bytes -> {
                    JobLog log = JobLog.of(bytes, config.logLimit());
                    log.end();
                    return log;
                });
    }

    /** Whether no more jobs are taken, as the service ends. */
    public boolean isEnding() {
        return stopping.getCount() == 0;
    }

    /** How many jobs are queued, as was known within the last second. */
    public long queued() {
        return queued.get();
    }

    // ---- running

    /** What the queue hands out. */
    private final class Handed implements JobQueue.Handler {
        @Override
        public Optional<Instant> job(String pool, JobId id) {
            return handed(
                    pool,
                    id,
                    NO_CHUNK,
                    () -> store.start(id, config.owner(), config.maxLosses(), errors.lost()));
        }

        @Override
        public Optional<Instant> chunk(String pool, JobId id, int number) {
            return handed(
                    pool,
                    id,
                    number,
                    () ->
                            store.startChunk(
                                    id, number, config.owner(), config.maxLosses(), errors.lost()));
        }

        @Override
        public Optional<Instant> webhook(long key) {
            return deliver(key);
        }
    }

    private interface Beginning {
        Optional<JobStore.Run> begin();
    }

    private Optional<Instant> handed(String pool, JobId id, int chunk, Beginning beginning) {
        Lane lane = lanes.get(pool);
        if (lane == null) {
            throw new IllegalStateException("no pool '%s'".formatted(pool));
        }
        int priority = store.find(id).map(job -> job.treatment().priority()).orElse(9);
        LiveJob here = join(id);
        boolean inside = false;
        try {
            inside = lane.gate.enter(priority, id, chunk);
            if (!inside) {
                return Optional.of(clock.instant());
            }
            Optional<JobStore.Run> begun = beginning.begin();
            if (begun.isEmpty()) {
                // cancelled meanwhile, or lost once too often
                store.find(id).ifPresent(this::changed);
                return Optional.empty();
            }
            JobStore.Run run = begun.get();
            if (run.chunk() < 0 && run.attempt() == 1) {
                queued.decrementAndGet(); // of others the next count knows
                countOf(run.job(), -1);
            }
            changed(run.job());
            Ended ended = run(lane, run, here);
            lane.gate.leave();
            inside = false;
            return write(run, ended, here);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.of(clock.instant());
        } finally {
            if (inside) {
                lane.gate.leave();
            }
            leave(id);
        }
    }

    private LiveJob join(JobId id) {
        LiveJob joined =
                live.compute(
                        id,
                        (_, known) -> {
                            LiveJob here = known == null ? new LiveJob(earlierLog(id)) : known;
                            here.runs++;
                            return here;
                        });
        return joined;
    }

    private void leave(JobId id) {
        live.computeIfPresent(
                id,
                (_, here) -> {
                    here.runs--;
                    if (here.runs > 0) {
                        return here;
                    }
                    here.log.end();
                    return null;
                });
    }

    /** What earlier attempts have printed stays. */
    private JobLog earlierLog(JobId id) {
        return store.log(id)
                .map(bytes -> JobLog.of(bytes, config.logLimit()))
                .orElseGet(() -> new JobLog(config.logLimit()));
    }

    /** How a run ended, and what was seen of it. */
    private record Ended(JobStore.End end, JobStore.Facts facts) {}

    private Ended run(Lane lane, JobStore.Run run, LiveJob here) throws InterruptedException {
        if (run.attempt() > 1) {
            here.log.add(JobLog.Stream.SERVICE, "attempt " + run.attempt());
        }
        var seen = new CompletableFuture<CallReport>();
        ProcessPool pool = lane.pool.with(options(run, here, seen));
        AsyncResult<?> call;
        try {
            call = submit(pool, run);
        } catch (PoolRejectedException refused) {
            return new Ended(
                    switch (refused) {
                        case PoolRejectedException.PayloadTooLarge tooLarge ->
                                new JobStore.End.Failed(errors.of(tooLarge));
                        case PoolRejectedException.QueueFull _,
                                PoolRejectedException.Broken _,
                                PoolRejectedException.Closed _ ->
                                later(1);
                    },
                    JobStore.Facts.NONE);
        }
        here.began(call);
        try {
            call.await(FOREVER);
        } catch (InterruptedException stopped) {
            call.cancel(AsyncResult.CancelMode.KILL, Duration.ZERO);
            if (!call.await(AFTER_KILL)) {
                throw stopped;
            }
        } finally {
            here.ended(call);
        }
        JobStore.Facts facts = facts(seen.getNow(null), lane);
        return new Ended(
                call instanceof MapResult<?> map
                        ? chunkEnd(run, here, map)
                        : applyEnd(run, here, call),
                facts);
    }

    private CallOptions options(
            JobStore.Run run, LiveJob here, CompletableFuture<CallReport> seen) {
        NewJob.Treatment treatment = run.job().treatment();
        CallOptions options =
                CallOptions.DEFAULT
                        .timeout(limit(treatment.timeout(), run.count()))
                        .priority(treatment.priority())
                        .memory(treatment.memoryBytes())
                        .token(run.epoch())
                        .waitForRoom(true)
                        .labels(labels(run))
                        .onStart(started -> here.startedIn(started.worker(), started.pid()))
                        .onOutput(said -> here.log.add(stream(said), said.text()))
                        .onReport(seen::complete);
        if (run.chunk() >= 0) {
            return options; // how far a map is, its items say
        }
        JobId id = run.job().id();
        String tenant = run.job().tenant();
        return options.onProgress(progress -> {
            here.reached(progress);
            events.publish(new JobEvent.JobProgressed(tenant, id, progress));
            wakeWaiting(id);
        });
    }

    /** What the run is called in the log: job, attempt and, if it was told, trace. */
    private static Map<String, String> labels(JobStore.Run run) {
        Map<String, String> labels = new HashMap<>();
        labels.put("jobId", run.job().id().toString());
        labels.put("attempt", Integer.toString(run.attempt()));
        run.job()
                .trace()
                .map(TRACE_PARENT::matcher)
                .filter(Matcher::matches)
                .ifPresent(parent -> labels.put("traceId", parent.group(1)));
        return labels;
    }

    /** Of a chunk, the limit is that of its items together. */
    private static Duration limit(Duration each, int count) {
        return each.compareTo(FOREVER.dividedBy(count)) < 0 ? each.multipliedBy(count) : FOREVER;
    }

    private static JobLog.Stream stream(Output said) {
        return switch (said.stream()) {
            case STDOUT -> JobLog.Stream.STDOUT;
            case STDERR -> JobLog.Stream.STDERR;
        };
    }

    private static AsyncResult<?> submit(ProcessPool pool, JobStore.Run run) {
        var work = Work.named(run.job().task(), Payload.class);
        if (run.chunk() < 0) {
            return pool.applyAsync(work, run.input());
        }
        List<Payload> items = new ArrayList<>(run.count());
        SequenceReader reader = SequenceReader.of(run.input(), Payload.class);
        for (int i = 0; i < run.count(); i++) {
            items.add(reader.nextJson());
        }
        return pool.mapAsync(work, items, run.count());
    }

    private static JobStore.Facts facts(@Nullable CallReport report, Lane lane) {
        if (report == null) {
            return JobStore.Facts.NONE;
        }
        if (!report.ran().isZero()) {
            lane.ran(report.ran());
        }
        return new JobStore.Facts(
                Optional.ofNullable(report.worker()),
                report.pid() < 0 ? OptionalLong.empty() : OptionalLong.of(report.pid()),
                Optional.of(report.ran()),
                report.cpu(),
                report.maxRssBytes());
    }

    private JobStore.End applyEnd(JobStore.Run run, LiveJob here, AsyncResult<?> call)
            throws InterruptedException {
        try {
            return new JobStore.End.Succeeded((Payload) call.get());
        } catch (CallException failed) {
            return end(run, here, failed.outcome());
        }
    }

    private JobStore.End chunkEnd(JobStore.Run run, LiveJob here, MapResult<?> map)
            throws InterruptedException {
        List<? extends MapResult.Item<?>> items = map.items();
        CallException first = items.getFirst().error();
        if (first != null
                && !(first.outcome() instanceof Outcome.Failed)
                && items.stream().noneMatch(MapResult.Item::successful)) {
            return end(run, here, first.outcome());
        }
        var outputs = new SequenceWriter(Payload.Encoding.JSON, 16 * items.size());
        List<JobStore.ItemError> failures = new ArrayList<>();
        for (MapResult.Item<?> item : items) {
            CallException error = item.error();
            if (error != null) {
                failures.add(new JobStore.ItemError(item.index(), errors.of(error.outcome())));
                outputs.addJson(NULL);
            } else if (item.value() instanceof Payload(Payload.Encoding encoding, byte[] bytes)
                    && encoding == Payload.Encoding.JSON) {
                outputs.addJson(bytes);
            } else if (item.value() instanceof Payload other) {
                outputs.add(Codec.decode(other, Object.class));
            }
        }
        return new JobStore.End.ChunkEnded(outputs.payload(), failures);
    }

    /** What follows from a call that has no result. */
    private JobStore.End end(JobStore.Run run, LiveJob here, Outcome outcome) {
        boolean stopped = isEnding();
        return switch (outcome) {
            case Outcome.Cancelled _ when stopped && !here.isCancelled() -> giveBack(run);
            case Outcome.Cancelled _ -> new JobStore.End.Cancelled();
            case Outcome.Failed(Failure failure, _)
                    when failure.kind() == Failure.Kind.CANCELLED && here.isCancelled() ->
                    new JobStore.End.Cancelled();
            case Outcome.Abandoned _ when stopped -> giveBack(run);
            case Outcome.Crashed _, Outcome.MemoryExceeded _
                    when run.attempt() <= run.job().treatment().retries() && !here.isCancelled() ->
                    new JobStore.End.Again(clock.instant().plus(backOff(run.attempt())), true);
            case Outcome.Done _,
                    Outcome.Failed _,
                    Outcome.TimedOut _,
                    Outcome.QueueTimedOut _,
                    Outcome.Crashed _,
                    Outcome.MemoryExceeded _,
                    Outcome.Abandoned _ ->
                    new JobStore.End.Failed(errors.of(outcome));
        };
    }

    /** The service ends before the run: another will run it, unless it may start only once. */
    private JobStore.End giveBack(JobStore.Run run) {
        return run.job().treatment().onLost() == NewJob.OnLost.FAIL
                ? new JobStore.End.Failed(errors.lost())
                : new JobStore.End.Again(clock.instant(), false);
    }

    private JobStore.End later(int seconds) {
        return new JobStore.End.Again(clock.instant().plusSeconds(seconds), false);
    }

    /** Longer after each attempt, up to half a minute, and never at the same moment for all. */
    private static Duration backOff(int attempt) {
        long millis =
                Math.min(
                        LONGEST_BACK_OFF.toMillis(),
                        FIRST_BACK_OFF.toMillis() << Math.min(20, attempt - 1));
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
    }

    /**
     * Writes down how a run ended, as soon as the store can; while the service ends, until its
     * grace is over.
     */
    private Optional<Instant> write(JobStore.Run run, Ended ended, LiveJob here)
            throws InterruptedException {
        JobId id = run.job().id();
        Job now = null;
        for (int failures = 0; now == null; failures++) {
            try {
                saveLog(id, here);
                here.lastProgress()
                        .ifPresent(seen -> store.progress(List.of(progressed(id, seen))));
                Optional<Job> written = store.end(run, ended.end(), ended.facts());
                if (written.isEmpty()) {
                    LOG.log(
                            INFO,
                            "a run of job {0} was overtaken and its end is dropped",
                            id.toString());
                    return Optional.of(clock.instant()); // no harm if another has it by now
                }
                now = written.get();
            } catch (StoreException unable) {
                if (failures == 0) {
                    LOG.log(
                            WARNING,
                            "cannot write down how job %s ended; trying on".formatted(id),
                            unable);
                }
                Thread.sleep(Math.min(5000, 100L << Math.min(6, failures)));
            }
        }
        if (now.state() == JobState.QUEUED) {
            queued.incrementAndGet();
            countOf(now, 1);
        }
        changed(now);
        webhooksDue(now);
        reportProgress(now, here);
        return ended.end() instanceof JobStore.End.Again(Instant at, _)
                ? Optional.of(at)
                : Optional.empty();
    }

    /** One at a time, so that no older text is written over a newer one. */
    private void saveLog(JobId id, LiveJob here) {
        synchronized (here.saving) {
            JobLog.Unsaved unsaved = here.log.unsaved().orElse(null);
            if (unsaved != null) {
                store.writeLog(id, unsaved.bytes());
                here.log.saved(unsaved);
            }
        }
    }

    private void changed(Job job) {
        events.publish(new JobEvent.JobChanged(job));
        wakeWaiting(job.id());
    }

    private void wakeWaiting(JobId id) {
        CompletableFuture<Void> waiting = changes.remove(id);
        if (waiting != null) {
            waiting.complete(null);
        }
    }

    // ---- webhooks

    private void webhooksDue(Job job) {
        if (job.state().done()) {
            queue.wakeWebhooks();
        }
    }

    private Optional<Instant> deliver(long key) {
        JobStore.Delivery delivery = store.delivery(key).orElse(null);
        if (delivery == null || delivery.state() != JobStore.DeliveryState.PENDING) {
            return Optional.empty();
        }
        Job job = store.find(delivery.job()).orElse(null);
        if (job == null) {
            return Optional.empty();
        }
        Courier.Receipt receipt = courier.deliver(delivery, job);
        Optional<Instant> next = Optional.empty();
        JobStore.DeliveryState state = JobStore.DeliveryState.DELIVERED;
        if (!receipt.delivered()) {
            int tries = delivery.attempts().size() + 1;
            if (receipt.gone() || tries >= config.webhookDelays().size()) {
                state = JobStore.DeliveryState.FAILED;
            } else {
                state = JobStore.DeliveryState.PENDING;
                next = Optional.of(nextTry(config.webhookDelays().get(tries), receipt));
            }
        }
        store.attempted(key, receipt.attempt(), state, next);
        return next;
    }

    private Instant nextTry(Duration delay, Courier.Receipt receipt) {
        long millis = delay.toMillis();
        long spread = millis / 5;
        Duration jittered =
                Duration.ofMillis(
                        millis + ThreadLocalRandom.current().nextLong(-spread, spread + 1));
        Duration wait =
                receipt.retryAfter()
                        .filter(asked -> asked.compareTo(jittered) > 0)
                        .orElse(jittered);
        return clock.instant().plus(wait);
    }

    /** Tells of a map's progress those who want to know; a report that fails is not repeated. */
    private void reportProgress(Job job, LiveJob here) {
        if (job.kind() != Job.Kind.MAP || job.state().done()) {
            return;
        }
        List<NewJob.Callback> callbacks =
                here.callbacks()
                        .orElseGet(() -> {
                            List<NewJob.Callback> asked = store.callbacks(job.id());
                            here.remember(asked);
                            return asked;
                        });
        List<NewJob.Callback> wanted =
                callbacks.stream().filter(one -> one.events().contains(MAP_PROGRESS)).toList();
        if (wanted.isEmpty() || !here.mayReport(System.nanoTime(), REPORT_GAP.toNanos())) {
            return;
        }
        for (NewJob.Callback callback : wanted) {
            var report =
                    new JobStore.Delivery(
                            -1,
                            job.id(),
                            0,
                            callback.url(),
                            callback.secret(),
                            MAP_PROGRESS,
                            JobStore.DeliveryState.PENDING,
                            clock.instant(),
                            Optional.empty(),
                            List.of());
            Thread.ofVirtual().name("map-progress").start(() -> courier.deliver(report, job));
        }
    }

    // ---- housekeeping

    private void keepHouse() {
        long cleaned = System.nanoTime() - CLEANING.toNanos();
        boolean failing = false;
        try {
            while (!stopping.await(TICK.toNanos(), TimeUnit.NANOSECONDS)) {
                lanes.values().forEach(lane -> lane.gate.look());
                boolean works = true;
                if (failing || System.nanoTime() - cleaned >= CLEANING.toNanos()) {
                    works = step(this::clean, failing); // first, as it makes room for the others
                    cleaned = System.nanoTime();
                }
                works &= step(this::flush, failing);
                works &= step(this::giveUpOverdue, failing);
                works &= step(this::count, failing);
                failing = !works;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does one thing, whatever becomes of the others; whether that went well. */
    private static boolean step(Runnable deed, boolean known) {
        try {
            deed.run();
            return true;
        } catch (StoreException unable) {
            if (!known) {
                LOG.log(WARNING, "the store of jobs fails", unable);
            }
        } catch (RuntimeException bug) {
            LOG.log(System.Logger.Level.ERROR, "the housekeeping of jobs fails", bug);
        }
        return false;
    }

    /** Writes down how far the runs are and what they print, for those who ask after a restart. */
    private void flush() {
        List<JobStore.Progressed> news = new ArrayList<>();
        live.forEach((id, here) -> here.news().ifPresent(seen -> news.add(progressed(id, seen))));
        if (!news.isEmpty()) {
            store.progress(news);
        }
        live.forEach(this::saveLog);
    }

    private static JobStore.Progressed progressed(JobId id, Job.Seen seen) {
        return new JobStore.Progressed(id, seen.progress(), seen.worker(), seen.pid());
    }

    private void giveUpOverdue() {
        Instant now = clock.instant();
        for (Job job : store.overdue(now, BATCH)) {
            fail(job, errors.overdue(job.treatment().queueTimeout()));
        }
    }

    private void fail(Job job, String problem) {
        store.fail(job.id(), problem)
                .ifPresent(failed -> {
                    changed(failed);
                    webhooksDue(failed);
                });
    }

    private void count() {
        queued.set(
                store.counts().stream()
                        .filter(count -> count.state() == JobState.QUEUED)
                        .mapToLong(JobStore.Count::jobs)
                        .sum());
        if (config.maxQueuedPerTenant() > 0) {
            Map<String, Long> now = store.queuedByTenant();
            queuedByTenant.keySet().retainAll(now.keySet());
            now.forEach((tenant, jobs) -> queuedOf(tenant).set(jobs));
        }
    }

    private void clean() {
        Instant now = clock.instant();
        repeat(() -> store.expireResults(now, BATCH));
        repeat(() -> store.purge(now.minus(config.retention()), BATCH));
        repeat(() -> store.forgetKeys(now.minus(config.keyTtl()), BATCH));
        for (Job orphan : store.ofOtherPools(lanes.keySet(), BATCH)) {
            fail(orphan, errors.noPool(orphan.pool()));
        }
    }

    private void repeat(IntSupplier cleaning) {
        while (!isEnding() && cleaning.getAsInt() == BATCH) {
            // there may be more
        }
    }

    /** Hands out no more jobs; those that run go on. Returns at once. */
    public void pause() {
        queue.pause();
    }

    /**
     * Ends: runs no more jobs, waits for those that run, and gives back those that have not ended
     * by then. Blocks at most a little longer than the grace. The pools have to be alive still, the
     * store is left open.
     */
    public void stop(Duration grace) {
        stopping.countDown();
        lanes.values().forEach(lane -> lane.gate.close());
        queue.stop(grace);
        events.close();
        changes.keySet().forEach(this::wakeWaiting);
        Thread keeper = housekeeper;
        if (keeper != null) {
            keeper.interrupt();
        }
    }

    @Override
    public void close() {
        stop(Duration.ZERO);
        store.close();
    }
}
