package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.task.Payload;
import org.processpool.task.TaskContext;

/** Retries, priorities, affinity and what a call tells while it runs. */
@Timeout(60)
class CallTreatmentTest {

    private static ProcessPool pool;

    @BeforeAll
    static void start_a_pool_of_two() throws InterruptedException {
        pool = ProcessPool.builder().name("treated").processes(2).open();
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
    }

    @AfterAll
    static void end_the_pool() {
        pool.close();
    }

    // Retries

    @Test
    void a_call_whose_worker_dies_is_not_run_again_unless_asked() {
        assertThatExceptionOfType(CallException.WorkerCrashed.class)
                .isThrownBy(() -> pool.apply(Tasks::dieUntilAttempt, 2))
                .withMessageMatching(
                        "worker \\d+ died with exit code 9 during 'Tasks::dieUntilAttempt'.*");
    }

    @Test
    void a_call_whose_worker_dies_is_run_again_as_often_as_asked() throws Exception {
        ProcessPool stubborn = pool.with(CallOptions.DEFAULT.retries(2));
        assertThat(stubborn.apply(Tasks::dieUntilAttempt, 3)).isEqualTo(3);
    }

    @Test
    void a_call_that_kills_every_worker_fails_after_its_last_retry() {
        ProcessPool once = pool.with(CallOptions.DEFAULT.retries(1));
        assertThatExceptionOfType(CallException.WorkerCrashed.class)
                .isThrownBy(() -> once.apply(Tasks::dieUntilAttempt, 100));
    }

    @Test
    void a_task_that_throws_is_not_run_again() {
        ProcessPool stubborn = pool.with(CallOptions.DEFAULT.retries(5));
        RemoteFunction<String, Integer> throwAttempt =
                _ -> {
                    throw new IllegalStateException("attempt " + Tasks.dieUntilAttempt(1));
                };
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> stubborn.apply(throwAttempt, ""))
                .withMessageContaining("attempt 1");
    }

    // Priorities

    @Test
    void the_highest_priority_is_served_first_and_within_one_who_came_first() throws Exception {
        Queue<Integer> served = new ConcurrentLinkedQueue<>();
        List<AsyncResult<Integer>> results = new ArrayList<>();
        try (ProcessPool single = ProcessPool.builder().inline().processes(1).open()) {
            try (Occupied _ = Occupied.in(single)) {
                for (int[] priorityAndNumber :
                        new int[][] {{0, 5}, {5, 3}, {9, 1}, {5, 4}, {9, 2}}) {
                    ProcessPool view =
                            single.with(
                                    CallOptions.DEFAULT
                                            .priority(priorityAndNumber[0])
                                            .onPart(_ -> served.add(priorityAndNumber[1])));
                    results.add(view.applyAsync(Tasks::tell, 1));
                }
            }
            for (AsyncResult<Integer> result : results) {
                result.get();
            }
        }
        assertThat(served).containsExactly(1, 2, 3, 4, 5);
    }

    // Affinity

    @Test
    void calls_with_the_same_key_go_to_the_same_worker() throws Exception {
        ProcessPool seven = pool.with(CallOptions.DEFAULT.affinityKey("customer 7"));
        long home = seven.apply(Tasks::pid);
        try (Occupied elsewhere = Occupied.in(pool)) {
            if (elsewhere.pid() == home) {
                AsyncResult<Long> waits = seven.applyAsync(Tasks::pid);
                assertThat(pool.apply(Tasks::pid)).as("the other is free").isNotEqualTo(home);
                assertThat(waits.ready()).isFalse();
            } else {
                assertThat(seven.apply(Tasks::pid)).isEqualTo(home);
            }
        }
        assertThat(seven.apply(Tasks::pid)).isEqualTo(home);
    }

    @Test
    void a_key_whose_worker_has_died_finds_another() throws Exception {
        ProcessPool eight = pool.with(CallOptions.DEFAULT.affinityKey("customer 8"));
        long home = eight.apply(Tasks::pid);
        pool.kill(home);
        assertThat(eight.apply(Tasks::pid)).isNotEqualTo(home);
    }

    // Telling

    @Test
    void progress_and_parts_reach_the_caller_before_the_result() throws Exception {
        List<Progress> progress = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        ProcessPool told =
                pool.with(
                        CallOptions.DEFAULT
                                .onProgress(progress::add)
                                .onPart((Payload part) -> parts.add(part.text())));
        assertThat(told.apply(Tasks::tell, 5)).isEqualTo(5);
        assertThat(parts).containsExactly("part 1", "part 2", "part 3", "part 4", "part 5");
        assertThat(progress)
                .as("often is not always, but the last one is always told")
                .isNotEmpty()
                .last()
                .isEqualTo(new Progress(5, 5, "step 5"));
    }

    @Test
    void a_caller_s_listener_that_throws_harms_nothing() throws Exception {
        ProcessPool told =
                pool.with(
                        CallOptions.DEFAULT.onPart(_ -> {
                            throw new IllegalStateException("thrown on purpose");
                        }));
        assertThat(told.apply(Tasks::tell, 2)).isEqualTo(2);
    }

    @Test
    void outside_a_worker_there_is_no_context() {
        assertThat(TaskContext.current()).isEmpty();
    }
}
