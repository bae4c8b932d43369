package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client in the packaged jar, as a user runs it, against the packaged service. */
@QuarkusIntegrationTest
class ClientIT {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String INTERRUPT = "INT";

    @TempDir private Path directory;

    private record Ran(int code, String out, String err) {}

    private static List<String> java(String... options) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.add("-jar");
        command.add(
                Path.of(System.getProperty("build.output.directory"))
                        .resolve("quarkus-app/quarkus-run.jar")
                        .toAbsolutePath()
                        .toString());
        return command;
    }

    private Process start(List<String> command, Map<String, String> environment)
            throws IOException {
        var builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectOutput(directory.resolve("out").toFile())
                        .redirectError(directory.resolve("err").toFile());
        builder.environment()
                .put("PROCESS_POOL_URL", "%s:%d".formatted(RestAssured.baseURI, RestAssured.port));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private Ran ended(Process process) throws Exception {
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return new Ran(process.exitValue(), read("out"), read("err"));
    }

    private Ran run(List<String> java, String... arguments) throws Exception {
        var command = new ArrayList<>(java);
        command.addAll(List.of(arguments));
        return ended(start(command, Map.of()));
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file), UTF_8);
    }

    @Test
    void tells_its_commands_and_version_without_starting_the_service() throws Exception {
        Path classes = directory.resolve("classes");
        List<String> watched = java("-Xlog:class+load:file=" + classes);

        Ran help = run(watched, "--help");

        assertThat(help.code()).isZero();
        assertThat(help.out()).startsWith("Has tasks run").contains("Exit codes:");
        assertThat(help.err()).isEmpty();
        assertThat(Files.readString(classes))
                .contains("picocli.CommandLine")
                .doesNotContain(" io.vertx.", " io.quarkus.runtime.", " org.processpool.pool.");
        assertThat(run(java(), "--version").out()).matches("process-pool \\d\\S* \\(Java .*\\)\n");
    }

    @Test
    void refuses_what_it_does_not_know() throws Exception {
        Ran ran = run(java(), "serve");

        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).startsWith("there is no command 'serve'").contains("Usage:");
    }

    @Test
    void lists_tasks_and_workers_of_the_service_and_has_a_task_run() throws Exception {
        assertThat(run(java(), "tasks").out()).startsWith("TASK").contains("\nprimes  ");
        assertThat(run(java(), "workers", "default").out()).contains("default-1  ");
        assertThat(run(java(), "pools", "-o", "json").out()).contains("\"name\":\"default\"");

        Ran ran = run(java(), "apply", "wordcount", "\"to be or not to be\"");
        assertThat(ran).isEqualTo(new Ran(0, "{\"be\":2,\"to\":2,\"not\":1,\"or\":1}\n", ""));
    }

    @Test
    void maps_a_file_and_has_a_job_run_to_its_end() throws Exception {
        Path items = Files.writeString(directory.resolve("items"), "10\n20\n\"x\"\n");

        Ran map = run(java(), "map", "fib", "-f", items.toString(), "--results-only");
        assertThat(map.code()).isEqualTo(1);
        assertThat(map.out()).isEqualTo("55\n6765\n");
        assertThat(map.err()).startsWith("item 2: Invalid arguments");

        Ran job = run(java(), "submit", "fib", "30", "--label", "by=client", "--wait");
        assertThat(job.code()).isZero();
        assertThat(job.out()).contains("SUCCEEDED").contains("result    832040");
        Ran jobs = run(java(), "jobs", "--label", "by=client");
        assertThat(jobs.out().lines().skip(1))
                .isNotEmpty()
                .allMatch(line -> line.contains("by=client"));
        String id = jobs.out().lines().skip(1).findFirst().orElseThrow().split(" ", 2)[0];
        assertThat(run(java(), "job", id, "--result").out()).isEqualTo("832040\n");
        assertThat(run(java(), "logs", id, "-f")).isEqualTo(new Ran(0, "", ""));
        assertThat(run(java(), "cancel", id).out()).isEqualTo(id + "  SUCCEEDED\n");
    }

    @Test
    void tells_a_task_that_failed_and_a_name_that_is_not_known() throws Exception {
        Ran failed = run(java(), "apply", "fib", "-5");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).startsWith("Task failed: ").contains("was -5");

        Ran unknown = run(java(), "apply", "wordcout", "1");
        assertThat(unknown.code()).isEqualTo(4);
        assertThat(unknown.err()).contains("did you mean wordcount?");
    }

    @Test
    void speaks_utf_8_whatever_the_locale() throws Exception {
        var command = java();
        command.addAll(List.of("apply", "echo", "\"你好, Zoë\""));

        Ran ran = ended(start(command, Map.of("LC_ALL", "POSIX")));

        assertThat(ran).isEqualTo(new Ran(0, "\"你好, Zoë\"\n", ""));
    }

    @Test
    void talks_to_a_chat_server_in_utf_8_whatever_the_locale() throws Exception {
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            var command = java();
            command.addAll(List.of("chat", "127.0.0.1", server.port()));
            Process chat = start(command, Map.of("LC_ALL", "POSIX"));
            try (var typed = chat.getOutputStream()) {
                typed.write("你好, Zoë\nq\n".getBytes(UTF_8));
            }

            assertThat(ended(chat)).isEqualTo(new Ran(0, "来自服务端的消息: 你好, Zoë\n", ""));
            assertThat(new String(server.heard(), UTF_8)).isEqualTo("你好, Zoë");
        }
    }

    @Test
    void cancels_its_call_when_it_is_interrupted() throws Exception {
        // whoever started the tests may have it ignored, and children inherit that
        var command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(java());
        command.addAll(List.of("apply", "sleep", "25000"));
        Process waiting = start(command, Map.of());
        await().atMost(LIMIT).until(() -> busy() == 1);

        assertThat(
                        new ProcessBuilder("kill", "-" + INTERRUPT, "" + waiting.pid())
                                .start()
                                .waitFor())
                .isZero();

        assertThat(ended(waiting).code()).isEqualTo(130);
        await().atMost(Duration.ofSeconds(15)).until(() -> busy() == 0);
    }

    private static int busy() {
        return RestAssured.get("/v1/pools/default").then().extract().path("busy");
    }

    @Test
    void is_not_met_by_a_start_as_the_service() throws Exception {
        Path classes = directory.resolve("classes");
        Process service =
                start(
                        java(
                                "-Xlog:class+load:file=" + classes,
                                "-Dquarkus.http.port=0",
                                "-Dprocess-pool.chat.tcp.port=0",
                                "-Dprocess-pool.pools.default.processes=1"),
                        Map.of());
        try {
            await().atMost(LIMIT).until(() -> read("out").contains("Listening on"));

            assertThat(Files.readString(classes))
                    .contains("org.processpool.quarkus.Main ")
                    .contains("org.processpool.pool.ProcessPool ")
                    .doesNotContain(" picocli.", " org.processpool.cli.");
        } finally {
            service.destroy();
            assertThat(service.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }
}
