package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.HANG;
import static org.processpool.fault.Pools.IDLY;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.outcomeOf;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.CallOptions;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolListener;
import org.processpool.pool.PoolState;
import org.processpool.pool.ProcessPool;
import org.processpool.wire.Target;

/** Callbacks that misbehave in the parent: row 32 of the list of faults. Each hangs CPython. */
@FaultTest
class CallbackFaultIT {

    @Test
    void callbacks_that_throw_hold_nobody_up() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            Consumer<Object> exception =
                    _ -> {
                        throw new IllegalStateException("on purpose");
                    };
            Consumer<Object> error =
                    _ -> {
                        throw new AssertionError("on purpose");
                    };
            pool.applyAsync(Deeds::square, 2L, exception, exception);
            pool.applyAsync(Deeds::square, 2L, error, error);
            pool.applyAsync(Deeds::fail, "so", exception, error);
            var heard = new CompletableFuture<Long>();
            pool.applyAsync(Deeds::square, 3L, heard::complete, heard::completeExceptionally);
            assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo(9);
        }
    }

    @Test
    void a_callback_that_never_returns_holds_nobody_up() throws Exception {
        var stuck = new CountDownLatch(1);
        try (var pool = Pools.ofTrouble(1).open()) {
            pool.applyAsync(Deeds::square, 2L, _ -> awaitForever(stuck), null);
            var heard = new CompletableFuture<Long>();
            pool.applyAsync(Deeds::square, 3L, heard::complete, heard::completeExceptionally);
            assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo(9);
        } finally {
            stuck.countDown();
        }
    }

    @Test
    void a_callback_may_use_the_pool() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            var nested = new CompletableFuture<Long>();
            pool.applyAsync(Deeds::square, 2L, four -> nested.complete(squareBy(pool, four)), null);
            assertThat(nested.get(20, TimeUnit.SECONDS)).isEqualTo(16);
        }
    }

    @Test
    void a_callback_may_close_the_pool() throws Exception {
        var pool = Pools.ofTrouble(2).build();
        var last = pool.applyAsync(Deeds::sleep, 500L);
        pool.applyAsync(Deeds::square, 2L, _ -> pool.close(), null);
        assertThat(last.get(PATIENCE)).isEqualTo(500);
        awaitEnd(pool);
    }

    @Test
    void a_callback_may_terminate_the_pool_and_wait_for_its_end() throws Exception {
        var pool = Pools.ofTrouble(2).open();
        var hanging = pool.applyAsync(HANG, IDLY);
        pool.applyAsync(Deeds::square, 2L, _ -> pool.close(), null); // terminates and joins
        assertThat(outcomeOf(hanging)).isInstanceOf(Outcome.Abandoned.class);
        awaitEnd(pool);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_listener_that_throws_holds_nobody_up(boolean error) throws Exception {
        try (var pool = Pools.ofTrouble(2).listener(new Thrower(error)).open()) {
            var options =
                    CallOptions.DEFAULT
                            .onProgress(_ -> throwOne(error))
                            .onPart(_ -> throwOne(error));
            assertThat(pool.with(options).apply(Deeds::reportProgress, 10L)).isEqualTo(10);
            assertThat(pool.with(options).apply(Deeds::emit, 10)).isEqualTo(10);
            assertThat(pool.map(Deeds::square, List.of(1L, 2L, 3L), 1)).containsExactly(1L, 4L, 9L);
            assertThat(outcomeOf(pool.applyAsync(Deeds::halt, 3)))
                    .isInstanceOf(Outcome.Crashed.class);
            assertThat(pool.map(Deeds::square, List.of(1L, 2L, 3L), 1)).containsExactly(1L, 4L, 9L);
        }
    }

    private static void throwOne(boolean error) {
        if (error) {
            throw new Mistake();
        }
        throw new Mishap();
    }

    /** Without a stack trace, as the log shows each. */
    private static final class Mishap extends RuntimeException {
        Mishap() {
            super("on purpose", null, false, false);
        }
    }

    /** As {@link Mishap}, and worse. */
    private static final class Mistake extends Error {
        Mistake() {
            super("on purpose", null, false, false);
        }
    }

    /** Throws whatever it hears. */
    private record Thrower(boolean error) implements PoolListener {

        @Override
        public void workerStarted(String worker, long pid) {
            throwOne(error);
        }

        @Override
        public void workerReady(String worker, long pid, Duration startup) {
            throwOne(error);
        }

        @Override
        public void workerGone(String worker, long pid, int exitCode, ExitReason reason) {
            throwOne(error);
        }

        @Override
        public void callStarted(Target target, String worker, long pid, Duration waited) {
            throwOne(error);
        }

        @Override
        public void callEnded(Target target, Outcome outcome, Duration waited, Duration ran) {
            throwOne(error);
        }

        @Override
        public void workerSaid(String worker, long pid, String line) {
            throwOne(error);
        }

        @Override
        public void poolState(PoolState state, String why) {
            throwOne(error);
        }
    }

    private static void awaitEnd(ProcessPool pool) {
        await().atMost(PATIENCE)
                .until(() ->
                        pool.snapshot().state() == PoolState.TERMINATED
                                && pool.snapshot().workers().isEmpty());
    }

    private static long squareBy(ProcessPool pool, long number) {
        try {
            return pool.apply(Deeds::square, number);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static void awaitForever(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
