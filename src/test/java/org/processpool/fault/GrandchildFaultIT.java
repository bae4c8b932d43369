package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.awaitDeath;
import static org.processpool.fault.Pools.awaitIdle;
import static org.processpool.fault.Pools.outcomeOf;
import static org.processpool.fault.Pools.pids;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallOptions;
import org.processpool.pool.Outcome;
import org.processpool.pool.ProcessPool;
import org.processpool.task.Payload;
import org.processpool.wire.Codec;

/** What a task starts and leaves behind: row 10 of the list of faults. */
@FaultTest
class GrandchildFaultIT {

    private static final Duration SHORT = Duration.ofMillis(500);

    private final CompletableFuture<List<Long>> grandchildren = new CompletableFuture<>();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void grandchildren_die_with_a_worker_that_crashes(boolean detached) throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            var call = startGrandchildren(pool, detached, "crash");
            assertThat(outcomeOf(call)).isInstanceOf(Outcome.Crashed.class);
            awaitDeath(grandchildren());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void grandchildren_die_with_a_worker_that_ran_too_long(boolean detached) throws Exception {
        try (var pool = Pools.ofTrouble(1).timeout(SHORT).open()) {
            var call = startGrandchildren(pool, detached, "hang");
            assertThat(outcomeOf(call)).isInstanceOf(Outcome.TimedOut.class);
            awaitDeath(grandchildren());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void grandchildren_die_with_a_worker_that_retires(boolean detached) throws Exception {
        try (var pool = Pools.ofTrouble(1).maxTasksPerChild(1).open()) {
            startGrandchildren(pool, detached, "return").get(PATIENCE);
            awaitDeath(grandchildren());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void grandchildren_are_dead_when_the_pool_was_terminated(boolean detached) throws Exception {
        List<Long> started;
        try (var pool = Pools.ofTrouble(1).open()) {
            var _ = startGrandchildren(pool, detached, "hang");
            started = grandchildren();
        }
        assertThat(started).noneMatch(Pools::isAlive);
    }

    /** It has no session, parent or variable of ours, so nobody can find it. */
    @Test
    void the_parent_does_not_wait_for_a_process_that_has_fled_with_the_workers_log()
            throws Exception {
        try (var pool = Pools.ofTrouble(1).maxTasksPerChild(1).open()) {
            awaitIdle(pool, 1);
            long worker = pids(pool).getFirst();
            long fugitive = pool.apply(Deeds::startFugitive);
            try {
                assertThat(pool.apply(Deeds::square, 3L)).isEqualTo(9);
                pool.terminate();
                assertThat(pool.join(PATIENCE)).isTrue();
                assertThat(fugitive).matches(Pools::isAlive, "is alive");
                assertThat(worker).matches(pid -> !Pools.isAlive(pid), "is dead");
            } finally {
                Signal.KILL.sendTo(fugitive);
            }
        }
    }

    @Test
    void threads_a_task_has_left_do_not_keep_its_worker_from_leaving() throws Exception {
        try (var pool = Pools.ofTrouble(1).maxTasksPerChild(1).open()) {
            awaitDeath(List.of(pool.apply(Deeds::startThreads, 50)));
        }
    }

    @Test
    void shutdown_hooks_do_not_keep_a_worker_from_leaving() throws Exception {
        try (var pool = Pools.ofTrouble(1).maxTasksPerChild(1).open()) {
            awaitDeath(List.of(pool.apply(Deeds::delayExit)));
        }
    }

    private AsyncResult<?> startGrandchildren(ProcessPool pool, boolean detached, String then) {
        var input =
                Payload.json(
                        "{\"count\": 2, \"detached\": %b, \"then\": \"%s\"}"
                                .formatted(detached, then));
        return pool.with(CallOptions.DEFAULT.onPart(part -> grandchildren.complete(longs(part))))
                .applyAsync(Pools.task("grandchild"), input);
    }

    private List<Long> grandchildren() throws Exception {
        return grandchildren.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static List<Long> longs(Payload list) {
        return Codec.decode(list, Object.class) instanceof List<?> pids
                ? pids.stream().map(pid -> ((Number) pid).longValue()).toList()
                : List.of();
    }
}
