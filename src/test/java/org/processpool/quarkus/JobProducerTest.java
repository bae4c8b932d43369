package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.processpool.job.Courier;
import org.processpool.job.JobStore;

class JobProducerTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void counts_webhooks_by_outcome_from_zero_on() {
        var delivers = new AtomicBoolean();
        var attempt = new JobStore.Attempt(Instant.EPOCH, 200, Duration.ZERO, Optional.empty());
        Courier counted =
                JobProducer.counted(
                        (delivery, job) ->
                                new Courier.Receipt(
                                        attempt, delivers.get(), false, Optional.empty()),
                        registry);
        assertThat(outcomes()).isEqualTo(Map.of("delivered", 0.0, "failed", 0.0));
        assertThat(counted.deliver(null, null).delivered()).isFalse();
        delivers.set(true);
        assertThat(counted.deliver(null, null).delivered()).isTrue();
        assertThat(counted.deliver(null, null).attempt()).isEqualTo(attempt);
        assertThat(outcomes()).isEqualTo(Map.of("delivered", 2.0, "failed", 1.0));
    }

    private Map<String, Double> outcomes() {
        return registry.get("processpool.webhook.deliveries").counters().stream()
                .collect(
                        Collectors.toMap(
                                counter -> counter.getId().getTag("outcome"),
                                counter -> counter.count()));
    }
}
