package org.processpool.rest;

import jakarta.inject.Singleton;
import org.processpool.pool.ProcessPool;

/** The service in numbers, as they are now. */
@Singleton
class Statistics {

    private final Pools pools;
    private final Jobs jobs;

    Statistics(Pools pools, Jobs jobs) {
        this.pools = pools;
        this.jobs = jobs;
    }

    PoolStats now() {
        return PoolStats.of(
                pools.all().stream().map(ProcessPool::snapshot).toList(), jobs.service().queued());
    }
}
