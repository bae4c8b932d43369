package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.task.Conversation;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;
import org.processpool.task.TaskName;

/** What one call, one conversation or one worker does is not paid for by another. */
@Timeout(90)
class InnocentCallsTest {

    private static final TaskName LONG_GOODBYE = new TaskName("test.long-goodbye");
    private static final TaskName NO_GREETING = new TaskName("test.no-greeting");

    @TempDir private Path directory;

    /** Takes as long to end as it was told, in milliseconds. */
    @TaskDefinition(name = "test.long-goodbye")
    public static final class LongGoodbye implements Conversation<Long, Long> {
        private long millis;

        @Override
        public Long reply(Long message, TaskContext context) {
            millis = message;
            return message;
        }

        @Override
        public void close() {
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
        }
    }

    /** Never opens. */
    @TaskDefinition(name = "test.no-greeting")
    public static final class NoGreeting implements Conversation<Long, Long> {
        @Override
        public void open(TaskContext context) throws InterruptedException {
            Thread.sleep(Duration.ofDays(1));
        }

        @Override
        public Long reply(Long message, TaskContext context) {
            return message;
        }
    }

    /** Can be made in a worker only. */
    record WorkersOnly(int number) {
        static {
            if (System.getProperty("process-pool.fds") == null) {
                throw new IllegalStateException("not here");
            }
        }

        static WorkersOnly of(int number) {
            return new WorkersOnly(number);
        }
    }

    private PoolBuilder withConversations() throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.write(
                services.resolve(Conversation.class.getName()),
                List.of(LongGoodbye.class.getName(), NoGreeting.class.getName()));
        return ProcessPool.builder().classPath(directory);
    }

    @Test
    void a_time_limit_does_not_begin_anew_when_a_call_behind_is_cancelled() throws Exception {
        try (ProcessPool pool = ProcessPool.builder().processes(1).open();
                Lease lease =
                        pool.with(CallOptions.DEFAULT.timeout(Duration.ofSeconds(1))).lease()) {
            AsyncResult<Long> stubborn =
                    lease.applyAsync(Work.of(Tasks::hang), Arguments.of(List.of()));
            while (!stubborn.ready() && !lease.lost()) {
                try {
                    lease.applyAsync(Work.of(Tasks::square), 7).cancel();
                } catch (IllegalStateException over) {
                    break; // the worker was killed, as it should be
                }
            }
            assertThatExceptionOfType(CallException.TimedOut.class).isThrownBy(stubborn::get);
        }
    }

    @Test
    void a_worker_serves_others_when_its_conversation_has_really_ended() throws Exception {
        try (ProcessPool pool = withConversations().processes(1).open()) {
            OpenConversation talk = pool.converse(LONG_GOODBYE).get(Occupied.LONG);
            assertThat(talk.say(700L, Long.class)).isEqualTo(700);
            talk.close();
            AsyncResult<Integer> unwanted = pool.applyAsync(Tasks::square, 7);
            AsyncResult<Integer> wanted = pool.applyAsync(Tasks::square, 8);
            assertThat(unwanted.cancel()).isTrue();
            assertThat(wanted.get()).isEqualTo(64);
            assertThatExceptionOfType(CallException.Cancelled.class).isThrownBy(unwanted::get);
            assertThat(pool.snapshot().exits()).isEmpty();
        }
    }

    @Test
    void a_conversation_that_never_ends_does_not_keep_its_worker() throws Exception {
        try (ProcessPool pool = withConversations().processes(1).open()) {
            OpenConversation talk = pool.converse(LONG_GOODBYE).get(Occupied.LONG);
            talk.say(TimeUnit.HOURS.toMillis(1), Long.class);
            talk.close();
            assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
            assertThat(pool.snapshot().exits()).containsOnlyKeys(ExitReason.TIMED_OUT);
        }
    }

    @Test
    void whoever_gives_up_a_conversation_that_does_not_open_gives_its_worker_back()
            throws Exception {
        try (ProcessPool pool = withConversations().processes(1).open()) {
            pool.awaitReady(Occupied.LONG);
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> pool.converse(NO_GREETING).get(Duration.ofMillis(300)));
            assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
        }
    }

    @Test
    void a_new_conversation_goes_to_an_idle_worker_and_not_to_one_that_is_being_ended()
            throws Exception {
        try (ProcessPool pool = withConversations().processes(2).open()) {
            pool.awaitReady(Occupied.LONG);
            OpenConversation first = pool.converse(LONG_GOODBYE).get(Occupied.LONG);
            first.say(TimeUnit.HOURS.toMillis(1), Long.class);
            first.close();
            try (OpenConversation second = pool.converse(LONG_GOODBYE).get(Occupied.LONG)) {
                assertThat(second.pid()).isNotEqualTo(first.pid());
                assertThat(second.say(0L, Long.class)).isZero();
            }
        }
    }

    @Test
    void calls_with_a_key_do_not_starve_those_without() throws Exception {
        try (ProcessPool pool = ProcessPool.builder().processes(1).open()) {
            ProcessPool keyed = pool.with(CallOptions.DEFAULT.affinityKey("k"));
            keyed.apply(Tasks::square, 1);
            var stop = new AtomicBoolean();
            List<Thread> others = List.of(hammer(keyed, stop), hammer(keyed, stop));
            assertThat(pool.applyAsync(Tasks::square, 7).get(Occupied.LONG)).isEqualTo(49);
            stop.set(true);
            for (Thread other : others) {
                other.join();
            }
        }
    }

    private static Thread hammer(ProcessPool pool, AtomicBoolean stop) {
        return Thread.ofPlatform()
                .start(() -> {
                    while (!stop.get()) {
                        try {
                            pool.apply(Tasks::square, 3);
                        } catch (InterruptedException enough) {
                            return;
                        }
                    }
                });
    }

    @Test
    void a_call_with_a_key_does_not_wait_for_a_worker_that_will_never_take_it() throws Exception {
        try (ProcessPool pool = ProcessPool.builder().processes(2).maxTasksPerChild(1).open()) {
            ProcessPool keyed = pool.with(CallOptions.DEFAULT.affinityKey("k"));
            try (Occupied last = Occupied.in(keyed)) {
                long pid = keyed.applyAsync(Tasks::pid).get(Occupied.LONG);
                assertThat(pid).isNotEqualTo(last.pid());
            }
        }
    }

    @Test
    void workers_that_cannot_start_are_not_started_in_a_storm_beside_one_that_could()
            throws Exception {
        Path real = Path.of(System.getProperty("java.home"), "bin", "java");
        Path works = Files.createFile(directory.resolve("works"));
        Path java =
                Files.writeString(
                        directory.resolve("java"),
                        "#!/bin/sh\n[ -e %s ] || exit 9\nexec %s \"$@\"\n".formatted(works, real));
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        var failed = new AtomicInteger();
        PoolListener count =
                new PoolListener() {
                    @Override
                    public void workerGone(String worker, long pid, int code, ExitReason why) {
                        failed.addAndGet(why == ExitReason.START_FAILED ? 1 : 0);
                    }
                };
        PoolBuilder builder = ProcessPool.builder().processes(2).listener(count);
        var command =
                new WorkerCommand.Jvm(
                        java,
                        ((WorkerCommand.Jvm) builder.config().command()).classPath(),
                        List.of());
        try (ProcessPool pool = builder.context(command).open()) {
            pool.awaitReady(Occupied.LONG);
            Files.delete(works);
            long began = System.nanoTime();
            pool.kill(pool.snapshot().workers().getFirst().pid());
            await().atMost(Occupied.LONG).until(() -> failed.get() >= 4);
            // the pauses before the second, third and fourth start: 0.1, 0.2 and 0.4 s, less a
            // fifth
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isGreaterThan(Duration.ofMillis(560));
            assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
            Files.createFile(works);
            await().atMost(Occupied.LONG).until(() -> pool.snapshot().idle() == 2);
        }
    }

    @Test
    void a_result_this_side_cannot_make_fails_its_call_in_every_form() throws Exception {
        try (ProcessPool pool = ProcessPool.builder().processes(1).open()) {
            AsyncResult<WorkersOnly> result = pool.applyAsync(WorkersOnly::of, 7);
            var told = new CompletableFuture<CallException>();
            result.callback(_ -> told.complete(null), told::complete);
            assertThat(told.get(30, TimeUnit.SECONDS)).isInstanceOf(CallException.TaskFailed.class);
            assertThatExceptionOfType(CallException.TaskFailed.class).isThrownBy(result::get);
            assertThat(result.toCompletableFuture())
                    .failsWithin(Occupied.LONG)
                    .withThrowableThat()
                    .withCauseInstanceOf(CallException.TaskFailed.class);
        }
    }

    @Test
    void a_pool_without_idle_workers_and_places_to_wait_still_starts_one() throws Exception {
        try (ProcessPool pool =
                ProcessPool.builder().processes(1).minProcesses(0).queueLimit(0).open()) {
            assertThat(pool.apply(Tasks::square, 7)).isEqualTo(49);
        }
    }

    @Test
    void initializer_arguments_that_cannot_travel_refuse_the_start() {
        PoolBuilder unencodable =
                ProcessPool.builder().initializer(Work.of(Tasks::square), List.of(new Object()));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(unencodable::build);
        PoolBuilder tooLarge =
                ProcessPool.builder()
                        .maxPayload(1024)
                        .initializer(Work.of(Tasks::orNothing), List.of("x".repeat(2000)));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(tooLarge::build)
                .withMessageStartingWith("initArgs have ")
                .withMessageEndingWith("over maxPayload of 1,024");
    }
}
