package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.chat.TcpClient;

/** What clients say cannot forge the log, in neither of its formats. */
class LogFaultIT {

    private static final String FORGED = "2020-01-01T00:00:00.000Z ERROR [forged] all is lost";
    private static final String SECRET = "an-argument-nobody-logs";
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    @TempDir private Path directory;

    /** The lines of a service that was told evil things, and the id of a job that printed. */
    private String logged(List<String> lines, String json) throws Exception {
        int tcp = RunningService.freePort();
        String id;
        try (RunningService service =
                RunningService.start(
                        directory,
                        RunningService.freePort(),
                        Map.of(
                                "process-pool.pools.default.processes",
                                "1",
                                "process-pool.pools.chat.processes",
                                "1",
                                "process-pool.chat.tcp.port",
                                "" + tcp,
                                "quarkus.log.console.json.enabled",
                                json))) {
            try (TcpClient client = TcpClient.to(tcp)) {
                String evil = "a\u001b[2Jb\u0007\r\n" + FORGED + "\u2028" + FORGED;
                client.say(evil);
                assertThat(client.hears(evil)).isTrue();
            }
            service.post("/v1/tasks/echo:apply", "\"" + SECRET + "\"");
            HttpResponse<String> crash =
                    service.post(
                            "/v1/jobs",
                            "{\"task\":\"crash\",\"args\":[\"KILL\"],\"labels\":{\"a\":\"%s\"}}"
                                    .formatted(SECRET));
            assertThat(crash.statusCode()).as(crash::body).isEqualTo(202);
            HttpResponse<String> job =
                    service.post(
                            "/v1/jobs",
                            "{\"task\":\"steps\",\"kwargs\":{\"count\":2,\"millis\":300}}",
                            "traceparent",
                            "00-%s-b7ad6b7169203331-01".formatted(TRACE));
            assertThat(job.statusCode()).as(job::body).isEqualTo(202);
            id = RunningService.tree(job.body()).path("id").asText();
            assertThat(service.ended(id, Duration.ofMinutes(1)).path("state").asText())
                    .isEqualTo("SUCCEEDED");
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(log()).contains("step 2 of 2", "[forged]"));
            assertThat(service.terminate()).isZero();
        }
        lines.addAll(Files.readAllLines(directory.resolve("service.log")));
        assertThat(log()).doesNotContain(SECRET, "\u001b", "\u0007", "\u2028");
        return id;
    }

    private String log() throws IOException {
        return Files.readString(directory.resolve("service.log"));
    }

    @Test
    void in_lines_for_people_each_line_begins_with_a_time_that_is_ours() throws Exception {
        List<String> lines = new ArrayList<>();
        logged(lines, "false");
        assertThat(lines)
                .isNotEmpty()
                .noneMatch(line -> line.startsWith("2020"))
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+\\S* [A-Z]+ +\\[.*"));
    }

    @Test
    void in_json_each_line_is_an_object_and_says_what_printed_it() throws Exception {
        List<String> lines = new ArrayList<>();
        String id = logged(lines, "true");
        JsonNode step = null;
        for (String line : lines) {
            JsonNode entry = RunningService.tree(line);
            assertThat(entry.path("timestamp").asText()).as(line).isNotEmpty();
            assertThat(entry.path("level").asText()).as(line).isNotEqualTo("ERROR");
            if (entry.path("message").asText().endsWith("step 1 of 2")) {
                step = entry;
            }
        }
        assertThat(step).isNotNull();
        JsonNode fields = step.path("mdc");
        assertThat(fields.path("jobId").asText()).isEqualTo(id);
        assertThat(fields.path("task").asText()).isEqualTo("steps");
        assertThat(fields.path("attempt").asText()).isEqualTo("1");
        assertThat(fields.path("traceId").asText()).isEqualTo(TRACE);
        assertThat(fields.path("workerPid").asLong()).isPositive();
    }
}
