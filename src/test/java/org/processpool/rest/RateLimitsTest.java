package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.processpool.pool.QueueSpace;

class RateLimitsTest {
    private static final QueueSpace QUEUE = new QueueSpace(3, 10);

    private final Clock clock = new Clock();
    private final RateLimits limits = new RateLimits(2, _ -> "", clock);

    @Test
    void lets_so_many_come_in_a_minute_and_more_as_time_goes_by() {
        assertThat(limits.take("a").isConsumed()).isTrue();
        assertThat(limits.take("a").isConsumed()).isTrue();
        var refused = limits.take("a");
        assertThat(refused.isConsumed()).isFalse();
        assertThat(Duration.ofNanos(refused.getNanosToWaitForRefill()))
                .isEqualTo(Duration.ofSeconds(30));
        clock.nanos += Duration.ofSeconds(30).toNanos();
        assertThat(limits.take("a").isConsumed()).isTrue();
        assertThat(limits.take("a").isConsumed()).isFalse();
    }

    @Test
    void counts_each_address_by_itself() {
        limits.take("a");
        limits.take("a");
        assertThat(limits.take("b").isConsumed()).isTrue();
    }

    @Test
    void says_what_the_limits_are_and_what_is_left() {
        assertThat(limits.policies(QUEUE))
                .isEqualTo("\"requests\";q=2;w=60, \"queue\";q=10;qu=\"concurrent-requests\"");
        assertThat(RateLimits.left(QUEUE, limits.take("a")))
                .isEqualTo("\"requests\";r=1;t=30, \"queue\";r=7");
        assertThat(RateLimits.left(QUEUE, limits.take("a")))
                .isEqualTo("\"requests\";r=0;t=60, \"queue\";r=7");
        assertThat(RateLimits.left(QUEUE, limits.take("a")))
                .isEqualTo("\"requests\";r=0;t=30, \"queue\";r=7");
    }

    @Test
    void says_only_how_long_the_line_may_be_if_nothing_else_is_limited() {
        var unlimited = new RateLimits(0, _ -> "", clock);
        assertThat(unlimited.policies(QUEUE))
                .isEqualTo("\"queue\";q=10;qu=\"concurrent-requests\"");
        assertThat(RateLimits.left(new QueueSpace(11, 10), null)).isEqualTo("\"queue\";r=0");
    }

    @Test
    void takes_neighbours_in_an_ipv6_network_for_one() {
        assertThat(RateLimits.address("2001:db8::1")).isEqualTo(RateLimits.address("2001:db8::2"));
        assertThat(RateLimits.address("fe80::1%eth0")).isEqualTo(RateLimits.address("fe80::1"));
        assertThat(RateLimits.address("2001:db8:0:1::1"))
                .isNotEqualTo(RateLimits.address("2001:db8::1"));
        assertThat(RateLimits.address("127.0.0.1")).isNotEqualTo(RateLimits.address("127.0.0.2"));
    }

    private static final class Clock implements TimeMeter {
        long nanos;

        @Override
        public long currentTimeNanos() {
            return nanos;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }
}
