package org.processpool.quarkus;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolConfig;
import org.processpool.pool.PoolListener;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.PoolState;
import org.processpool.pool.ProcessPool;
import org.processpool.wire.Failure;
import org.processpool.wire.Target;

/**
 * The meters of one pool. A tag has few values for ever: no process id, and no name of a task that
 * a client made up.
 */
final class PoolMeters implements PoolListener {

    private static final List<String> STATES =
            List.of("starting", "idle", "busy", "leased", "retiring", "stopping", "killed");

    private static final List<String> REJECTIONS =
            List.of("closed", "queue-full", "broken", "payload-too-large");

    /** Bounds of the histograms' buckets, from a call of no work to one that runs for minutes. */
    private static final Duration[] BUCKETS =
            LongStream.of(
                            1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
                            60_000, 300_000)
                    .mapToObj(Duration::ofMillis)
                    .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final String pool;
    private final MeterProvider<Timer> waits;
    private final MeterProvider<Timer> runs;
    private final MeterProvider<Counter> exits;
    private final MeterProvider<Counter> rejections;
    private final Timer startups;

    PoolMeters(MeterRegistry registry, String pool) {
        this.registry = registry;
        this.pool = pool;
        waits =
                timer("processpool.call.wait", "How long calls waited for a worker")
                        .withRegistry(registry);
        runs = timer("processpool.call.run", "How long calls ran").withRegistry(registry);
        startups =
                timer("processpool.worker.startup", "From a process's start until it was ready")
                        .register(registry);
        exits =
                Counter.builder("processpool.worker.exits")
                        .description("Worker processes that ended")
                        .tag("pool", pool)
                        .withRegistry(registry);
        rejections =
                Counter.builder("processpool.calls.rejected")
                        .description("Calls that were not accepted")
                        .tag("pool", pool)
                        .withRegistry(registry);
        // there from the start, as of a counter that begins at one nobody can tell that it rose
        for (ExitReason reason : ExitReason.values()) {
            exits.withTag("reason", reason.word());
        }
        REJECTIONS.forEach(reason -> rejections.withTag("reason", reason));
    }

    /** Adds what is looked up when the meters are read, and the limits it is held against. */
    void watch(ProcessPool watched, PoolConfig config) {
        for (String state : STATES) {
            Gauge.builder("processpool.workers", watched, p -> count(p.snapshot(), state))
                    .description("Worker processes")
                    .tags("pool", pool, "state", state)
                    .register(registry);
        }
        for (PoolState state : PoolState.values()) {
            Gauge.builder("processpool.pool.state", watched, p -> is(p.snapshot().state(), state))
                    .description("1 for the state the pool is in, 0 for the others")
                    .tags("pool", pool, "state", state.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        gauge(
                "processpool.workers.max",
                "Most worker processes the pool may have",
                watched,
                PoolSnapshot::processes);
        gauge(
                "processpool.workers.min",
                "Worker processes the pool keeps even when idle",
                watched,
                PoolSnapshot::minProcesses);
        gauge(
                "processpool.queue.calls",
                "Calls that wait for a worker",
                watched,
                PoolSnapshot::queued);
        gauge(
                "processpool.queue.limit",
                "Most calls that may wait",
                watched,
                PoolSnapshot::queueLimit);
        TimeGauge.builder(
                        "processpool.queue.oldest",
                        watched,
                        TimeUnit.NANOSECONDS,
                        p -> p.snapshot().oldestWait().toNanos())
                .description("How long the first in line has waited")
                .tag("pool", pool)
                .register(registry);
        memory(watched, "sum");
        memory(watched, "max");
        memoryLimit("soft", config.softMemory());
        memoryLimit("hard", config.hardMemory());
    }

    @Override
    public void workerReady(String worker, long pid, Duration startup) {
        startups.record(startup);
    }

    @Override
    public void workerGone(String worker, long pid, int exitCode, ExitReason reason) {
        exits.withTag("reason", reason.word()).increment();
    }

    @Override
    public void callEnded(Target target, Outcome outcome, Duration waited, Duration ran) {
        String task = unknown(outcome) ? "unknown" : target.toString();
        waits.withTag("task", task).record(waited);
        runs.withTags(Tags.of("task", task, "outcome", outcome.word())).record(ran);
    }

    @Override
    public void callRejected(PoolRejectedException why) {
        String reason =
                switch (why) {
                    case PoolRejectedException.Closed _ -> "closed";
                    case PoolRejectedException.QueueFull _ -> "queue-full";
                    case PoolRejectedException.Broken _ -> "broken";
                    case PoolRejectedException.PayloadTooLarge _ -> "payload-too-large";
                };
        rejections.withTag("reason", reason).increment();
    }

    private Timer.Builder timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .tag("pool", pool)
                .serviceLevelObjectives(BUCKETS);
    }

    private void gauge(
            String name,
            String description,
            ProcessPool watched,
            ToDoubleFunction<PoolSnapshot> value) {
        Gauge.builder(name, watched, p -> value.applyAsDouble(p.snapshot()))
                .description(description)
                .tag("pool", pool)
                .register(registry);
    }

    private void memoryLimit(String kind, long bytes) {
        Gauge.builder("processpool.worker.memory.limit", () -> bytes)
                .description("Resident memory a worker may have; 0 is no limit")
                .baseUnit(BaseUnits.BYTES)
                .tags("pool", pool, "kind", kind)
                .register(registry);
    }

    private void memory(ProcessPool watched, String stat) {
        Gauge.builder("processpool.worker.memory", watched, p -> memory(p.snapshot(), stat))
                .description("Resident memory of the worker processes")
                .baseUnit(BaseUnits.BYTES)
                .tags("pool", pool, "stat", stat)
                .register(registry);
    }

    private static double memory(PoolSnapshot now, String stat) {
        LongStream bytes = now.workers().stream().mapToLong(PoolSnapshot.Worker::residentBytes);
        return stat.equals("sum") ? bytes.sum() : bytes.max().orElse(0);
    }

    private static int is(PoolState now, PoolState state) {
        return now == state ? 1 : 0;
    }

    private static long count(PoolSnapshot now, String state) {
        return now.workers().stream().filter(worker -> worker.state().equals(state)).count();
    }

    private static boolean unknown(Outcome outcome) {
        return outcome instanceof Outcome.Failed(Failure failure, _)
                && failure.kind() == Failure.Kind.TARGET;
    }
}
