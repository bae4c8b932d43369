package org.processpool.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoleTest {

    @Test
    void each_may_do_what_those_before_it_may() {
        assertThat(Role.OPERATE.covers(Role.READ)).isTrue();
        assertThat(Role.SUBMIT.covers(Role.SUBMIT)).isTrue();
        assertThat(Role.READ.covers(Role.SUBMIT)).isFalse();
        assertThat(Role.SUBMIT.covers(Role.OPERATE)).isFalse();
    }

    @Test
    void the_highest_that_is_named_counts_and_other_names_mean_nothing() {
        assertThat(Role.highest(List.of("user", "read", "submit", "OPERATE")))
                .contains(Role.SUBMIT);
        assertThat(Role.highest(List.of("admin"))).isEmpty();
    }
}
