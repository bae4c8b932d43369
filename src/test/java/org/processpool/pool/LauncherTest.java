package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a worker has less than its parent, and what is done where that cannot be. */
@Timeout(90)
@EnabledOnOs(OS.LINUX)
class LauncherTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private Path directory;

    private static Optional<Path> nothing(String program) {
        return Optional.empty();
    }

    /** The lines of such a file in /proc, by what stands before the colon. */
    private static Map<String, String> status(String file) {
        return file.lines()
                .collect(
                        Collectors.toMap(
                                line -> line.substring(0, line.indexOf(':')),
                                line -> line.substring(line.indexOf(':') + 1).strip()));
    }

    /** A limit as it is, and as it could be raised to. */
    private static String limit(String file, String name) {
        return file.lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length()).strip().replaceAll(" +", " "))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_worker_has_no_capabilities_and_cannot_gain_privileges() throws Exception {
        assumeThat(Launcher.here().words()).anyMatch(word -> word.endsWith("setpriv"));
        try (ProcessPool pool = ProcessPool.builder().processes(1).open()) {
            Map<String, String> status = status(pool.apply(Tasks::file, "/proc/self/status"));
            assertThat(status)
                    .containsEntry("NoNewPrivs", "1")
                    .containsEntry("CapInh", "0000000000000000")
                    .containsEntry("CapPrm", "0000000000000000")
                    .containsEntry("CapEff", "0000000000000000")
                    .containsEntry("CapAmb", "0000000000000000");
            if (isRoot()) {
                assertThat(status).containsEntry("CapBnd", "0000000000000000");
            }
        }
    }

    private static boolean isRoot() throws IOException {
        return status(Files.readString(Path.of("/proc/self/status"))).get("Uid").startsWith("0\t");
    }

    @Test
    void the_process_that_the_pool_knows_is_the_worker_and_nothing_is_between() throws Exception {
        try (ProcessPool pool = ProcessPool.builder().processes(1).open()) {
            long pid = pool.apply(Tasks::pid);
            assertThat(pool.snapshot().workers().getFirst().pid()).isEqualTo(pid);
            assertThat(ProcessHandle.of(pid).orElseThrow().parent())
                    .contains(ProcessHandle.current());
            assertThat(ProcessHandle.of(pid).orElseThrow().children()).isEmpty();
        }
    }

    @Test
    void a_worker_has_limits_of_its_own() throws Exception {
        try (ProcessPool pool =
                ProcessPool.builder().processes(1).maxOpenFiles(100).maxFileSize(8 << 20).open()) {
            String limits = pool.apply(Tasks::file, "/proc/self/limits");
            assertThat(limit(limits, "Max open files")).isEqualTo("100 100 files");
            assertThat(limit(limits, "Max file size")).isEqualTo("8388608 8388608 bytes");
            assertThat(limit(limits, "Max core file size")).isEqualTo("0 0 bytes");
            assertThat(limit(limits, "Max address space")).startsWith("unlimited");
        }
    }

    @Test
    void a_file_that_becomes_too_large_fails_the_call_and_not_the_worker() throws Exception {
        try (ProcessPool pool = ProcessPool.builder().processes(1).maxFileSize(4 << 20).open()) {
            long pid = pool.apply(Tasks::pid);
            assertThat(pool.apply(Tasks::write, 4)).isEqualTo(4 << 20);
            assertThatExceptionOfType(CallException.TaskFailed.class)
                    .isThrownBy(() -> pool.apply(Tasks::write, 5))
                    .withMessageContaining("File too large");
            assertThat(pool.apply(Tasks::pid)).isEqualTo(pid);
        }
    }

    @Test
    void no_limit_of_file_size_is_that_of_the_parent() throws Exception {
        String ours = Files.readString(Path.of("/proc/self/limits"));
        try (ProcessPool pool = ProcessPool.builder().processes(1).maxFileSize(0).open()) {
            String limits = pool.apply(Tasks::file, "/proc/self/limits");
            assertThat(limit(limits, "Max file size")).isEqualTo(limit(ours, "Max file size"));
        }
    }

    @Test
    void without_the_programs_a_worker_starts_plainly() throws Exception {
        Launcher plain = new Launcher(LauncherTest::nothing);
        assertThat(plain.words()).isEmpty();
        assertThat(plain.wordsBeforeSandbox()).isEmpty();

        PoolConfig config = ProcessPool.builder().config();
        WorkerProcess worker =
                Spawner.start(plain, (WorkerCommand.Jvm) config.command(), config, "plain-1");
        try {
            Path process = Path.of("/proc", "" + worker.pid());
            await().atMost(PATIENCE)
                    .until(() ->
                            Files.readString(process.resolve("cmdline")).contains("WorkerMain"));
            assertThat(status(Files.readString(process.resolve("status"))))
                    .containsEntry(
                            "NoNewPrivs",
                            status(Files.readString(Path.of("/proc/self/status")))
                                    .get("NoNewPrivs"));
        } finally {
            worker.kill();
            worker.awaitExit();
            worker.cleanUp();
        }
    }

    @Test
    void what_is_not_allowed_is_left_out() throws Exception {
        Path setpriv =
                program("setpriv", "case \"$*\" in *bounding-set*) exit 1;; *) exit 0;; esac");
        assertThat(new Launcher(only("setpriv", setpriv)).words())
                .containsExactly(
                        setpriv.toString(),
                        "--no-new-privs",
                        "--inh-caps",
                        "-all",
                        "--ambient-caps",
                        "-all");
    }

    @Test
    void a_program_that_does_not_work_at_all_is_not_used() throws Exception {
        Path setpriv = program("setpriv", "echo no >&2; exit 1");
        assertThat(new Launcher(only("setpriv", setpriv)).words()).isEmpty();
    }

    @Test
    void a_sandbox_without_its_program_is_refused_in_one_sentence() {
        assertThatIOException()
                .isThrownBy(() -> Bubblewrap.find(LauncherTest::nothing))
                .withMessage(
                        "there is no program bwrap on the PATH (it comes with the package"
                                + " bubblewrap)");
    }

    @Test
    void a_sandbox_that_does_not_work_is_refused_with_its_own_words() throws Exception {
        Path bwrap =
                program("bwrap", "echo 'bwrap: No permissions to create namespace' >&2; exit 1");
        assertThatIOException()
                .isThrownBy(() -> Bubblewrap.find(only("bwrap", bwrap)))
                .withMessage(bwrap + " does not work: bwrap: No permissions to create namespace");
    }

    @Test
    void an_old_sandbox_is_used_for_what_it_can() throws Exception {
        Path bwrap =
                program(
                        "bwrap",
                        "case \"$*\" in *disable-userns*) echo 'Unknown option' >&2; exit 1;; esac");
        PoolConfig config = ProcessPool.builder().config();
        WorkerCommand.Jvm jvm = (WorkerCommand.Jvm) config.command();
        assertThat(
                        Bubblewrap.find(only("bwrap", bwrap))
                                .around(
                                        List.of("java"),
                                        jvm,
                                        Optional.empty(),
                                        directory,
                                        Optional.empty()))
                .contains("--unshare-user", "--unshare-net")
                .doesNotContain("--disable-userns");
    }

    private Path program(String name, String script) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    private static Function<String, Optional<Path>> only(String name, Path file) {
        return asked -> asked.equals(name) ? Optional.of(file) : Optional.empty();
    }
}
