package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.outcomeOf;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.CallOptions;
import org.processpool.pool.ExitReason;
import org.processpool.pool.OpenConversation;
import org.processpool.pool.Outcome;
import org.processpool.pool.ProcessPool;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/** People who may say any Java to a worker harm their own worker and nobody else. */
@FaultTest
@Timeout(120) // a shell compiles, and the machine may be busy
class JavaShellFaultIT {

    private static final TaskName JSHELL = new TaskName("jshell");

    /** Of a turn, also of the first, in which the compiler is loaded. */
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private static ProcessPool pool() {
        return ProcessPool.builder().name("fault").processes(2).offer("jshell").open();
    }

    private static OpenConversation open(ProcessPool pool) throws Exception {
        return pool.converse(JSHELL).get(PATIENCE);
    }

    private static String say(OpenConversation shell, String message) throws Exception {
        return shell.say(message, String.class);
    }

    @Test
    void a_shell_remembers_and_runs_in_the_worker_it_names() throws Exception {
        try (var pool = pool();
                var shell = open(pool)) {
            assertThat(say(shell, "int x = 20")).isEqualTo("x ==> 20");
            assertThat(say(shell, "x + 1")).isEqualTo("$2 ==> 21");
            assertThat(say(shell, "ProcessHandle.current().pid()"))
                    .isEqualTo("$3 ==> " + shell.pid());
        }
    }

    @Test
    void a_pool_that_was_not_told_offers_no_shell() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            assertThatExceptionOfType(CallException.TaskFailed.class)
                    .isThrownBy(() -> open(pool))
                    .withMessageContaining("no conversation is named 'jshell'");
            assertThat(pool.tasks(PATIENCE)).noneMatch(task -> task.name().equals(JSHELL));
        }
        try (var pool = pool()) {
            assertThat(pool.tasks(PATIENCE)).anyMatch(task -> task.name().equals(JSHELL));
        }
    }

    @Test
    void exit_ends_its_own_worker_and_the_other_shell_goes_on() throws Exception {
        try (var pool = pool();
                var shell = open(pool);
                var other = open(pool)) {
            say(other, "int kept = 1");
            Outcome.Crashed crashed =
                    outcomeOf(Outcome.Crashed.class, shell.sayAsync("System.exit(3)", null));
            assertThat(crashed.exitCode()).isEqualTo(3);
            assertThat(crashed.pid()).isEqualTo(shell.pid());
            assertThat(crashed.reason()).isEqualTo(ExitReason.CRASHED);
            await().atMost(PATIENCE).until(shell::lost);
            assertThat(say(other, "kept")).isEqualTo("kept ==> 1");
        }
    }

    @Test
    void a_loop_that_heeds_nothing_is_killed_by_its_time_out() throws Exception {
        try (var all = pool()) {
            ProcessPool limited = all.with(CallOptions.DEFAULT.timeout(LIMIT));
            try (var shell = open(limited);
                    var other = open(all)) {
                AsyncResult<Payload> loop =
                        shell.sayAsync(
                                "for (;;) { try { while (true) {} } catch (Throwable t) {} }",
                                null);
                assertThat(say(other, "6 * 7")).isEqualTo("$1 ==> 42");
                Outcome.TimedOut timedOut = outcomeOf(Outcome.TimedOut.class, loop);
                assertThat(timedOut.pid()).isEqualTo(shell.pid());
                assertThat(say(other, "$1")).isEqualTo("$1 ==> 42");
            }
        }
    }

    @Test
    void a_cancelled_loop_is_stopped_and_its_shell_goes_on() throws Exception {
        try (var pool = pool();
                var shell = open(pool)) {
            say(shell, "int kept = 5");
            List<String> parts = new CopyOnWriteArrayList<>();
            AsyncResult<Payload> loop =
                    shell.sayAsync(
                            "System.out.println(\"on\"); while (true) {}",
                            part -> parts.add(part.text()));
            await().atMost(PATIENCE).until(() -> !parts.isEmpty());
            assertThat(parts).containsExactly("on\n");
            assertThat(loop.cancel(AsyncResult.CancelMode.KILL, PATIENCE)).isTrue();
            assertThat(outcomeOf(loop)).isInstanceOf(Outcome.Cancelled.class);
            assertThat(say(shell, "kept")).isEqualTo("kept ==> 5");
        }
    }

    @Test
    void a_hog_of_memory_ends_its_own_worker_and_the_other_shell_goes_on() throws Exception {
        try (var pool =
                        ProcessPool.builder()
                                .name("fault")
                                .processes(2)
                                .offer("jshell")
                                .jvmFlags("-Xmx96m")
                                .open();
                var shell = open(pool);
                var other = open(pool)) {
            say(other, "int kept = 1");
            AsyncResult<Payload> hog =
                    shell.sayAsync(
                            "var all = new ArrayList<byte[]>(); while (true) all.add(new byte[1 << 20]);",
                            null);
            assertThat(outcomeOf(Outcome.MemoryExceeded.class, hog).detail())
                    .contains("OutOfMemoryError");
            assertThat(say(other, "kept")).isEqualTo("kept ==> 1");
        }
    }
}
