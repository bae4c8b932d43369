package org.processpool.store;

import static java.lang.System.Logger.Level.WARNING;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.Task;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.processpool.job.JobId;
import org.processpool.job.JobQueue;

/**
 * Hands out what is due, with one db-scheduler per lane, so that a pool whose slots are taken keeps
 * nobody else waiting. All of them know all tasks and may revive what a dead process held; but each
 * picks only its own ({@link LaneQueries}).
 *
 * <p>What it writes are the rows of the schedule and nothing else: whether a job has ended is
 * decided by the store alone.
 */
final class SchedulerQueue implements JobQueue, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(SchedulerQueue.class.getName());
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration HEARTBEAT = Duration.ofSeconds(2);
    private static final int MISSED_HEARTBEATS = 4;
    private static final int WEBHOOK_SLOTS = 16;
    private static final long WAKE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** A lane has work again as soon as a slot is free and more is due. */
    private static final double REFILL_BELOW = 0.99;

    /** After an interrupt, before the queue is left to itself. */
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(5);

    private final Dialect dialect;
    private final DataSource source;
    private final String name;
    private final Clock clock;
    private final Handlers handlers = new Handlers();
    private final Map<String, LaneRun> lanes = new LinkedHashMap<>();
    private volatile @Nullable LaneRun webhooks;
    private volatile boolean stopping;

    /** Guarded by this. */
    private boolean started;

    SchedulerQueue(Dialect dialect, Gate gate, String replica, Clock clock) {
        this.dialect = dialect;
        this.source = gate.forScheduler();
        // a restarted replica is another one; db-scheduler keeps 50 characters
        String unique = UUID.randomUUID().toString().substring(0, 8);
        this.name = replica.substring(0, Math.min(replica.length(), 40)) + "-" + unique;
        this.clock = clock;
    }

    @Override
    public synchronized void start(List<Lane> asked, Handler handler) {
        if (started) {
            throw new IllegalStateException("the queue is started once");
        }
        started = true;
        var rows = new DueTask.Rows(source, clock, () -> stopping);
        List<Task<?>> all = new ArrayList<>();
        for (Lane lane : asked) {
            String pool = lane.pool();
            all.add(
                    new DueTask(
                            Schedule.jobs(pool),
                            id -> handler.job(pool, read(id)),
                            handlers,
                            rows));
            all.add(
                    new DueTask(
                            Schedule.chunks(pool),
                            instance -> {
                                int slash = instance.indexOf('/');
                                return handler.chunk(
                                        pool,
                                        read(instance.substring(0, slash)),
                                        Integer.parseInt(instance.substring(slash + 1)));
                            },
                            handlers,
                            rows));
        }
        all.add(
                new DueTask(
                        Schedule.WEBHOOKS,
                        key -> handler.webhook(Long.parseLong(key)),
                        handlers,
                        rows));
        for (Lane lane : asked) {
            List<String> names = List.of(Schedule.jobs(lane.pool()), Schedule.chunks(lane.pool()));
            lanes.put(lane.pool(), new LaneRun("lane-" + lane.pool(), names, lane.slots(), all));
        }
        var outgoing = new LaneRun("webhooks", List.of(Schedule.WEBHOOKS), WEBHOOK_SLOTS, all);
        webhooks = outgoing;
        lanes.values().forEach(LaneRun::start);
        outgoing.start();
    }

    private static JobId read(String text) {
        return JobId.parse(text)
                .orElseThrow(() -> new IllegalStateException("'%s' is no job".formatted(text)));
    }

    @Override
    public void wake(String pool) {
        LaneRun lane = lane(pool);
        if (lane != null) {
            lane.wake();
        }
    }

    private synchronized @Nullable LaneRun lane(String pool) {
        return lanes.get(pool);
    }

    @Override
    public void wakeWebhooks() {
        LaneRun lane = webhooks;
        if (lane != null) {
            lane.wake();
        }
    }

    private synchronized List<LaneRun> all() {
        List<LaneRun> all = new ArrayList<>(lanes.values());
        if (webhooks != null) {
            all.add(webhooks);
        }
        return all;
    }

    @Override
    public void pause() {
        all().forEach(lane -> lane.scheduler.pause());
    }

    @Override
    public void stop(Duration grace) {
        List<LaneRun> all = all();
        synchronized (this) {
            if (stopping) {
                return;
            }
            started = true;
            stopping = true;
        }
        all.forEach(LaneRun::stopHandingOut);
        long end = System.nanoTime() + grace.toNanos();
        all.forEach(lane -> lane.await(end));
        handlers.interrupt();
        long last = System.nanoTime() + LAST_PATIENCE.toNanos();
        all.forEach(lane -> lane.await(last));
        all.forEach(lane -> lane.join(last));
        if (!all.isEmpty()) {
            release();
        }
    }

    /** What this process still has is due again at once: for the next, or for another replica. */
    private void release() {
        try (Connection connection = source.getConnection();
                var session = new Session(connection)) {
            Schedule.release(session, name);
        } catch (SQLException failed) {
            LOG.log(WARNING, "what was not ended is due once its heartbeat is missed", failed);
        }
    }

    @Override
    public void close() {
        stop(Duration.ZERO);
    }

    /** One lane, running. */
    private final class LaneRun {
        private final Scheduler scheduler;
        private final ExecutorService slots;
        private final ScheduledExecutorService housekeeper;
        private final AtomicBoolean waking = new AtomicBoolean();
        private volatile long woken = System.nanoTime() - WAKE_NANOS;
        private volatile @Nullable Thread stopper;

        LaneRun(String lane, List<String> names, int slots, List<Task<?>> all) {
            this.slots =
                    Executors.newFixedThreadPool(
                            slots, Thread.ofVirtual().name(lane + "-", 0).factory());
            // db-scheduler interrupts these two, and only a virtual thread's socket is closed by
            // that
            this.housekeeper =
                    Executors.newScheduledThreadPool(
                            1, Thread.ofPlatform().daemon().name(lane + "-housekeeper").factory());
            this.scheduler =
                    Scheduler.create(source, all)
                            .schedulerName(new SchedulerName.Fixed(name))
                            .jdbcCustomization(new LaneQueries(dialect, names))
                            .serializer(NoData.INSTANCE)
                            .threads(slots)
                            .executorService(this.slots)
                            .dueExecutor(
                                    Executors.newSingleThreadExecutor(
                                            Thread.ofPlatform()
                                                    .daemon()
                                                    .name(lane + "-due")
                                                    .factory()))
                            .housekeeperExecutor(housekeeper)
                            .pollUsingLockAndFetch(REFILL_BELOW, 1.0)
                            .pollingInterval(POLL)
                            .heartbeatInterval(HEARTBEAT)
                            .missedHeartbeatsLimit(MISSED_HEARTBEATS)
                            .enablePriority()
                            .failureLogging(LogLevel.OFF, false) // DueTask does
                            .deleteUnresolvedAfter(Duration.ofDays(365_000))
                            .shutdownMaxWait(Duration.ofDays(1)) // stop() interrupts before
                            .clock(clock::instant)
                            .build();
        }

        void start() {
            scheduler.start();
        }

        /** At once, unless that was done a moment ago: then at the end of that moment. */
        void wake() {
            if (stopping || !waking.compareAndSet(false, true)) {
                return;
            }
            long pause = woken + WAKE_NANOS - System.nanoTime();
            if (pause <= 0) {
                look();
            } else {
                try {
                    var _ = housekeeper.schedule(this::look, pause, TimeUnit.NANOSECONDS);
                } catch (java.util.concurrent.RejectedExecutionException stopped) {
                    waking.set(false); // nothing is handed out any more
                }
            }
        }

        private void look() {
            woken = System.nanoTime();
            waking.set(false); // before looking: what comes from now on may be overlooked
            scheduler.triggerCheckForDueExecutions();
        }

        void stopHandingOut() {
            scheduler.pause();
            stopper = Thread.ofVirtual().name("lane-stop").start(scheduler::stop);
        }

        void await(long end) {
            try {
                var _ = slots.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
        }

        void join(long end) {
            Thread thread = stopper;
            try {
                if (thread != null) {
                    var _ = thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
                }
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Our rows carry no data. */
    private enum NoData implements Serializer {
        INSTANCE;

        @Override
        @SuppressWarnings("NullAway") // db-scheduler is not annotated: no data is null there
        public byte @Nullable [] serialize(@Nullable Object data) {
            if (data != null) {
                throw new UnsupportedOperationException("no data is stored with what is due");
            }
            return null;
        }

        @Override
        @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
        public <T> @Nullable T deserialize(Class<T> type, byte @Nullable [] data) {
            if (data != null) {
                throw new UnsupportedOperationException("no data is stored with what is due");
            }
            return null;
        }
    }
}
