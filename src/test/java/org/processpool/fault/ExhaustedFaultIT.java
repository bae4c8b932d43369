package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** FAULTS 11 and 18: the service is out of file descriptors, or its store out of disk. */
@Timeout(180)
class ExhaustedFaultIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ECHO = "/v1/tasks/echo:apply";

    @TempDir private Path directory;

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException none) {
            return false; // there is no such program
        }
    }

    private static long openFiles(RunningService service) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + service.handle().pid() + "/fd"))) {
            return all.count();
        }
    }

    @Test
    void without_file_descriptors_it_lets_nobody_in_and_recovers_alone() throws Exception {
        try (RunningService service =
                RunningService.start(
                        directory,
                        RunningService.freePort(),
                        Map.of("process-pool.pools.default.processes", "1"))) {
            assertThat(service.post(ECHO, "1").statusCode()).isEqualTo(200);
            long most = openFiles(service) + 20;
            assumeThat(
                            run(
                                    "prlimit",
                                    "--pid",
                                    "" + service.handle().pid(),
                                    "--nofile=%d:%d".formatted(most, most)))
                    .as("its limit can be set here")
                    .isTrue();
            List<Socket> crowd = new ArrayList<>();
            try {
                for (int i = 0; i < 100; i++) { // the kernel takes them, the service cannot
                    crowd.add(new Socket(InetAddress.getLoopbackAddress(), service.port()));
                }
                await().atMost(PATIENCE).until(() -> openFiles(service) >= most - 1);
                Duration before = service.handle().info().totalCpuDuration().orElseThrow();
                long logged = Files.size(directory.resolve("service.log"));
                // over three seconds
                await().during(Duration.ofSeconds(3))
                        .atMost(Duration.ofSeconds(10))
                        .pollInterval(Duration.ofMillis(500))
                        .untilAsserted(() ->
                                assertThat(
                                                service.handle()
                                                        .info()
                                                        .totalCpuDuration()
                                                        .orElseThrow()
                                                        .minus(before))
                                        .as("it does not spin")
                                        .isLessThan(Duration.ofSeconds(2)));
                assertThat(Files.size(directory.resolve("service.log")) - logged)
                        .as("bytes of log in 3 s")
                        .isLessThan(100_000);
                assertThat(service.handle().isAlive()).isTrue();
            } finally {
                for (Socket each : crowd) {
                    each.close();
                }
            }
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> service.post(ECHO, "2").statusCode() == 200);
            assertThat(
                            service.ended(
                                            RunningService.tree(
                                                            service.post(
                                                                            "/v1/jobs",
                                                                            "{\"task\":\"echo\",\"args\":[3]}")
                                                                    .body())
                                                    .path("id")
                                                    .asText(),
                                            PATIENCE)
                                    .path("state")
                                    .asText())
                    .isEqualTo("SUCCEEDED");
            assertThat(service.terminate()).isZero();
        }
    }

    @Test
    void with_a_full_disk_it_promises_nothing_and_goes_on_once_there_is_room() throws Exception {
        Path store = Files.createDirectory(directory.resolve("store"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", store.toString()))
                .as("a small disk can be mounted here")
                .isTrue();
        try {
            List<String> accepted = new ArrayList<>();
            try (RunningService service =
                    RunningService.start(
                            directory,
                            RunningService.freePort(),
                            Map.of("process-pool.pools.default.processes", "1"))) {
                String large =
                        "{\"task\":\"echo\",\"args\":[\"%s\"]}".formatted("x".repeat(300_000));
                HttpResponse<String> answer = service.post("/v1/jobs", large);
                for (int i = 0; i < 100 && answer.statusCode() == 202; i++) {
                    accepted.add(RunningService.tree(answer.body()).path("id").asText());
                    answer = service.post("/v1/jobs", large);
                }
                assertThat(answer.statusCode()).as(answer.body()).isIn(503, 507);
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                assertThat(accepted).hasSizeGreaterThan(3);
                assertThat(service.post(ECHO, "\"no store is needed\"").statusCode())
                        .isEqualTo(200);
                assertThat(service.get("/q/health/live").statusCode()).isEqualTo(200);

                assertThat(run("mount", "-o", "remount,size=64m", store.toString())).isTrue();

                await().atMost(PATIENCE)
                        .until(() -> {
                            HttpResponse<String> again = service.post("/v1/jobs", large);
                            if (again.statusCode() == 202) {
                                accepted.add(RunningService.tree(again.body()).path("id").asText());
                            }
                            return again.statusCode() == 202;
                        });
                for (String id : accepted) {
                    assertThat(service.ended(id, PATIENCE).path("state").asText())
                            .isEqualTo("SUCCEEDED");
                }
                assertThat(service.get("/q/health/ready").statusCode()).isEqualTo(200);
                assertThat(service.terminate()).isZero();
            }
            try (var connection = DriverManager.getConnection("jdbc:sqlite:" + store + "/jobs.db");
                    var statement = connection.createStatement();
                    var rows = statement.executeQuery("pragma integrity_check")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo("ok");
            }
        } finally {
            assertThat(run("umount", store.toString())).isTrue();
        }
    }
}
