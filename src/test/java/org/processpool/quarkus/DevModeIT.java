package org.processpool.quarkus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service in dev mode, on a copy of the sources that may be changed. */
class DevModeIT {

    private static final Duration FIRST_START = Duration.ofMinutes(4);
    private static final Duration RELOAD = Duration.ofMinutes(2);

    @TempDir private Path project;

    private Process dev;

    @AfterEach
    void stop() throws InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(dev.descendants().toList());
        dev.destroy();
        if (!dev.waitFor(30, TimeUnit.SECONDS)) {
            all.add(dev.toHandle());
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void runs_a_changed_task_in_the_next_call() throws Exception {
        int port = freePort();
        copySources();
        dev = start(port);

        await().atMost(FIRST_START)
                .until(() -> apply(port), answer -> answer.contains("fib takes"));

        Path task = project.resolve("src/main/java/org/processpool/sample/Fib.java");
        String source = Files.readString(task);
        assertThat(source).contains("fib takes");
        Files.writeString(task, source.replace("fib takes", "fib wants"));

        await().atMost(RELOAD).until(() -> apply(port), answer -> answer.contains("fib wants"));
    }

    private void copySources() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        for (String name : List.of("pom.xml", "mvnw", ".mvn", "src/main")) {
            try (Stream<Path> files = Files.walk(here.resolve(name))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path target = project.resolve(here.relativize(file).toString());
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private Process start(int port) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                project.resolve("mvnw").toString(),
                                "--batch-mode",
                                "quarkus:dev",
                                "-Ddebug=false",
                                "-Dquarkus.http.port=" + port,
                                "-Dprocess-pool.chat.tcp.port=0",
                                "-Dquarkus.console.enabled=false"));
        String repository = System.getProperty("maven.repo.local");
        if (repository != null) {
            command.add("-Dmaven.repo.local=" + repository);
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("MAVEN_OPTS");
        return builder.directory(project.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(project.resolve("dev.log").toFile())
                .start();
    }

    /** What fib says to a number it cannot take; empty while nobody answers. */
    private String apply(int port) throws IOException, InterruptedException {
        if (!dev.isAlive()) {
            throw new IllegalStateException(
                    "dev mode has ended:\n" + Files.readString(project.resolve("dev.log")));
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://localhost:%d/v1/tasks/fib:apply"
                                                            .formatted(port)))
                                    .timeout(Duration.ofMinutes(1))
                                    .header("content-type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString("-5", UTF_8))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (ConnectException notYet) {
            return "";
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
