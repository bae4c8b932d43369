package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service, told to lock its workers up. */
@FaultTest
@Timeout(120)
class SandboxedServiceFaultIT {

    private static final String SANDBOX = "process-pool.pools.default.sandbox";

    @TempDir Path directory;

    @Test
    void serves_from_workers_in_a_sandbox_started_from_the_aot_cache() throws Exception {
        Pools.assumeSandbox();
        try (var service =
                RunningService.start(
                        directory, RunningService.freePort(), Map.of(SANDBOX, "bwrap"))) {
            assertThat(service.post("/v1/tasks/wordcount:apply", "\"to be or not to be\"").body())
                    .isEqualTo("{\"be\":2,\"to\":2,\"not\":1,\"or\":1}");
            for (JsonNode worker : service.json("/v1/pools/default").path("workers")) {
                assertThat(
                                Files.readString(
                                        Path.of("/proc", worker.path("pid").asText(), "cmdline")))
                        .contains("WorkerMain", "-XX:AOTCache=");
            }
            assertThat(directory.resolve("service.log"))
                    .content()
                    .doesNotContain("AOT")
                    .doesNotContain("WARN");
        }
    }

    @Test
    void does_not_start_without_the_program_of_the_sandbox() throws Exception {
        var builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-D" + SANDBOX + "=bwrap",
                                "-Dquarkus.http.port=" + RunningService.freePort(),
                                "-Dprocess-pool.store.directory=" + directory.resolve("store"),
                                "-jar",
                                Path.of("target/quarkus-app/quarkus-run.jar")
                                        .toAbsolutePath()
                                        .toString())
                        .redirectErrorStream(true);
        builder.environment().put("PATH", directory.toString());
        Process service = builder.start();
        try {
            List<String> lines;
            try (var out = service.getInputStream()) {
                lines = new String(out.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
            }
            assertThat(service.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(service.exitValue()).isEqualTo(1);
            assertThat(lines)
                    .anyMatch(line ->
                            line.endsWith(
                                    SANDBOX
                                            + " cannot be bwrap: there is no program bwrap on the"
                                            + " PATH (it comes with the package bubblewrap)"))
                    .noneMatch(line -> line.startsWith("\tat "));
        } finally {
            service.destroyForcibly();
        }
    }
}
