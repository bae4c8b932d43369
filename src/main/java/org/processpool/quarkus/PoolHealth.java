package org.processpool.quarkus;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.ProcessPool;
import org.processpool.rest.Pools;

/**
 * What an orchestrator may ask. A busy pool is healthy, and a broken one is no reason to restart.
 */
@Singleton
public class PoolHealth {

    /** Workers told of one pool: a page for a person, and not a megabyte every few seconds. */
    private static final int MOST_WORKERS = 32;

    private static final double MEBIBYTE = 1 << 20;

    private final Pools pools;
    private final JobProducer jobs;
    private final Drain drain;

    PoolHealth(Pools pools, JobProducer jobs, Drain drain) {
        this.pools = pools;
        this.jobs = jobs;
        this.drain = drain;
    }

    /** Whether every pool has once had as many workers ready as it keeps. */
    @Produces
    @Singleton
    @Startup
    HealthCheck started() {
        return () -> describe("process pools started", PoolSnapshot::startedOnce, false).build();
    }

    /** Whether every pool takes calls, as one that is paused does, and the service goes on. */
    @Produces
    @Singleton
    @Readiness
    HealthCheck ready() {
        return () -> {
            var response = describe("process pools ready", PoolHealth::takesCalls, true);
            drain.reason().ifPresent(why -> response.withData("reason", why).down());
            return response.build();
        };
    }

    /** Whether jobs can be written down. */
    @Produces
    @Singleton
    @Readiness
    HealthCheck storeReady() {
        return () -> {
            var response = HealthCheckResponse.named("job store").up();
            jobs.unreachable().ifPresent(why -> response.withData("reason", why).down());
            return response.build();
        };
    }

    /** That this process answers; its workers are not asked. */
    @Produces
    @Singleton
    @Liveness
    HealthCheck live() {
        return () -> HealthCheckResponse.up("process pool service");
    }

    private static boolean takesCalls(PoolSnapshot pool) {
        return switch (pool.state()) {
            case RUNNING, PAUSED -> true;
            case BROKEN, CLOSED, TERMINATED -> false;
        };
    }

    private HealthCheckResponseBuilder describe(
            String name, Predicate<PoolSnapshot> good, boolean withWorkers) {
        var response = HealthCheckResponse.named(name).up();
        for (ProcessPool pool : pools.all()) {
            PoolSnapshot now = pool.snapshot();
            tell(now, withWorkers ? MOST_WORKERS : 0, response);
            if (!good.test(now)) {
                response.down();
            }
        }
        return response;
    }

    /**
     * Tells of a pool and its first workers.
     *
     * @param most how many of the workers; if there are more, it is said how many are left out
     */
    static void tell(PoolSnapshot now, int most, HealthCheckResponseBuilder response) {
        response.withData(now.name(), words(now));
        now.workers().stream()
                .limit(most)
                .forEach(worker -> response.withData("worker " + worker.id(), words(worker)));
        int untold = now.workers().size() - most;
        if (most > 0 && untold > 0) {
            response.withData(
                    now.name() + " more",
                    "%d workers; GET /v1/pools/%s/workers has all".formatted(untold, now.name()));
        }
    }

    /** Such as {@code RUNNING, 3 of 4 workers: 1 busy, 2 idle; 5 calls wait}. */
    private static String words(PoolSnapshot now) {
        String states =
                now.workers().stream()
                        .collect(
                                Collectors.groupingBy(
                                        PoolSnapshot.Worker::state, Collectors.counting()))
                        .entrySet()
                        .stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(state -> state.getValue() + " " + state.getKey())
                        .collect(Collectors.joining(", "));
        return "%s, %d of %d workers%s%s%s"
                .formatted(
                        now.state(),
                        now.workers().size(),
                        now.processes(),
                        states.isEmpty() ? "" : ": " + states,
                        now.queued() == 0 ? "" : "; %d calls wait".formatted(now.queued()),
                        now.cause().map("; "::concat).orElse(""));
    }

    /** Such as {@code pid 4711, busy with primes, 12 calls done, 53.1 MiB}. */
    private static String words(PoolSnapshot.Worker worker) {
        Optional<String> task = worker.task();
        return "%s, %s%s, %d calls done%s"
                .formatted(
                        worker.pid() < 0 ? "no process yet" : "pid " + worker.pid(),
                        worker.state(),
                        task.map(" with "::concat).orElse(""),
                        worker.calls(),
                        worker.residentBytes() == 0
                                ? ""
                                : String.format(
                                        Locale.ROOT,
                                        ", %.1f MiB",
                                        worker.residentBytes() / MEBIBYTE));
    }
}
