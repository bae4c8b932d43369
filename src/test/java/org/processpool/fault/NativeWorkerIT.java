package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.WorkerCommand;

/**
 * Workers as a native executable starts them: the same program once more, with a word in front. The
 * program is the packaged jar here, behind a script that takes the executable's place.
 */
@FaultTest
@Timeout(120)
class NativeWorkerIT {

    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar").toAbsolutePath();

    @TempDir Path directory;

    private Path executable;

    @BeforeEach
    void put_a_script_in_the_place_of_the_executable() throws IOException {
        executable =
                Files.writeString(
                        directory.resolve("process-pool-runner"),
                        """
                        #!/bin/sh
                        exec '%s/bin/java' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
                            --enable-native-access=ALL-UNNAMED \
                            -Xlog:class+load:file='%s/loaded-%%p.log' -jar '%s' "$@"
                        """
                                .formatted(System.getProperty("java.home"), directory, JAR));
        Files.setPosixFilePermissions(executable, PosixFilePermissions.fromString("rwx------"));
    }

    private ProcessPool pool() {
        return ProcessPool.builder()
                .name("fault")
                .processes(2)
                .offerTrouble(true)
                .context(new WorkerCommand.Native(executable, List.of("-XX:+PrintGC")))
                .open();
    }

    @Test
    void the_program_is_a_worker_when_the_word_says_so_and_starts_nothing_of_the_service()
            throws Exception {
        try (ProcessPool pool = pool()) {
            assertThat(pool.apply(Pools.task("wordcount"), "to be or not to be"))
                    .isEqualTo(Map.of("to", 2, "be", 2, "or", 1, "not", 1));
            assertThat(pool.tasks(Pools.PATIENCE))
                    .extracting(task -> task.name().value())
                    .contains("primes", "crash")
                    .doesNotContain("jshell");

            String command =
                    Files.readString(
                            Path.of(
                                    "/proc",
                                    "" + pool.snapshot().workers().getFirst().pid(),
                                    "cmdline"));
            assertThat(command.split("\0", -1)).containsSequence("-jar", "" + JAR, "worker");
        }
        List<String> loaded = loaded();
        assertThat(loaded).contains("org.processpool.worker.WorkerMain");
        assertThat(loaded)
                .noneMatch(type -> type.startsWith("io.vertx") || type.startsWith("io.netty"))
                .noneMatch(type -> type.startsWith("io.quarkus.runner."))
                .noneMatch(type -> type.startsWith("picocli"));
    }

    /** The classes of all workers so far. */
    private List<String> loaded() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("loaded-"))
                    .flatMap(NativeWorkerIT::lines)
                    .map(line -> line.replaceAll("^(\\[[^]]*])+ ", "").split(" ", 2)[0])
                    .toList();
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    @Test
    void such_a_worker_that_dies_is_replaced_and_harms_nobody_else() throws Exception {
        try (ProcessPool pool = pool()) {
            assertThat(pool.awaitReady(Pools.PATIENCE)).isTrue();
            long victim = pool.snapshot().workers().getFirst().pid();
            assertThat(ProcessHandle.of(victim).orElseThrow().destroyForcibly()).isTrue();

            await().atMost(Pools.PATIENCE)
                    .until(() ->
                            pool.snapshot().workers().stream()
                                            .filter(worker -> worker.pid() != victim)
                                            .count()
                                    == 2);
            assertThat(pool.apply(Pools.task("fib"), 20)).hasToString("6765");
        }
    }

    @Test
    void a_pool_of_the_service_has_workers_of_an_executable_beside_pools_of_jvms()
            throws Exception {
        try (var service =
                RunningService.start(
                        directory,
                        RunningService.freePort(),
                        Map.of(
                                "process-pool.pools.default.executable", executable.toString(),
                                "process-pool.pools.default.processes", "1",
                                "process-pool.pools.other.processes", "1"))) {
            assertThat(service.post("/v1/tasks/wordcount:apply", "\"to be or not to be\"").body())
                    .isEqualTo("{\"be\":2,\"to\":2,\"not\":1,\"or\":1}");
            assertThat(commands(service, "default"))
                    .hasSize(1)
                    .allMatch(line -> line.contains("\0worker\0"));
            assertThat(commands(service, "other"))
                    .hasSize(1)
                    .allMatch(line -> line.contains("WorkerMain"));
            assertThat(service.terminate()).isIn(0, 143);
        }
    }

    private static List<String> commands(RunningService service, String pool) throws Exception {
        return Stream.of(service.json("/v1/pools/" + pool).path("workers"))
                .flatMap(JsonNode::valueStream)
                .map(worker -> Path.of("/proc", worker.path("pid").asText(), "cmdline"))
                .map(NativeWorkerIT::content)
                .toList();
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }
}
