package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every worker does before its first call. */
@Timeout(60)
class InitializerTest {

    @Test
    void runs_with_its_arguments_in_each_worker_and_each_replacement() throws Exception {
        try (ProcessPool pool =
                ProcessPool.builder()
                        .name("prepared")
                        .processes(2)
                        .initializer(Tasks::remember, "model", 7)
                        .open()) {
            assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
            long first;
            try (Occupied busy = Occupied.in(pool)) {
                first = busy.pid();
                String other = pool.apply(Tasks::remembered);
                assertThat(other).startsWith("model 7 in ").doesNotEndWith(" " + first);
            }
            pool.recycle().join();
            assertThat(pool.apply(Tasks::remembered))
                    .startsWith("model 7 in ")
                    .doesNotEndWith(" " + first);
        }
    }

    @Test
    void may_have_one_argument_or_none() throws Exception {
        try (ProcessPool one =
                        ProcessPool.builder()
                                .inline()
                                .processes(1)
                                .initializer(Tasks::remember, "one")
                                .open();
                ProcessPool none =
                        ProcessPool.builder()
                                .inline()
                                .processes(1)
                                .initializer(Tasks::pid)
                                .open()) {
            assertThat(one.apply(Tasks::remembered)).startsWith("one in ");
            assertThat(none.apply(Tasks::square, 3)).isEqualTo(9);
        }
    }

    @Test
    void that_fails_breaks_the_pool_with_its_cause_and_nobody_waits_for_ever() throws Exception {
        try (ProcessPool pool =
                ProcessPool.builder()
                        .name("unprepared")
                        .processes(1)
                        .startFailures(2)
                        .initializer(Tasks::startUnless, "no model")
                        .open()) {
            AsyncResult<Integer> waiting = pool.applyAsync(Tasks::square, 7);
            assertThatExceptionOfType(CallException.Abandoned.class)
                    .isThrownBy(waiting::get)
                    .withMessage(
                            "'Tasks::square' was given up: pool 'unprepared' cannot start workers: 2"
                                    + " starts in a row failed, the last one: the initializer"
                                    + " failed: java.lang.IllegalStateException: no model");
            assertThatExceptionOfType(PoolRejectedException.Broken.class)
                    .isThrownBy(() -> pool.apply(Tasks::square, 7));
            assertThatExceptionOfType(PoolRejectedException.Broken.class)
                    .isThrownBy(() -> pool.awaitReady(Occupied.LONG));
            assertThat(pool.snapshot().state()).isEqualTo(PoolState.BROKEN);
            assertThat(pool.snapshot().cause()).get().asString().contains("no model");
            assertThat(pool.snapshot().exits()).containsOnlyKeys(ExitReason.START_FAILED);
        }
    }
}
