package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Settings that can be changed while a pool runs. */
@Timeout(60)
class PoolChangeTest {

    private final Heard heard = new Heard();

    private PoolBuilder changed() {
        return ProcessPool.builder().name("changed").inline().processes(2).listener(heard);
    }

    @Test
    void all_of_it_is_changed_at_once_and_can_be_taken_back() throws Exception {
        try (ProcessPool pool = changed().minProcesses(1).queueLimit(10).open()) {
            pool.reconfigure(
                    PoolChange.NONE
                            .processes(4)
                            .minProcesses(3)
                            .maxTasksPerChild(100)
                            .queueLimit(20));
            await().until(() -> pool.snapshot().idle() == 3);
            PoolSnapshot now = pool.snapshot();
            assertThat(now.processes()).isEqualTo(4);
            assertThat(now.minProcesses()).isEqualTo(3);
            assertThat(now.maxTasksPerChild()).isEqualTo(100);
            assertThat(now.queueLimit()).isEqualTo(20);
            pool.reconfigure(pool.initial());
            now = pool.snapshot();
            assertThat(now.processes()).isEqualTo(2);
            assertThat(now.minProcesses()).isEqualTo(1);
            assertThat(now.maxTasksPerChild()).isZero();
            assertThat(now.queueLimit()).isEqualTo(10);
        }
    }

    @Test
    void what_is_not_told_stays_but_what_is_kept_goes_with_the_size() {
        try (ProcessPool pool = changed().queueLimit(10).open()) {
            pool.reconfigure(PoolChange.NONE.processes(3));
            assertThat(pool.snapshot().minProcesses()).isEqualTo(3);
            assertThat(pool.snapshot().queueLimit()).isEqualTo(10);
            pool.reconfigure(PoolChange.NONE.minProcesses(1));
            pool.reconfigure(PoolChange.NONE.processes(2));
            assertThat(pool.snapshot().minProcesses()).isEqualTo(1);
        }
    }

    @Test
    void of_a_change_that_cannot_be_nothing_is_done() {
        try (ProcessPool pool = changed().queueLimit(10).open()) {
            PoolChange change = PoolChange.NONE.minProcesses(3).queueLimit(20).maxTasksPerChild(5);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.reconfigure(change))
                    .withMessage("minProcesses must be from 0 to 2, was 3");
            assertThat(pool.snapshot().queueLimit()).isEqualTo(10);
            assertThat(pool.snapshot().maxTasksPerChild()).isZero();
        }
    }

    @Test
    void values_out_of_their_range_are_refused_at_birth() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolChange.NONE.processes(0))
                .withMessage("processes must be from 1 to 4096, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolChange.NONE.processes(2).minProcesses(3))
                .withMessage("minProcesses must be from 0 to 2, was 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolChange.NONE.maxTasksPerChild(-1))
                .withMessage("maxTasksPerChild must be at least 0, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolChange.NONE.queueLimit(-1))
                .withMessage("queueLimit must be at least 0, was -1");
    }

    @Test
    void a_closed_pool_cannot_be_changed() throws Exception {
        ProcessPool pool = changed().build();
        pool.close();
        assertThatExceptionOfType(PoolRejectedException.Closed.class)
                .isThrownBy(() -> pool.reconfigure(PoolChange.NONE.processes(3)));
        assertThat(pool.join(Occupied.LONG)).isTrue();
    }

    // The line

    @Test
    void a_shorter_line_keeps_those_who_stand_in_it_and_lets_nobody_else_in() throws Exception {
        try (ProcessPool pool = changed().processes(1).open()) {
            List<AsyncResult<Integer>> waiting = new ArrayList<>();
            try (Occupied _ = Occupied.in(pool)) {
                for (int number = 0; number < 3; number++) {
                    waiting.add(pool.applyAsync(Tasks::square, number));
                }
                pool.reconfigure(PoolChange.NONE.queueLimit(2));
                assertThatExceptionOfType(PoolRejectedException.QueueFull.class)
                        .isThrownBy(() -> pool.applyAsync(Tasks::square, 7));
                pool.reconfigure(PoolChange.NONE.queueLimit(4));
                waiting.add(pool.applyAsync(Tasks::square, 3));
            }
            for (int number = 0; number < 4; number++) {
                assertThat(waiting.get(number).get(Occupied.LONG)).isEqualTo(number * number);
            }
        }
    }

    @Test
    void a_longer_line_lets_in_who_waits_for_room() throws Exception {
        try (ProcessPool pool =
                changed().processes(1).queueLimit(0).whenFull(PoolConfig.WhenFull.BLOCK).open()) {
            try (Occupied _ = Occupied.in(pool)) {
                Thread caller = Thread.ofPlatform().start(() -> pool.applyAsync(Tasks::square, 7));
                await().until(() -> caller.getState() == Thread.State.WAITING);
                pool.reconfigure(PoolChange.NONE.queueLimit(1));
                assertThat(caller.join(Occupied.LONG)).isTrue();
                assertThat(pool.snapshot().queued()).isEqualTo(1);
            }
        }
    }

    // Calls per worker

    @Test
    void a_busy_worker_that_has_served_enough_leaves_when_its_call_has_ended() throws Exception {
        try (ProcessPool pool = ProcessPool.builder().name("changed").processes(1).open()) {
            pool.apply(Tasks::square, 7);
            try (Occupied busy = Occupied.in(pool)) {
                pool.reconfigure(PoolChange.NONE.maxTasksPerChild(1));
                assertThat(pool.snapshot().workers())
                        .filteredOn(worker -> worker.pid() == busy.pid())
                        .extracting(PoolSnapshot.Worker::state)
                        .containsExactly("retiring");
                assertThat(pool.apply(Tasks::pid)).isNotEqualTo(busy.pid());
            }
            await().until(() ->
                    pool.snapshot().exits().getOrDefault(ExitReason.MAX_TASKS, 0L) == 2);
        }
    }

    @Test
    void an_idle_worker_that_has_served_enough_leaves_when_its_successor_is_ready()
            throws Exception {
        try (ProcessPool pool =
                ProcessPool.builder().name("changed").processes(1).listener(heard).open()) {
            long first = pool.apply(Tasks::pid);
            await().until(() -> pool.snapshot().idle() == 1);
            pool.reconfigure(PoolChange.NONE.maxTasksPerChild(1));
            await().until(() -> heard.exits().contains(ExitReason.MAX_TASKS));
            Heard.Gone leaver = heard.news(Heard.Gone.class).getFirst();
            assertThat(leaver.pid()).isEqualTo(first);
            Heard.Ready successor = heard.news(Heard.Ready.class).get(1);
            assertThat(heard.news().indexOf(successor)).isLessThan(heard.news().indexOf(leaver));
        }
    }

    @Test
    void one_that_has_served_less_stays() throws Exception {
        try (ProcessPool pool = changed().processes(1).maxTasksPerChild(2).open()) {
            pool.apply(Tasks::square, 7);
            pool.reconfigure(PoolChange.NONE.maxTasksPerChild(0));
            for (int number = 0; number < 9; number++) {
                pool.apply(Tasks::square, number);
            }
            pool.reconfigure(PoolChange.NONE.maxTasksPerChild(12));
            pool.apply(Tasks::square, 7);
            assertThat(pool.snapshot().exits()).isEmpty();
            pool.apply(Tasks::square, 7);
            await().until(() -> pool.snapshot().exits().equals(Map.of(ExitReason.MAX_TASKS, 1L)));
        }
    }
}
