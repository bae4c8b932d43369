package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a call can ask to be treated, and how not. */
class CallOptionsTest {

    private record Refusal(UnaryOperator<CallOptions> wish, String message) {
        @Override
        public String toString() {
            return message;
        }
    }

    static List<Refusal> refusals() {
        return List.of(
                new Refusal(o -> o.priority(10), "priority must be from 0 to 9, was 10"),
                new Refusal(o -> o.priority(-1), "priority must be from 0 to 9, was -1"),
                new Refusal(o -> o.retries(101), "retries must be from 0 to 100, was 101"),
                new Refusal(o -> o.retries(-1), "retries must be from 0 to 100, was -1"),
                new Refusal(o -> o.window(-1), "window must be at least 0, was -1"),
                new Refusal(o -> o.memory(-1), "memory must not be negative, was -1"),
                new Refusal(o -> o.token(-7), "token must not be negative, was -7"),
                new Refusal(
                        o -> o.timeout(Duration.ofSeconds(-1)),
                        "timeout must not be negative, was PT-1S"),
                new Refusal(
                        o -> o.queueTimeout(Duration.ofNanos(-1)),
                        "queueTimeout must not be negative, was PT-0.000000001S"),
                new Refusal(
                        o -> o.timeout(Duration.ofSeconds(Long.MAX_VALUE)),
                        "timeout must be at most 3650 days, was "
                                + Duration.ofSeconds(Long.MAX_VALUE)),
                new Refusal(
                        o -> o.queueTimeout(Duration.ofDays(3651)),
                        "queueTimeout must be at most 3650 days, was PT87624H"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void a_value_out_of_its_range_is_refused_by_name(Refusal refusal) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> refusal.wish().apply(CallOptions.DEFAULT))
                .withMessage(refusal.message());
    }

    @Test
    void each_wish_leaves_the_others_as_they_were() {
        CallOptions all =
                CallOptions.DEFAULT
                        .timeout(Duration.ofSeconds(1))
                        .queueTimeout(Duration.ofSeconds(2))
                        .retries(100)
                        .priority(9)
                        .affinityKey("customer 7")
                        .window(3)
                        .memory(5_000)
                        .token(Long.MAX_VALUE)
                        .waitForRoom(true)
                        .onProgress(_ -> {})
                        .onPart(_ -> {})
                        .onStart(_ -> {})
                        .onOutput(_ -> {})
                        .onReport(_ -> {});
        assertThat(all.timeout()).contains(Duration.ofSeconds(1));
        assertThat(all.queueTimeout()).contains(Duration.ofSeconds(2));
        assertThat(all.retries()).isEqualTo(100);
        assertThat(all.priority()).isEqualTo(9);
        assertThat(all.affinityKey()).contains("customer 7");
        assertThat(all.window()).isEqualTo(3);
        assertThat(all.onProgress()).isNotNull();
        assertThat(all.memory()).isEqualTo(5_000);
        assertThat(all.token()).isEqualTo(Long.MAX_VALUE);
        assertThat(all.waitForRoom()).isTrue();
        assertThat(all.onPart()).isNotNull();
        assertThat(all.onStart()).isNotNull();
        assertThat(all.onOutput()).isNotNull();
        assertThat(all.onReport()).isNotNull();
        assertThat(all.priority(9)).as("changed to what it was").isEqualTo(all);
    }

    @Test
    void by_default_a_call_runs_at_most_once_with_middle_priority() {
        assertThat(CallOptions.DEFAULT.retries()).isZero();
        assertThat(CallOptions.DEFAULT.priority()).isEqualTo(5);
        assertThat(CallOptions.DEFAULT.timeout()).isEqualTo(Optional.empty());
    }
}
