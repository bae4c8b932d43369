package org.processpool.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TicketsTest {

    private static final Caller ALICE = new Caller("alice", Role.SUBMIT, "acme");

    private final AtomicLong nanos = new AtomicLong();
    private final Tickets tickets = new Tickets(nanos::get);

    @Test
    void lets_in_once() {
        String ticket = tickets.sell(ALICE);
        assertThat(ticket).matches("[A-Za-z0-9_-]{43}");
        assertThat(tickets.take(ticket)).contains(ALICE);
        assertThat(tickets.take(ticket)).isEmpty();
        assertThat(tickets.take("none")).isEmpty();
    }

    @Test
    void is_worth_nothing_after_30_seconds() {
        String ticket = tickets.sell(ALICE);
        String late = tickets.sell(ALICE);
        nanos.addAndGet(Duration.ofSeconds(29).toNanos());
        assertThat(tickets.take(ticket)).isPresent();
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(tickets.take(late)).isEmpty();
    }

    @Test
    void no_two_are_alike() {
        assertThat(tickets.sell(ALICE)).isNotEqualTo(tickets.sell(ALICE));
    }
}
