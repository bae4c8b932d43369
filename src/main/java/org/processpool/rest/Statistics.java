package org.processpool.rest;

import jakarta.inject.Singleton;
import java.util.Map;

/** The service in numbers. */
@Singleton
class Statistics {

    private final Jobs jobs;

    Statistics(Jobs jobs) {
        this.jobs = jobs;
    }

    Map<String, Object> now() {
        return Map.of("queued", jobs.service().queued());
    }
}
