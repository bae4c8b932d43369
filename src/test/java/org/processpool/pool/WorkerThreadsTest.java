package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Looking into a worker. */
@Timeout(60)
class WorkerThreadsTest {

    private static final Duration SHORT = Duration.ofMillis(200);

    private final ProcessPool pool = ProcessPool.builder().name("looked-into").processes(1).open();

    @AfterEach
    void end_the_pool() {
        pool.close();
    }

    private PoolSnapshot.Worker worker() {
        return pool.snapshot().workers().getFirst();
    }

    private static void send(String signal, long pid) throws Exception {
        Process kill = new ProcessBuilder("kill", "-s", signal, "" + pid).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** On a busy machine a process goes on for a while after it was sent the signal. */
    private static void stop(long pid) throws Exception {
        send("STOP", pid);
        await().until(() -> Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") T "));
    }

    @Test
    void shows_what_a_task_is_at_and_lets_it_go_on() throws Exception {
        try (Occupied busy = Occupied.in(pool)) {
            String threads = pool.threads(worker().id(), Occupied.LONG);
            assertThat(threads)
                    .startsWith("\"main\"")
                    .contains("at org.processpool.pool.Tasks.waitToBeCancelled(Tasks.java:");
            assertThat(worker().pid()).isEqualTo(busy.pid());
            assertThat(worker().state()).isEqualTo("busy");
        }
        assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
    }

    @Test
    void an_idle_worker_answers_too() throws Exception {
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
        assertThat(pool.threads(worker().id(), Occupied.LONG)).contains("java.lang.Thread.State");
        assertThat(pool.snapshot().idle()).isEqualTo(1);
    }

    @Test
    void a_worker_that_is_stopped_does_not_answer_in_time_and_answers_once_it_goes_on()
            throws Exception {
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
        PoolSnapshot.Worker worker = worker();
        stop(worker.pid());
        for (int question = 0; question < 3; question++) {
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> pool.threads(worker.id(), SHORT))
                    .withMessage("worker 'looked-into-1' did not answer within 200 ms");
        }
        send("CONT", worker.pid());
        assertThat(pool.threads(worker.id(), Occupied.LONG)).contains("java.lang.Thread.State");
        assertThat(worker().pid()).isEqualTo(worker.pid());
    }

    @Test
    void a_worker_that_dies_before_it_answers_is_told_of() throws Exception {
        assertThat(pool.awaitReady(Occupied.LONG)).isTrue();
        PoolSnapshot.Worker worker = worker();
        stop(worker.pid());
        var asked = new CompletableFuture<String>();
        Thread asking =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                asked.complete(pool.threads(worker.id(), Occupied.LONG));
                            } catch (Exception thrown) {
                                asked.completeExceptionally(thrown);
                            }
                        });
        await().until(() -> asking.getState() == Thread.State.TIMED_WAITING);
        pool.kill(worker.id());
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> asked.get(30, TimeUnit.SECONDS))
                .withCauseInstanceOf(NoSuchElementException.class)
                .withMessageContaining("worker 'looked-into-1' died before it answered");
    }

    @Test
    void a_worker_that_is_not_there_is_told_of() {
        assertThatExceptionOfType(NoSuchElementException.class)
                .isThrownBy(() -> pool.threads("looked-into-99", SHORT))
                .withMessage("pool 'looked-into' has no worker 'looked-into-99' now");
    }
}
