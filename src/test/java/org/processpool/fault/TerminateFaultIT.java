package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.HANG;
import static org.processpool.fault.Pools.IDLY;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.awaitIdle;
import static org.processpool.fault.Pools.outcomeOf;
import static org.processpool.fault.Pools.pids;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.CallOptions;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolConfig;
import org.processpool.pool.PoolRejectedException;
import org.processpool.task.TaskName;

/** Pools that are ended while there is much to do. */
@FaultTest
class TerminateFaultIT {

    private static final List<Long> NUMBERS = LongStream.range(0, 100).boxed().toList();

    @Test
    void terminate_ends_every_pending_call_and_every_process() throws Exception {
        var pool = Pools.ofTrouble(2).build();
        awaitIdle(pool, 2);
        List<AsyncResult<?>> calls = new ArrayList<>();
        var lease = pool.lease();
        calls.add(lease.applyAsync(HANG, IDLY));
        calls.add(pool.applyAsync(HANG, IDLY));
        calls.add(pool.with(CallOptions.DEFAULT.retries(3)).applyAsync(HANG, IDLY));
        calls.add(pool.with(CallOptions.DEFAULT.affinityKey("a")).applyAsync(HANG, IDLY));
        calls.add(pool.mapAsync(Deeds::square, NUMBERS, 1));
        for (long number : NUMBERS) {
            calls.add(pool.applyAsync(Deeds::square, number));
        }
        var heard = new CompletableFuture<Outcome>();
        calls.getLast().callback(null, failure -> heard.complete(failure.outcome()));
        var laterLease = pool.requestLease();
        var conversation = pool.converse(new TaskName("talk"));
        var results = pool.imap(Deeds::square, NUMBERS);
        List<Long> processes = pids(pool);

        pool.terminate();

        assertThat(calls)
                .allSatisfy(
                        call -> assertThat(outcomeOf(call)).isInstanceOf(Outcome.Abandoned.class));
        assertThatExceptionOfType(CallException.Abandoned.class).isThrownBy(results::next);
        assertThatExceptionOfType(CallException.Abandoned.class)
                .isThrownBy(() -> laterLease.get(PATIENCE));
        assertThatExceptionOfType(CallException.Abandoned.class)
                .isThrownBy(() -> conversation.get(PATIENCE));
        assertThat(heard.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Abandoned.class);
        assertThat(pool.join(PATIENCE)).isTrue();
        assertThat(lease.lost()).isTrue();
        assertThat(processes).hasSize(2).noneMatch(Pools::isAlive);
    }

    @Test
    void terminate_lets_go_of_threads_that_wait_for_room() throws Exception {
        var pool = Pools.ofTrouble(1).queueLimit(0).whenFull(PoolConfig.WhenFull.BLOCK).build();
        awaitIdle(pool, 1);
        var _ = pool.applyAsync(HANG, IDLY);
        var blocked = new CompletableFuture<Void>();
        var submitter =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                pool.applyAsync(HANG, IDLY);
                                blocked.complete(null);
                            } catch (PoolRejectedException refused) {
                                blocked.completeExceptionally(refused);
                            }
                        });
        await().atMost(PATIENCE).until(() -> submitter.getState() == Thread.State.WAITING);

        pool.terminate();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> blocked.get(20, TimeUnit.SECONDS))
                .withCauseInstanceOf(PoolRejectedException.Closed.class);
        assertThat(pool.join(PATIENCE)).isTrue();
    }

    @Test
    void terminate_while_workers_start_leaves_none_behind() throws Exception {
        for (int started = 0; started <= 3; started++) {
            var diary = new Diary();
            var pool = Pools.ofTrouble(3).listener(diary).build();
            var call = pool.applyAsync(Deeds::square, 2L);
            int enough = started;
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> diary.starts().size() >= enough);
            pool.terminate();
            assertThat(outcomeOf(call)).isInstanceOf(Outcome.Abandoned.class);
            assertThat(pool.join(PATIENCE)).isTrue();
        }
    }

    @Test
    void close_lets_calls_end_even_if_workers_die_meanwhile() throws Exception {
        var pool = Pools.ofTrouble(2).build();
        awaitIdle(pool, 2);
        List<AsyncResult<Long>> calls = new ArrayList<>();
        var _ = pool.with(CallOptions.DEFAULT.retries(1)).applyAsync(Deeds::hangAtFirst);
        for (long number : NUMBERS) {
            calls.add(pool.applyAsync(Deeds::square, number));
        }
        pool.close();
        Signal.KILL.sendTo(Pools.awaitBusy(pool));
        for (int i = 0; i < calls.size(); i++) {
            assertThat(calls.get(i).get(PATIENCE)).isEqualTo((long) i * i);
        }
        assertThat(pool.join(PATIENCE)).isTrue();
    }
}
