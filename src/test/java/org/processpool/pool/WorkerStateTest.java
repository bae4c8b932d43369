package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.processpool.pool.WorkerState.Busy;
import org.processpool.pool.WorkerState.Event;
import org.processpool.pool.WorkerState.Event.Assigned;
import org.processpool.pool.WorkerState.Event.Emptied;
import org.processpool.pool.WorkerState.Event.Exited;
import org.processpool.pool.WorkerState.Event.Kill;
import org.processpool.pool.WorkerState.Event.LeaseBegan;
import org.processpool.pool.WorkerState.Event.LeaseEnded;
import org.processpool.pool.WorkerState.Event.Ready;
import org.processpool.pool.WorkerState.Event.Retire;
import org.processpool.pool.WorkerState.Event.Stop;
import org.processpool.pool.WorkerState.Gone;
import org.processpool.pool.WorkerState.Idle;
import org.processpool.pool.WorkerState.Killed;
import org.processpool.pool.WorkerState.Leased;
import org.processpool.pool.WorkerState.Retiring;
import org.processpool.pool.WorkerState.Starting;
import org.processpool.pool.WorkerState.Stopping;

/** The life of a worker, as a function. */
class WorkerStateTest {

    private static final Retire AGED = new Retire(ExitReason.MAX_AGE);
    private static final Kill TIMED_OUT = new Kill(ExitReason.TIMED_OUT);
    private static final Exited CRASHED = new Exited(ExitReason.CRASHED, 139);

    static List<WorkerState> living() {
        return List.of(new Starting(), new Idle(), new Busy(), new Leased());
    }

    static List<WorkerState> leaving() {
        return List.of(
                new Retiring(ExitReason.MAX_AGE),
                new Stopping(ExitReason.MAX_AGE),
                new Killed(ExitReason.MAX_AGE),
                new Gone(ExitReason.MAX_AGE, 0));
    }

    static List<WorkerState> all() {
        return List.of(
                new Starting(),
                new Idle(),
                new Busy(),
                new Leased(),
                new Retiring(ExitReason.MAX_AGE),
                new Stopping(ExitReason.MAX_AGE),
                new Killed(ExitReason.MAX_AGE));
    }

    private static WorkerState after(WorkerState state, Event... events) {
        WorkerState now = state;
        for (Event event : events) {
            now = now.after(event);
        }
        return now;
    }

    @Test
    void is_idle_once_it_is_ready() {
        assertThat(after(new Starting(), new Ready())).isEqualTo(new Idle());
    }

    @Test
    void is_busy_while_it_holds_a_call_and_idle_again_without() {
        assertThat(after(new Idle(), new Assigned())).isEqualTo(new Busy());
        assertThat(after(new Idle(), new Assigned(), new Emptied())).isEqualTo(new Idle());
    }

    @Test
    void takes_further_calls_ahead_while_it_is_busy() {
        assertThat(after(new Busy(), new Assigned())).isEqualTo(new Busy());
    }

    @Test
    void stays_leased_through_the_calls_of_its_lease() {
        assertThat(after(new Idle(), new LeaseBegan(), new Assigned(), new Emptied()))
                .isEqualTo(new Leased());
        assertThat(after(new Leased(), new LeaseEnded())).isEqualTo(new Idle());
    }

    @Test
    void finishes_its_call_before_retiring() {
        assertThat(after(new Busy(), AGED, new Emptied()))
                .isEqualTo(new Retiring(ExitReason.MAX_AGE));
        assertThat(after(new Busy(), AGED, new Emptied(), new Stop()))
                .isEqualTo(new Stopping(ExitReason.MAX_AGE));
    }

    @Test
    void serves_its_lease_to_the_end_before_retiring() {
        assertThat(after(new Leased(), AGED, new Assigned(), new Emptied(), new LeaseEnded()))
                .isEqualTo(new Retiring(ExitReason.MAX_AGE));
    }

    @Test
    void keeps_its_first_reason_to_retire() {
        assertThat(after(new Busy(), AGED, new Retire(ExitReason.IDLE)))
                .isEqualTo(new Retiring(ExitReason.MAX_AGE));
    }

    @ParameterizedTest
    @MethodSource("all")
    void can_end_at_any_moment(WorkerState state) {
        assertThat(state.after(CRASHED)).isEqualTo(new Gone(ExitReason.CRASHED, 139));
    }

    @ParameterizedTest
    @MethodSource("living")
    void can_be_killed_at_any_moment(WorkerState state) {
        assertThat(state.after(TIMED_OUT)).isEqualTo(new Killed(ExitReason.TIMED_OUT));
    }

    @Test
    void once_killed_only_its_end_matters() {
        assertThat(
                        after(
                                new Killed(ExitReason.TIMED_OUT),
                                new Ready(),
                                new Assigned(),
                                new Emptied(),
                                AGED,
                                new Kill(ExitReason.MEMORY)))
                .isEqualTo(new Killed(ExitReason.TIMED_OUT));
    }

    @Test
    void once_gone_nothing_matters() {
        assertThat(after(new Gone(ExitReason.CRASHED, 139), new Ready(), AGED, TIMED_OUT))
                .isEqualTo(new Gone(ExitReason.CRASHED, 139));
    }

    @Test
    void what_cannot_happen_is_refused_by_name() {
        assertThatIllegalStateException()
                .isThrownBy(() -> new Idle().after(new Ready()))
                .withMessage("Ready[] cannot follow Idle[]");
        assertThatIllegalStateException().isThrownBy(() -> new Starting().after(new Assigned()));
        assertThatIllegalStateException().isThrownBy(() -> new Idle().after(new Stop()));
        assertThatIllegalStateException().isThrownBy(() -> new Busy().after(new LeaseBegan()));
    }

    @ParameterizedTest
    @MethodSource("living")
    void counts_as_one_of_the_pool_while_it_serves_or_will(WorkerState state) {
        assertThat(state.serves()).isTrue();
        assertThat(state.reasonToLeave()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("leaving")
    void counts_no_more_once_it_leaves_and_says_why(WorkerState state) {
        assertThat(state.serves()).isFalse();
        assertThat(state.reasonToLeave()).contains(ExitReason.MAX_AGE);
    }

    @Test
    void has_one_word_for_each_state() {
        assertThat(all())
                .extracting(WorkerState::word)
                .containsExactly(
                        "starting", "idle", "busy", "leased", "retiring", "stopping", "killed");
        assertThat(new Gone(ExitReason.IDLE, 0).word()).isEqualTo("gone");
    }
}
