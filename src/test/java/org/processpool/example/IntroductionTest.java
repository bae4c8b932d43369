package org.processpool.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.pool.ProcessPool;

/** The introductory example, run as a program of its own without Quarkus. */
@Timeout(90)
class IntroductionTest {

    private static List<String> output;

    /** Runs it with the library rooms, Jackson's streaming parser, and nothing else. */
    @BeforeAll
    static void run_the_example(@TempDir Path directory) throws Exception {
        Path classes = Files.createDirectory(directory.resolve("classes"));
        Path ours = place(ProcessPool.class);
        for (String room : List.of("task", "wire", "worker", "pool")) {
            copy(ours, Path.of("org", "processpool", room), classes);
        }
        copy(ours, Path.of("META-INF", "services", "org.processpool.wire.WorkerSide"), classes);
        copy(place(Introduction.class), Path.of("org", "processpool", "example"), classes);
        String classPath =
                String.join(
                        File.pathSeparator,
                        classes.toString(),
                        place(JsonFactory.class).toString(),
                        place(CBORFactory.class).toString());
        Path log = directory.resolve("log");
        Process example =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                classPath,
                                Introduction.class.getName())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            assertThat(example.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
            output = Files.readAllLines(log);
            assertThat(example.exitValue()).as("exit code; it printed %s", output).isZero();
        } finally {
            example.destroyForcibly();
        }
    }

    private static Path place(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static void copy(Path from, Path what, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from.resolve(what))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    @Test
    void five_tasks_run_in_five_processes_at_once() {
        assertThat(output).hasSize(10);
        assertThat(output.subList(0, 5))
                .as("all five, before any of them ends")
                .allMatch(line -> line.matches("task [0-4] runs in process \\d+"));
        assertThat(output.subList(0, 5).stream().map(line -> line.replaceAll(".* ", "")))
                .doesNotHaveDuplicates();
    }

    @Test
    void five_tasks_end() {
        assertThat(output.subList(5, 10)).containsOnly("end");
    }

    @Test
    void works_without_quarkus() {
        assertThat(output).noneMatch(line -> line.contains("Exception") || line.contains("Error"));
    }
}
