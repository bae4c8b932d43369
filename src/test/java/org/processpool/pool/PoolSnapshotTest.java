package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.task.TaskName;
import org.processpool.wire.TaskDescription;

/** A pool at one moment, in numbers. */
@Timeout(60)
class PoolSnapshotTest {

    private final ProcessPool pool =
            ProcessPool.builder().name("seen").processes(2).queueLimit(50).open();

    @AfterEach
    void end_the_pool() {
        pool.close();
    }

    @Test
    void shows_the_pool_its_workers_and_what_they_do() throws Exception {
        Instant before = Instant.now();
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
        try (Occupied busy = Occupied.in(pool);
                Lease lease = pool.lease()) {
            AsyncResult<Integer> waiting = pool.applyAsync(Tasks::square, 7);
            await().until(() -> pool.snapshot().oldestWait().isPositive());
            PoolSnapshot now = pool.snapshot();
            assertThat(now.name()).isEqualTo("seen");
            assertThat(now.state()).isEqualTo(PoolState.RUNNING);
            assertThat(now.cause()).isEmpty();
            assertThat(now.processes()).isEqualTo(2);
            assertThat(now.maxTasksPerChild()).isZero();
            assertThat(now.waitingConversations()).isZero();
            assertThat(now.queued()).isEqualTo(1);
            assertThat(now.queueLimit()).isEqualTo(50);
            assertThat(now.busy()).isEqualTo(2);
            assertThat(now.idle()).isZero();
            assertThat(now.startedOnce()).isTrue();
            assertThat(now.workers())
                    .extracting(PoolSnapshot.Worker::pid)
                    .containsExactlyInAnyOrder(busy.pid(), lease.pid());
            PoolSnapshot.Worker worker = worker(now, busy.pid());
            assertThat(worker.state()).isEqualTo("busy");
            assertThat(worker.task()).contains("Tasks::waitToBeCancelled");
            assertThat(worker.inFlight()).isEqualTo(1);
            assertThat(worker.residentBytes()).isGreaterThan(10L << 20);
            assertThat(worker.cpu()).hasValueSatisfying(used -> assertThat(used).isPositive());
            assertThat(worker.lastExit()).isEmpty();
            assertThat(worker.startedAt())
                    .isBetween(before.minus(Duration.ofMinutes(1)), Instant.now());
            assertThat(worker.since()).isBetween(worker.startedAt(), Instant.now());
            assertThat(worker(now, lease.pid()).state()).isEqualTo("leased");
            waiting.cancel();
        }
        assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
        assertThat(pool.snapshot().ended()).isEqualTo(Map.of("cancelled", 2L, "done", 1L));
        assertThat(pool.snapshot().oldestWait()).isZero();
    }

    private static PoolSnapshot.Worker worker(PoolSnapshot snapshot, long pid) {
        return snapshot.workers().stream()
                .filter(worker -> worker.pid() == pid)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_heartbeat_tells_how_much_heap_a_worker_uses() {
        try (ProcessPool beating =
                ProcessPool.builder()
                        .name("beating")
                        .processes(1)
                        .heartbeat(Duration.ofMillis(50), Occupied.LONG)
                        .open()) {
            await().untilAsserted(() ->
                    assertThat(beating.snapshot().workers())
                            .hasSize(1)
                            .allSatisfy(worker ->
                                    assertThat(worker.heapBytes())
                                            .isBetween(100L << 10, worker.residentBytes())));
        }
    }

    @Test
    void its_workers_tell_which_tasks_there_are() throws Exception {
        assertThat(pool.tasks(Occupied.LONG))
                .extracting(TaskDescription::name)
                .contains(new TaskName("wordcount"), new TaskName("talk"))
                .doesNotContain(new TaskName("crash"));
    }
}
