package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.HANG;
import static org.processpool.fault.Pools.IDLY;
import static org.processpool.fault.Pools.PATIENCE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.CallOptions;
import org.processpool.pool.Lease;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.Work;

/**
 * Several threads do at random whatever can be done to a pool. Whichever order comes out, every
 * accepted call ends exactly once, in a way its action allows, and a result is the right one.
 *
 * <p>A walk can be taken again, as far as threads and processes allow, with {@code
 * -Dfault.seed=<the seed of the message>}.
 */
@FaultTest
class RandomWalkFaultIT {

    private static final int WALKERS = 4;
    private static final Duration LENGTH = Duration.ofSeconds(8);
    private static final Duration LIMIT = Duration.ofMillis(300);
    private static final List<Long> NUMBERS = LongStream.range(-20, 20).boxed().toList();

    private static final Work<Long, Long> SQUARE = Work.of(Deeds::square);

    private final long seed = Long.getLong("fault.seed", System.nanoTime());
    private final Diary diary = new Diary();

    /** How many callbacks each call has heard of. */
    private final ConcurrentMap<AsyncResult<?>, AtomicInteger> ends = new ConcurrentHashMap<>();

    private final ConcurrentLinkedQueue<Future<?>> recyclings = new ConcurrentLinkedQueue<>();

    private enum Action {
        APPLY,
        APPLY_FAILING,
        APPLY_CRASHING,
        APPLY_HANGING,
        CANCEL,
        MAP,
        ITERATE,
        LEASE,
        KILL,
        STOP_AND_GO,
        RESIZE,
        RECYCLE
    }

    @Test
    void every_call_ends_once_and_as_it_may_in_whatever_order_things_happen() throws Exception {
        try (var pool =
                Pools.ofTrouble(3)
                        .startFailures(1_000) // young workers are killed in a row here
                        .grace(Duration.ofMillis(100), Duration.ofMillis(100))
                        .listener(diary)
                        .open()) {
            try {
                walk(pool);
                checkRest(pool);
            } catch (Throwable failed) {
                throw new AssertionError(
                        "failed with -Dfault.seed=%d: %s; the pool: %s"
                                .formatted(seed, failed, pool.snapshot()),
                        failed);
            }
        }
    }

    private void walk(ProcessPool pool) throws Exception {
        long end = System.nanoTime() + LENGTH.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> walkers = new ArrayList<>();
            for (int walker = 0; walker < WALKERS; walker++) {
                var chance = new Random(seed + walker);
                walkers.add(
                        threads.submit(() -> {
                            while (System.nanoTime() < end) {
                                step(pool, any(chance, Arrays.asList(Action.values())), chance);
                            }
                            return null;
                        }));
            }
            for (Future<?> walker : walkers) {
                walker.get(LENGTH.plus(PATIENCE).toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    /** Afterwards the pool is as good as new. */
    private void checkRest(ProcessPool pool) throws Exception {
        for (Future<?> recycling : recyclings) {
            recycling.get(20, TimeUnit.SECONDS);
        }
        assertThat(pool.map(Deeds::square, NUMBERS, 1)).isEqualTo(squares());
        pool.resize(2);
        Pools.awaitIdle(pool, 2);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(ends.values())
                                .extracting(AtomicInteger::get)
                                .as("callbacks of each call")
                                .containsOnly(1));
        PoolSnapshot rest = pool.snapshot();
        assertThat(rest.queued()).isZero();
        long ended = rest.ended().values().stream().mapToLong(Long::longValue).sum();
        assertThat(ended).as("calls the pool has ended").isGreaterThanOrEqualTo(ends.size());
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(diary.callsEnded())
                                .as("ends the listener has heard of")
                                .isEqualTo(ended));
    }

    private void step(ProcessPool pool, Action action, Random chance) throws Exception {
        long number = chance.nextInt(1_000);
        switch (action) {
            case APPLY -> check(watch(pool.applyAsync(Deeds::square, number)), number * number);
            case APPLY_FAILING -> {
                Outcome end = end(watch(pool.applyAsync(Deeds::fail, "number " + number)));
                if (end instanceof Outcome.Failed(var failure, _)) {
                    assertThat(failure.message()).isEqualTo("number " + number);
                } else {
                    assertThat(end).isInstanceOf(Outcome.Crashed.class);
                }
            }
            case APPLY_CRASHING ->
                    assertThat(end(watch(pool.applyAsync(Deeds::halt, 7))))
                            .isInstanceOfSatisfying(
                                    Outcome.Crashed.class,
                                    crashed -> assertThat(crashed.exitCode()).isIn(7, 137));
            case APPLY_HANGING -> {
                var limited = pool.with(CallOptions.DEFAULT.timeout(LIMIT));
                assertThat(end(watch(limited.applyAsync(HANG, IDLY))))
                        .isInstanceOfAny(Outcome.TimedOut.class, Outcome.Crashed.class);
            }
            case CANCEL -> cancel(watch(pool.applyAsync(Deeds::sleep, number / 20)), chance);
            case MAP -> map(pool, 1 + chance.nextInt(10));
            case ITERATE -> iterate(pool, 1 + chance.nextInt(5), chance.nextInt(NUMBERS.size()));
            case LEASE -> lease(pool, number);
            case KILL -> Signal.KILL.sendTo(anyWorker(pool, chance));
            case STOP_AND_GO -> {
                long pid = anyWorker(pool, chance);
                Signal.STOP.sendTo(pid);
                LockSupport.parkNanos(chance.nextLong(Duration.ofMillis(100).toNanos()));
                Signal.CONT.sendTo(pid);
            }
            case RESIZE -> pool.resize(1 + chance.nextInt(4));
            case RECYCLE -> recyclings.add(pool.recycle());
        }
    }

    private void cancel(AsyncResult<Long> call, Random chance) throws Exception {
        LockSupport.parkNanos(chance.nextLong(Duration.ofMillis(30).toNanos()));
        boolean inTime = call.cancel();
        Outcome end = end(call);
        if (inTime) {
            assertThat(end).isInstanceOf(Outcome.Cancelled.class);
        } else if (end != null) {
            assertThat(end).isInstanceOf(Outcome.Crashed.class);
        }
    }

    private void map(ProcessPool pool, int chunkSize) throws Exception {
        var map = pool.mapAsync(Deeds::reciprocal, NUMBERS, chunkSize);
        watch(map);
        assertThat(map.await(PATIENCE)).as("end of a map").isTrue();
        for (var item : map.items()) {
            long number = NUMBERS.get(item.index());
            CallException error = item.error();
            if (error == null) {
                assertThat(item.value()).isEqualTo(1.0 / number);
            } else if (number == 0) {
                assertThat(error.outcome())
                        .isInstanceOfAny(Outcome.Failed.class, Outcome.Crashed.class);
            } else {
                assertThat(error.outcome()).isInstanceOf(Outcome.Crashed.class);
            }
        }
    }

    private static void iterate(ProcessPool pool, int chunkSize, int most) throws Exception {
        try (var results = pool.imap(Deeds::square, NUMBERS, chunkSize)) {
            for (int i = 0; i < most; i++) {
                try {
                    long number = NUMBERS.get(i);
                    assertThat(results.next(PATIENCE)).isEqualTo(number * number);
                } catch (CallException failed) {
                    assertThat(failed.outcome()).isInstanceOf(Outcome.Crashed.class);
                }
            }
        }
    }

    private void lease(ProcessPool pool, long number) throws Exception {
        try (Lease lease = pool.requestLease().get(PATIENCE)) {
            var first = watch(lease.applyAsync(SQUARE, number));
            var second = watch(lease.applyAsync(SQUARE, number + 1));
            check(first, number * number);
            check(second, (number + 1) * (number + 1));
        } catch (IllegalStateException over) {
            assertThat(over).hasMessageContaining("the lease is over");
        }
    }

    /** A result must be the right one; only its worker's death excuses a call that has none. */
    private static void check(AsyncResult<Long> call, long expected) throws Exception {
        Outcome end = end(call);
        if (end == null) {
            assertThat(call.get()).isEqualTo(expected);
        } else {
            assertThat(end).isInstanceOfAny(Outcome.Crashed.class, Outcome.Abandoned.class);
        }
    }

    /** How the call has ended; null with a result. */
    private static Outcome end(AsyncResult<?> call) throws Exception {
        try {
            call.get(PATIENCE);
            return null;
        } catch (CallException failed) {
            return failed.outcome();
        }
    }

    private <T> AsyncResult<T> watch(AsyncResult<T> call) {
        var heard = new AtomicInteger();
        ends.put(call, heard);
        return call.callback(_ -> heard.incrementAndGet(), _ -> heard.incrementAndGet());
    }

    private static long anyWorker(ProcessPool pool, Random chance) {
        List<Long> pids = Pools.pids(pool).stream().filter(pid -> pid > 0).toList();
        return pids.isEmpty() ? Long.MAX_VALUE : any(chance, pids);
    }

    private static <T> T any(Random chance, List<T> choice) {
        return choice.get(chance.nextInt(choice.size()));
    }

    private static List<Long> squares() {
        return NUMBERS.stream().map(Deeds::square).toList();
    }
}
