package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.Test;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.PoolState;

class PoolHealthTest {

    private static PoolSnapshot.Worker worker(int number) {
        return new PoolSnapshot.Worker(
                "big-" + number,
                4000 + number,
                number == 1 ? "busy" : "idle",
                Optional.empty(),
                Instant.EPOCH,
                Instant.EPOCH,
                false,
                7,
                0,
                0,
                number == 1 ? Optional.of("primes") : Optional.empty(),
                3 << 19,
                0,
                Optional.empty(),
                Optional.empty());
    }

    private static Map<String, Object> told(int workers, Optional<String> cause) {
        var response = HealthCheckResponse.named("pools").up();
        PoolHealth.tell(
                new PoolSnapshot(
                        "big",
                        cause.isPresent() ? PoolState.BROKEN : PoolState.RUNNING,
                        cause,
                        workers,
                        workers,
                        0,
                        3,
                        1000,
                        0,
                        Duration.ZERO,
                        Map.of(),
                        0,
                        Map.of(),
                        Optional.empty(),
                        true,
                        IntStream.rangeClosed(1, workers)
                                .mapToObj(PoolHealthTest::worker)
                                .toList()),
                32,
                response);
        return response.build().getData().orElseThrow();
    }

    @Test
    void tells_of_each_worker_what_a_person_wants_to_know() {
        assertThat(told(2, Optional.empty()))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "big",
                                "RUNNING, 2 of 2 workers: 1 busy, 1 idle; 3 calls wait",
                                "worker big-1",
                                "pid 4001, busy with primes, 7 calls done, 1.5 MiB",
                                "worker big-2",
                                "pid 4002, idle, 7 calls done, 1.5 MiB"));
    }

    @Test
    void tells_of_a_large_pool_no_more_than_a_page() {
        Map<String, Object> told = told(4096, Optional.empty());
        assertThat(told).hasSize(34);
        assertThat(told.get("big more"))
                .isEqualTo("4064 workers; GET /v1/pools/big/workers has all");
    }

    @Test
    void says_why_a_pool_is_broken() {
        assertThat(told(0, Optional.of("no such program: jav")))
                .containsValue("BROKEN, 0 of 0 workers; 3 calls wait; no such program: jav");
    }
}
