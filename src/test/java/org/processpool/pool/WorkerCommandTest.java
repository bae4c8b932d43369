package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How workers are started on a JVM and in a native executable. */
class WorkerCommandTest {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    /** The class path of workers of this test, as it would have to be given in an executable. */
    private static List<Path> ofWorkers() {
        return ((WorkerCommand.Jvm) ProcessPool.builder().classPathOf(Tasks.class).ordinary(false))
                .classPath()
                .places();
    }

    @Test
    void on_a_jvm_workers_run_on_that_jvm_or_on_the_one_that_was_named() {
        assertThat(ProcessPool.builder().ordinary(false).program()).isEqualTo(JAVA);
        assertThat(ProcessPool.builder().java(Path.of("/other/java")).ordinary(false).program())
                .isEqualTo(Path.of("/other/java"));
    }

    @Test
    void in_an_executable_workers_are_that_executable() {
        assertThat(ProcessPool.builder().jvmFlags("-Xmx64m").ordinary(true))
                .isEqualTo(
                        new WorkerCommand.Native(
                                Path.of(ProcessHandle.current().info().command().orElseThrow()),
                                List.of("-Xmx64m")));
    }

    @Test
    void an_executable_is_told_the_word_and_what_it_needs_to_know() {
        PoolConfig config =
                ProcessPool.builder()
                        .processes(5)
                        .offer("jshell")
                        .context(
                                new WorkerCommand.Native(
                                        Path.of("/app/run"), List.of("-XX:+PrintGC")))
                        .config();
        WorkerCommand.Native command = (WorkerCommand.Native) config.command();

        assertThat(
                        command.line(
                                config,
                                Path.of("/own"),
                                Optional.of(Path.of("/shelves")),
                                "pool-1"))
                .startsWith("/app/run", "worker")
                .contains(
                        "-XX:MaximumHeapSizePercent=10",
                        "-Djava.io.tmpdir=/own",
                        "-Dprocess-pool.fds=3,4",
                        "-Dprocess-pool.offer=jshell",
                        "-Dprocess-pool.shelves=/shelves")
                .endsWith("-XX:+PrintGC", "pool-1");
    }

    @Test
    void the_hard_limit_of_memory_bounds_the_heap_of_an_executable() {
        PoolConfig config =
                ProcessPool.builder()
                        .maxMemory(0, 400 << 20)
                        .context(new WorkerCommand.Native(Path.of("/app/run"), List.of()))
                        .config();
        assertThat(
                        ((WorkerCommand.Native) config.command())
                                .line(config, Path.of("/own"), Optional.empty(), "pool-1"))
                .contains("-Xmx" + (300 << 20))
                .noneMatch(word -> word.contains("Percent"));
    }

    @Test
    void an_executable_can_have_workers_that_are_jvms_if_it_is_told_where_their_classes_are()
            throws Exception {
        PoolBuilder builder =
                ProcessPool.builder()
                        .processes(1)
                        .java(JAVA)
                        .classPath(ofWorkers().toArray(Path[]::new));
        WorkerCommand command = builder.ordinary(true);

        assertThat(command).isInstanceOf(WorkerCommand.Jvm.class);
        try (ProcessPool pool = builder.context(command).open()) {
            assertThat(
                            pool.with(CallOptions.DEFAULT.timeout(Duration.ofSeconds(30)))
                                    .apply(Tasks::pid))
                    .isEqualTo(pool.snapshot().workers().getFirst().pid());
        }
    }

    @Test
    void such_a_class_path_that_lacks_something_is_refused_and_says_what() {
        List<Path> places = new ArrayList<>(ofWorkers());
        places.removeIf(place -> place.toString().contains("cbor"));
        PoolBuilder builder =
                ProcessPool.builder().java(JAVA).classPath(places.toArray(Path[]::new));

        assertThatThrownBy(() -> builder.ordinary(true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("classPath has to hold")
                .hasMessageContaining("CBORFactory");
    }

    @Test
    void a_place_that_is_no_jar_is_refused() {
        assertThatThrownBy(() ->
                        ProcessPool.builder()
                                .java(JAVA)
                                .classPath(Path.of("pom.xml"))
                                .ordinary(true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("classPath cannot be read");
    }
}
