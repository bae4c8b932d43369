package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.processpool.task.TaskName;

/** Who is served next. */
class LineTest {

    private final Line line = new Line();
    private long clock;

    /** Somebody who came after everybody before. */
    private Waiter waiter(int priority) {
        return waiter(priority, Optional.empty());
    }

    private Waiter waiter(int priority, Optional<TaskName> conversation) {
        return new Grant(
                conversation,
                CallOptions.DEFAULT.priority(priority),
                clock++,
                0,
                Long.MAX_VALUE,
                new Grant.Ending() {
                    @Override
                    public void granted(Hold hold) {}

                    @Override
                    public void refused(Outcome why) {}
                });
    }

    private Waiter joined(int priority) {
        Waiter waiter = waiter(priority);
        line.add(waiter);
        return waiter;
    }

    private static boolean anybody(Waiter waiter) {
        return waiter.priority >= 0;
    }

    @Test
    void is_empty_at_first() {
        assertThat(line.isEmpty()).isTrue();
        assertThat(line.peek()).isNull();
        assertThat(line.all()).isEmpty();
    }

    @Test
    void serves_by_arrival_within_one_priority() {
        Waiter first = joined(5);
        Waiter second = joined(5);
        Waiter third = joined(5);
        assertThat(line.all()).containsExactly(first, second, third);
        assertThat(line.peek()).isSameAs(first);
        assertThat(line.size()).isEqualTo(3);
    }

    @Test
    void serves_the_highest_priority_first() {
        Waiter lowest = joined(0);
        Waiter normal = joined(5);
        Waiter highest = joined(9);
        assertThat(line.all()).containsExactly(highest, normal, lowest);
        assertThat(line.peek()).isSameAs(highest);
    }

    @Test
    void can_be_left_from_the_front_the_middle_and_the_end() {
        Waiter first = joined(5);
        Waiter second = joined(5);
        Waiter third = joined(5);
        Waiter fourth = joined(5);
        line.remove(second);
        assertThat(line.all()).containsExactly(first, third, fourth);
        line.remove(first);
        assertThat(line.all()).containsExactly(third, fourth);
        line.remove(fourth);
        assertThat(line.all()).containsExactly(third);
        line.remove(third);
        assertThat(line.isEmpty()).isTrue();
    }

    @Test
    void can_be_joined_again_after_it_was_left() {
        Waiter first = joined(5);
        Waiter second = joined(5);
        line.remove(first);
        line.add(first);
        assertThat(line.all()).containsExactly(second, first);
    }

    @Test
    void gives_the_one_that_comes_back_the_place_of_its_age() {
        Waiter first = joined(5);
        Waiter second = joined(5);
        Waiter third = joined(5);
        line.remove(first);
        line.remove(second);
        line.putBack(second);
        line.putBack(first);
        assertThat(line.all()).containsExactly(first, second, third);
    }

    @Test
    void does_not_let_the_one_that_comes_back_pass_a_higher_priority() {
        Waiter normal = joined(5);
        line.remove(normal);
        Waiter urgent = joined(9);
        line.putBack(normal);
        assertThat(line.all()).containsExactly(urgent, normal);
    }

    @Test
    void counts_who_is_served_before_one() {
        Waiter normal = joined(5);
        Waiter later = joined(5);
        Waiter urgent = joined(7);
        assertThat(line.ahead(urgent, LineTest::anybody)).isZero();
        assertThat(line.ahead(normal, LineTest::anybody)).isEqualTo(1);
        assertThat(line.ahead(later, LineTest::anybody)).isEqualTo(2);
    }

    @Test
    void counts_only_those_of_the_kind_that_was_asked_for() {
        Waiter conversation = waiter(5, Optional.of(new TaskName("talk")));
        line.add(conversation);
        Waiter last = joined(5);
        assertThat(line.ahead(last, other -> other != conversation)).isZero();
    }

    @Test
    void refuses_one_that_stands_in_a_line_already() {
        Waiter waiter = joined(5);
        assertThatIllegalStateException()
                .isThrownBy(() -> new Line().add(waiter))
                .withMessage("stands in a line already");
    }

    @Test
    void refuses_to_remove_one_that_stands_elsewhere() {
        Waiter elsewhere = waiter(5);
        new Line().add(elsewhere);
        assertThatIllegalStateException()
                .isThrownBy(() -> line.remove(elsewhere))
                .withMessage("does not stand in this line");
    }

    @Test
    void zero_patience_means_to_wait_for_ever() {
        assertThat(Call.giveUpAt(7, Duration.ZERO)).isEqualTo(Long.MAX_VALUE);
        assertThat(Call.giveUpAt(7, Duration.ofNanos(3))).isEqualTo(10);
    }
}
