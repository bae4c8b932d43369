package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AudienceTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00-" + TRACE + "-00f067aa0ba902b7-01",
                " 00-" + TRACE + "-00f067aa0ba902b7-00 ",
                "cc-" + TRACE + "-00f067aa0ba902b7-01-more"
            })
    void a_request_stays_in_its_trace(String traceParent) {
        assertThat(Audience.traceId(List.of(traceParent))).isEqualTo(TRACE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "ff-" + TRACE + "-00f067aa0ba902b7-01",
                "00-" + TRACE + "-00f067aa0ba902b7-01-more",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-" + TRACE + "-0000000000000000-01"
            })
    void a_trace_nobody_understands_is_passed_over(String traceParent) {
        assertThat(Audience.traceId(List.of(traceParent)))
                .matches("[0-9a-f]{32}")
                .isNotEqualToIgnoringCase(TRACE);
    }

    @Test
    void a_request_without_one_gets_a_trace_of_its_own() {
        assertThat(Audience.traceId(List.of()))
                .matches("[0-9a-f]{32}")
                .isNotEqualTo(Audience.traceId(List.of()));
    }
}
