package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolBuilder;
import org.processpool.pool.PoolConfig;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.Work;
import org.processpool.task.TaskName;

/** Pools to be ill-treated, and how to look at them. */
final class Pools {

    /** For whatever should take moments; the machine may be busy. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    static final Work<Object, Object> HANG = Work.named("hang");
    static final Work<Object, Object> CRASH = Work.named("crash");
    static final Work<Object, Object> SLEEP = Work.named("sleep");

    /** What {@link #HANG} is called with. */
    static final Object IDLY = Map.of("busy", false);

    private Pools() {}

    /** A pool whose workers offer all kinds of trouble. */
    static PoolBuilder ofTrouble(int processes) {
        return ProcessPool.builder()
                .name("fault")
                .processes(processes)
                .offerTrouble(true)
                .jvmFlags("-XX:TieredStopAtLevel=1"); // many short lives
    }

    /** Skips what needs a sandbox where there can be none, and says why. */
    static void assumeSandbox() {
        try {
            var _ = ProcessPool.builder().sandbox(PoolConfig.Sandbox.BWRAP).config();
        } catch (IllegalArgumentException none) {
            assumeThat(none.getMessage()).as("there is no sandbox here").isEmpty();
        }
    }

    static Work<Object, Object> task(String name) {
        return Work.named(new TaskName(name), Object.class);
    }

    static List<Long> pids(ProcessPool pool) {
        return pool.snapshot().workers().stream().map(PoolSnapshot.Worker::pid).toList();
    }

    /** Waits until so many workers are idle, and none of them is one of those. */
    static void awaitIdle(ProcessPool pool, int count, List<Long> notThese) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> {
                    PoolSnapshot now = pool.snapshot();
                    assertThat(now.idle()).as("idle workers of %s", now.workers()).isEqualTo(count);
                    assertThat(now.workers())
                            .extracting(PoolSnapshot.Worker::pid)
                            .noneMatch(notThese::contains);
                });
    }

    static void awaitIdle(ProcessPool pool, int count) {
        awaitIdle(pool, count, List.of());
    }

    /** Waits until one worker is busy, and tells which. */
    static long awaitBusy(ProcessPool pool) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> busy(pool), busy -> busy.size() == 1)
                .getFirst();
    }

    private static List<Long> busy(ProcessPool pool) {
        return pool.snapshot().workers().stream()
                .filter(worker -> worker.state().equals("busy"))
                .map(PoolSnapshot.Worker::pid)
                .toList();
    }

    /** How a call that returns nothing has ended. */
    static Outcome outcomeOf(AsyncResult<?> call) {
        CallException failure = catchThrowableOfType(CallException.class, () -> call.get(PATIENCE));
        assertThat(failure).as("failure of the call").isNotNull();
        return failure.outcome();
    }

    /** How a call that ends in this way has ended. */
    static <T extends Outcome> T outcomeOf(Class<T> type, AsyncResult<?> call) {
        Outcome outcome = outcomeOf(call);
        assertThat(outcome).isInstanceOf(type);
        return type.cast(outcome);
    }

    static void awaitDeath(List<Long> pids) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(pids)
                                .as("processes that should be dead")
                                .noneMatch(Pools::isAlive));
    }

    /** Whether there is such a process that is more than a corpse. */
    static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state != 'Z' && state != 'X';
        } catch (IOException gone) {
            return false;
        }
    }
}
