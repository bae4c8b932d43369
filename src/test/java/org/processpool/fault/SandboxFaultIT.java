package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.CRASH;
import static org.processpool.fault.Pools.HANG;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.awaitDeath;
import static org.processpool.fault.Pools.awaitIdle;
import static org.processpool.fault.Pools.outcomeOf;
import static org.processpool.fault.Pools.pids;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallException;
import org.processpool.pool.CallOptions;
import org.processpool.pool.CallReport;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolBuilder;
import org.processpool.pool.PoolConfig;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.WorkerClassPath;
import org.processpool.pool.WorkerCommand;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/** Workers locked up: what they cannot do, and that a pool cannot tell them from others. */
@FaultTest
class SandboxFaultIT {

    private static final long MEBIBYTE = 1L << 20;

    @TempDir Path data;

    @BeforeAll
    static void there_is_a_sandbox() {
        Pools.assumeSandbox();
    }

    private static PoolBuilder locked(int processes) {
        return Pools.ofTrouble(processes).sandbox(PoolConfig.Sandbox.BWRAP);
    }

    // What a worker cannot do

    @Test
    void a_worker_has_no_network() throws Exception {
        try (var listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var free = Pools.ofTrouble(1).open();
                var locked = locked(1).open()) {
            assertThat(free.apply(Deeds::connect, listening.getLocalPort())).isEqualTo("connected");
            assertThat(locked.apply(Deeds::connect, listening.getLocalPort()))
                    .isEqualTo("ConnectException");
        }
    }

    @Test
    void a_worker_reads_nothing_of_the_service_and_its_user() throws Exception {
        Path secret = Files.writeString(data.resolve("jobs.db"), "secret");
        Path here = Path.of("pom.xml").toAbsolutePath();
        try (var free = Pools.ofTrouble(1).open();
                var locked = locked(1).open()) {
            assertThat(free.apply(Deeds::read, secret.toString())).isEqualTo("secret");
            assertThat(
                            Stream.of(secret, here, Path.of("/etc/passwd"), Path.of("/etc/shadow"))
                                    .map(file -> apply(locked, file.toString())))
                    .containsOnly("NoSuchFileException");
            assertThat(apply(locked, "/proc/1/environ")).doesNotContain("MAVEN", "SHELL");
        }
    }

    private static String apply(ProcessPool pool, String file) {
        try {
            return pool.apply(Deeds::read, file);
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/new",
                "/usr/new",
                "/etc/new",
                "/etc/ssl/certs/new",
                "/dev/new",
                "/dev/shm/new",
                "/proc/self/oom_score_adj",
                "/proc/sys/kernel/core_pattern", // by which root could run a program outside
                "CLASS_PATH/new",
                "JAVA/new"
            })
    void a_worker_writes_nothing_but_its_own(String place) throws Exception {
        String file =
                place.replace("CLASS_PATH", placeOf(Deeds.class).toString())
                        .replace("JAVA", System.getProperty("java.home"));
        try (var locked = locked(1).open()) {
            assertThat(locked.apply(Deeds::openToWrite, file)).contains("Read-only file system");
        }
    }

    private static Path placeOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    @Test
    void a_worker_writes_to_its_own_directory_and_to_a_tmp_of_its_own() throws Exception {
        Path outside = Path.of("/tmp/process-pool-test-" + ProcessHandle.current().pid());
        try (var locked = locked(1).open()) {
            assertThat(locked.apply(Deeds::write, "here")).isEqualTo("mine");
            assertThat(locked.apply(Deeds::write, outside.toString())).isEqualTo("mine");
            assertThat(outside).doesNotExist();
        }
    }

    @Test
    void a_working_directory_that_was_set_is_open_to_it() throws Exception {
        Files.writeString(data.resolve("given"), "input");
        try (var locked = locked(1).workingDirectory(data).open()) {
            assertThat(locked.apply(Deeds::read, "given")).isEqualTo("input");
            assertThat(locked.apply(Deeds::write, "made")).isEqualTo("mine");
            assertThat(data.resolve("made")).hasContent("mine");
        }
    }

    @Test
    void the_whole_file_system_cannot_be_the_working_directory() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> locked(1).workingDirectory(Path.of("/")).open())
                .withMessage(
                        "workingDirectory must not be the root of the file system in a sandbox");
    }

    @Test
    void a_worker_sees_no_other_process_and_can_signal_none() throws Exception {
        try (var locked = locked(2).open()) {
            awaitIdle(locked, 2);
            List<Long> others = new ArrayList<>(pids(locked));
            others.add(ProcessHandle.current().pid());
            assertThat(locked.apply(Deeds::visibleProcesses)).containsExactlyInAnyOrder(1L, 2L);
            for (long each : others) {
                assertThat(locked.apply(Deeds::couldSignal, each))
                        .as("signal to %d", each)
                        .isFalse();
            }
        }
    }

    @Test
    void a_worker_has_no_privileges_nor_the_name_of_the_host() throws Exception {
        try (var locked = locked(1).open()) {
            assertThat(locked.apply(Deeds::status, "NoNewPrivs")).isEqualTo("1");
            for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
                assertThat(locked.apply(Deeds::status, set)).as(set).matches("0+");
            }
            assertThat(locked.apply(Deeds::hostName)).isEqualTo("worker");
        }
    }

    // What a pool does not notice

    @Test
    void a_worker_has_the_number_by_which_others_can_find_it() throws Exception {
        try (var locked = locked(1).open()) {
            long known = locked.apply(Deeds::knownPid);
            assertThat(pids(locked)).containsExactly(known);
            assertThat(locked.apply(Deeds::pid)).isEqualTo(2);
            assertThat(Files.readString(Path.of("/proc", "" + known, "cmdline")))
                    .contains("WorkerMain");
        }
    }

    @Test
    void large_payloads_travel_through_shared_memory_and_come_back_whole() throws Exception {
        var large = new byte[20_000_000];
        new Random(17).nextBytes(large);
        try (var locked = locked(1).open()) {
            for (int i = 0; i < 3; i++) {
                assertThat(locked.apply(Deeds::same, large)).isEqualTo(large);
            }
            assertThat(locked.apply(Deeds::cutSharedMemory)).as("shelves in there").isEqualTo(2);
        }
    }

    @Test
    void what_a_call_uses_is_told() throws Exception {
        var report = new CompletableFuture<CallReport>();
        try (var locked = locked(1).open()) {
            awaitIdle(locked, 1);
            locked.with(CallOptions.DEFAULT.onReport(report::complete))
                    .apply(Pools.task("hog"), hog("native", 100, false));
            CallReport known = report.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(known.pid()).isEqualTo(pids(locked).getFirst());
            assertThat(known.maxRssBytes().orElseThrow()).isGreaterThan(100 * MEBIBYTE);
            assertThat(known.cpu()).isPresent();
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(locked.snapshot().workers().getFirst().residentBytes())
                                    .isGreaterThan(100 * MEBIBYTE));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SEGV, 134, SIGABRT",
        "ABRT, 134, SIGABRT",
        "KILL, 137, SIGKILL",
        "TERM, 143, SIGTERM"
    })
    void a_crash_is_named_and_the_worker_replaced(String signal, int exitCode, String name)
            throws Exception {
        try (var locked = locked(1).open()) {
            long pid = locked.apply(Deeds::knownPid);
            var crashed = outcomeOf(Outcome.Crashed.class, locked.applyAsync(CRASH, signal));
            assertThat(crashed)
                    .isEqualTo(
                            new Outcome.Crashed(
                                    pid,
                                    exitCode,
                                    Optional.of(name),
                                    ExitReason.CRASHED,
                                    crashed.lastWords()));
            assertThat(locked.apply(Deeds::knownPid)).isNotEqualTo(pid);
        }
    }

    @Test
    void an_exit_code_is_named() throws Exception {
        try (var locked = locked(1).open()) {
            var crashed = outcomeOf(Outcome.Crashed.class, locked.applyAsync(Deeds::halt, 99));
            assertThat(crashed.exitCode()).isEqualTo(99);
            assertThat(crashed.signal()).isEmpty();
        }
    }

    @Test
    void a_worker_killed_from_outside_is_replaced() throws Exception {
        try (var locked = locked(1).open()) {
            awaitIdle(locked, 1);
            List<Long> before = pids(locked);
            Signal.KILL.sendTo(before.getFirst());
            awaitIdle(locked, 1, before);
            assertThat(locked.apply(Deeds::square, 3L)).isEqualTo(9);
        }
    }

    @Test
    void a_call_a_dying_worker_had_not_read_is_handed_on() throws Exception {
        try (var locked = locked(1).open()) {
            awaitIdle(locked, 1);
            long worker = pids(locked).getFirst();
            Signal.STOP.sendTo(worker);
            AsyncResult<Long> call = locked.applyAsync(Deeds::square, 3L);
            await().atMost(PATIENCE)
                    .until(() ->
                            locked.snapshot().workers().stream()
                                    .anyMatch(each -> each.inFlight() == 1));
            Signal.KILL.sendTo(worker);
            assertThat(call.get(PATIENCE)).isEqualTo(9);
        }
    }

    @Test
    void a_time_out_shows_where_the_call_hung() throws Exception {
        try (var locked = locked(1).timeout(Duration.ofMillis(700)).open()) {
            awaitIdle(locked, 1);
            long pid = pids(locked).getFirst();
            var timedOut =
                    outcomeOf(
                            Outcome.TimedOut.class, locked.applyAsync(HANG, Map.of("busy", false)));
            assertThat(timedOut.pid()).isEqualTo(pid);
            assertThat(timedOut.threads()).contains("Hang");
            awaitDeath(List.of(pid));
        }
    }

    @Test
    void a_worker_over_its_memory_is_killed() throws Exception {
        try (var locked = locked(1).maxMemory(0, 200 * MEBIBYTE).open()) {
            var exceeded =
                    outcomeOf(
                            Outcome.MemoryExceeded.class,
                            locked.applyAsync(Pools.task("hog"), hog("native", 300, true)));
            assertThat(exceeded.limitBytes()).isEqualTo(200 * MEBIBYTE);
            assertThat(exceeded.seenBytes()).isGreaterThan(200 * MEBIBYTE);
        }
    }

    @Test
    void a_full_heap_is_told_from_a_crash() throws Exception {
        try (var locked = locked(1).jvmFlags("-Xmx32m").open()) {
            var exceeded =
                    outcomeOf(
                            Outcome.MemoryExceeded.class,
                            locked.applyAsync(Pools.task("hog"), hog("heap", 0, false)));
            assertThat(exceeded.detail()).contains("OutOfMemoryError");
        }
    }

    private static Payload hog(String kind, int mebibytes, boolean hold) {
        return Payload.json(
                "{\"kind\": \"%s\", \"mebibytes\": %d, \"hold\": %b}"
                        .formatted(kind, mebibytes, hold));
    }

    /** Also the one that nothing leads to, which outside a sandbox nobody can find. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_a_worker_has_started_dies_with_it(boolean killed) throws Exception {
        try (var locked = locked(1).open()) {
            locked.apply(Deeds::startChild);
            locked.apply(Deeds::startFugitive);
            long worker = pids(locked).getFirst();
            List<Long> all = insideWith(worker);
            assertThat(all).as("worker, child, fugitive, and the first in there").hasSize(4);
            if (killed) {
                Signal.KILL.sendTo(worker);
            } else {
                var _ = locked.applyAsync(Deeds::halt, 0);
            }
            awaitDeath(all);
        }
    }

    /** Whoever shares a process namespace with it. */
    private static List<Long> insideWith(long worker) throws IOException {
        Path namespace = Files.readSymbolicLink(Path.of("/proc", "" + worker, "ns", "pid"));
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.map(ProcessHandle::pid)
                    .filter(pid -> isIn(namespace, pid) && Pools.isAlive(pid))
                    .toList();
        }
    }

    private static boolean isIn(Path namespace, long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", "" + pid, "ns", "pid"))
                    .equals(namespace);
        } catch (IOException gone) {
            return false;
        }
    }

    @Test
    void a_terminated_pool_leaves_nobody() throws Exception {
        List<Long> all = new ArrayList<>();
        try (var locked = locked(2).open()) {
            awaitIdle(locked, 2);
            var _ = locked.applyAsync(HANG, Map.of("busy", true));
            for (PoolSnapshot.Worker each : locked.snapshot().workers()) {
                all.addAll(insideWith(each.pid()));
            }
        }
        assertThat(all).hasSize(4).noneMatch(Pools::isAlive);
    }

    @Test
    void a_worker_that_cannot_start_in_there_says_why() throws Exception {
        try (var locked = locked(1).jvmFlags("-XX:NoSuchFlag").startFailures(1).build()) {
            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() -> locked.apply(Deeds::square, 3L))
                    .withMessageContaining("NoSuchFlag");
        }
    }

    @Test
    void a_sandbox_that_cannot_be_made_says_why() throws Exception {
        Path cache = data.resolve("no.aot");
        var command =
                WorkerCommand.Jvm.of(
                        new WorkerClassPath(List.of(placeOf(Deeds.class)), Optional.of(cache)),
                        List.of());
        try (var locked = locked(1).context(command).startFailures(1).build()) {
            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() -> locked.apply(Deeds::square, 3L))
                    .withMessageContaining("the sandbox of a worker could not be made: bwrap: ")
                    .withMessageContaining(cache.toString());
        }
    }

    @Test
    void a_shell_in_there_runs_any_java_and_reads_nothing_of_the_service() throws Exception {
        Path secret = Files.writeString(data.resolve("jobs.db"), "secret");
        try (var locked = locked(1).offer("jshell").open();
                var shell = locked.converse(new TaskName("jshell")).get(PATIENCE)) {
            assertThat(shell.say("IntStream.rangeClosed(1, 4).sum()", String.class))
                    .isEqualTo("$1 ==> 10");
            assertThat(shell.say("Files.readString(Path.of(\"" + secret + "\"))", String.class))
                    .startsWith("|  Exception java.nio.file.NoSuchFileException: " + secret);
            assertThat(shell.say("new ServerSocket(0).getLocalPort() > 0", String.class))
                    .isEqualTo("$3 ==> true"); // of the loopback in there
            var crashed = outcomeOf(Outcome.Crashed.class, shell.sayAsync("System.exit(3)", null));
            assertThat(crashed.exitCode()).isEqualTo(3);
        }
    }

    @Test
    void calls_and_their_errors_are_those_of_any_pool() throws Exception {
        try (var locked = locked(2).open()) {
            assertThat(locked.map(Deeds::square, List.of(1L, 2L, 3L))).containsExactly(1L, 4L, 9L);
            assertThatExceptionOfType(CallException.TaskFailed.class)
                    .isThrownBy(() -> locked.apply(Deeds::fail, "on purpose"))
                    .withMessageContaining("on purpose");
        }
    }
}
