package org.processpool.quarkus;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
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

    private final Pools pools;
    private final JobProducer jobs;

    PoolHealth(Pools pools, JobProducer jobs) {
        this.pools = pools;
        this.jobs = jobs;
    }

    /** Whether every pool has once had as many workers ready as it keeps. */
    @Produces
    @Singleton
    @Startup
    HealthCheck started() {
        return () -> describe("process pools started", PoolSnapshot::startedOnce);
    }

    /** Whether every pool takes calls; one that is paused does. */
    @Produces
    @Singleton
    @Readiness
    HealthCheck ready() {
        return () -> describe("process pools ready", PoolHealth::takesCalls);
    }

    /** Whether jobs can be written down. */
    @Produces
    @Singleton
    @Readiness
    HealthCheck storeReady() {
        return () -> HealthCheckResponse.named("job store").status(jobs.isReachable()).build();
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

    private HealthCheckResponse describe(String name, Predicate<PoolSnapshot> good) {
        var response = HealthCheckResponse.named(name).up();
        for (ProcessPool pool : pools.all()) {
            PoolSnapshot now = pool.snapshot();
            response.withData(now.name(), words(now));
            if (!good.test(now)) {
                response.down();
            }
        }
        return response.build();
    }

    /** Such as {@code RUNNING, 3 of 4 workers: 1 busy, 2 idle}. */
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
        return "%s, %d of %d workers%s%s"
                .formatted(
                        now.state(),
                        now.workers().size(),
                        now.processes(),
                        states.isEmpty() ? "" : ": " + states,
                        now.cause().map("; "::concat).orElse(""));
    }
}
