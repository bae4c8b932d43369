package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.processpool.fault.Pools.awaitIdle;
import static org.processpool.fault.Pools.pids;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.CallOptions;

/** Trouble while payloads travel through shared memory. */
@FaultTest
class LargePayloadFaultIT {

    private static final long SEED = 11;

    private final byte[] large = new byte[3_000_000];

    LargePayloadFaultIT() {
        new Random(SEED).nextBytes(large);
    }

    @Test
    void a_worker_killed_while_payloads_travel_is_replaced_and_no_result_is_wrong()
            throws Exception {
        var random = new Random(SEED);
        try (var pool = Pools.ofTrouble(1).open()) {
            for (int round = 0; round < 8; round++) {
                awaitIdle(pool, 1);
                assertThat(pool.apply(Deeds::same, large)).isEqualTo(large);
                AsyncResult<byte[]> doomed = pool.applyAsync(Deeds::same, large);
                AsyncResult<byte[]> saved =
                        pool.with(CallOptions.DEFAULT.retries(2)).applyAsync(Deeds::same, large);
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(4000)));
                Signal.KILL.sendTo(pids(pool).getFirst());
                try {
                    assertThat(doomed.get(Pools.PATIENCE)).isEqualTo(large);
                } catch (CallException.WorkerCrashed early) {
                    assertThat(early).hasMessageContaining("SIGKILL");
                }
                assertThat(saved.get(Pools.PATIENCE)).isEqualTo(large);
            }
        }
    }

    @Test
    void shared_memory_that_a_task_cuts_off_is_given_up_and_the_pipe_does() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            assertThat(pool.apply(Deeds::same, large)).isEqualTo(large);
            List<Long> before = pids(pool);
            pool.apply(Deeds::cutSharedMemory);
            for (int i = 0; i < 3; i++) {
                assertThat(pool.apply(Deeds::same, large)).isEqualTo(large);
            }
            assertThat(pids(pool)).isEqualTo(before);
        }
    }
}
