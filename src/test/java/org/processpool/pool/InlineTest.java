package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.pool.Tasks.Point;
import org.processpool.task.TaskName;

/** The same API in the calling process, for users' own unit tests. */
@Timeout(60)
class InlineTest {

    private static ProcessPool pool;

    @BeforeAll
    static void start_a_pool() {
        pool = ProcessPool.builder().name("here").inline().processes(2).open();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    /** Remembers the last point it was given, in this process. */
    static final class Mirror {
        private static Point last;

        static Point keep(Point point) {
            last = point;
            return point;
        }
    }

    @Test
    void code_runs_in_this_process() throws Exception {
        assertThat(pool.apply(Tasks::pid)).isEqualTo(ProcessHandle.current().pid());
    }

    @Test
    void values_are_encoded_and_decoded_as_between_processes() throws Exception {
        Point sent = new Point(1, 2);
        Point back = pool.apply(Mirror::keep, sent);
        assertThat(Mirror.last).isEqualTo(sent).isNotSameAs(sent);
        assertThat(back).isEqualTo(sent).isNotSameAs(sent).isNotSameAs(Mirror.last);
    }

    @Test
    void a_result_that_could_not_travel_fails_here_too() {
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> pool.apply(Tasks::aThread));
    }

    @Test
    void maps_errors_and_conversations_are_the_same() throws Exception {
        assertThat(pool.map(Tasks::square, List.of(1, 2, 3))).containsExactly(1, 4, 9);
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> pool.apply(Tasks::half, 7))
                .withMessageContaining("7 is odd");
        try (OpenConversation talk = pool.converse(new TaskName("talk")).get(Occupied.LONG)) {
            assertThat(talk.say("hello", String.class)).isEqualTo("hello");
        }
    }

    @Test
    void a_call_that_does_not_listen_ends_as_timed_out_though_its_thread_cannot_be_killed()
            throws Exception {
        try (ProcessPool strict =
                ProcessPool.builder()
                        .name("strict-here")
                        .inline()
                        .processes(1)
                        .timeout(Duration.ofMillis(50))
                        .grace(Duration.ofMillis(20), Duration.ofMillis(20))
                        .open()) {
            assertThatExceptionOfType(CallException.TimedOut.class)
                    .isThrownBy(() -> strict.apply(Tasks::hang));
            assertThat(strict.apply((Integer n) -> n + 1, 1)).isEqualTo(2);
        }
    }
}
