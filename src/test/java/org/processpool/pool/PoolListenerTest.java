package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.wire.Target;

/** What a pool tells whoever listens. */
@Timeout(60)
class PoolListenerTest {

    @Test
    void hears_of_workers_calls_refusals_and_states() throws Exception {
        var heard = new Heard();
        ProcessPool pool = ProcessPool.builder().name("heard").processes(1).listener(heard).build();
        long worker = pool.apply(Tasks::pid);
        pool.applyAsync(Tasks::half, 7).await(Occupied.LONG);
        pool.apply(Tasks::say, "a line to listen to");
        pool.close();
        assertThatExceptionOfType(PoolRejectedException.Closed.class)
                .isThrownBy(() -> pool.apply(Tasks::pid));
        pool.join();
        await().untilAsserted(() ->
                assertThat(heard.news())
                        .contains(
                                new Heard.Started("heard-1", worker),
                                new Heard.Said("a line to listen to"),
                                new Heard.Gone("heard-1", worker, 0, ExitReason.TERMINATED))
                        .containsSubsequence(
                                new Heard.Ready("heard-1", worker),
                                new Heard.CallStarted("Tasks::pid", worker),
                                new Heard.CallEnded("Tasks::pid", "done"),
                                new Heard.CallStarted("Tasks::half", worker),
                                new Heard.CallEnded("Tasks::half", "failed"),
                                new Heard.State(PoolState.CLOSED),
                                new Heard.Rejected(PoolRejectedException.Closed.class),
                                new Heard.State(PoolState.TERMINATED)));
    }

    @Test
    void a_listener_that_throws_harms_nothing() throws Exception {
        PoolListener grumpy =
                new PoolListener() {
                    @Override
                    public void workerReady(String worker, long pid, Duration startup) {
                        throw new IllegalStateException("thrown by a listener, on purpose");
                    }

                    @Override
                    public void callStarted(
                            Target target, String worker, long pid, Duration waited) {
                        throw new IllegalStateException("thrown by a listener, on purpose");
                    }

                    @Override
                    public void callEnded(
                            Target target, Outcome outcome, Duration waited, Duration ran) {
                        throw new IllegalStateException("thrown by a listener, on purpose");
                    }
                };
        try (ProcessPool pool =
                ProcessPool.builder()
                        .name("grumpy")
                        .inline()
                        .processes(1)
                        .listener(grumpy)
                        .open()) {
            assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
            assertThat(pool.apply(Tasks::square, 8)).isEqualTo(64);
        }
    }
}
