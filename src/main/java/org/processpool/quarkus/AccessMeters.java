package org.processpool.quarkus;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import org.processpool.rest.RefusalListener;

/** Counts requests that were refused at the door. */
@Singleton
final class AccessMeters implements RefusalListener {

    private final MeterProvider<Counter> refused;

    AccessMeters(MeterRegistry registry) {
        refused =
                Counter.builder("processpool.access.refused")
                        .description("Requests refused for who made them or where they came from")
                        .withRegistry(registry);
    }

    @Override
    public void refused(String why) {
        refused.withTag("reason", why).increment();
    }
}
