package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.fault.RunningService;

/**
 * The dashboard and the alerts of k8s/ find what they ask for in the packaged service, which runs
 * with the settings of k8s/. Where Prometheus is installed, it is asked.
 */
@Timeout(600)
class MonitoringIT {

    static final Path ALERT_TESTS =
            Path.of("src/test/resources/org/processpool/quarkus/alerts-test.yaml");

    /** How the manual makes a plain rule file. */
    private static final String PLAIN_RULES =
            "sed -n '/^spec:/,$ s/^  //p' k8s/components/monitoring/prometheusrule.yaml";

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir private static Path directory;

    private static RunningService service;
    private static WebSocket member;

    @BeforeAll
    static void start() throws Exception {
        var settings = new HashMap<String, String>();
        Properties documented = Manifests.settings();
        documented.stringPropertyNames().stream()
                .filter(key -> !key.startsWith("process-pool.security."))
                .filter(key -> !key.startsWith("process-pool.chat.tcp."))
                .forEach(key -> settings.put(key, documented.getProperty(key)));
        settings.remove("process-pool.store.directory");
        settings.put("quarkus.http.host", "127.0.0.1");
        settings.put("process-pool.pools.default.processes", "1");
        settings.put("process-pool.pools.chat.processes", "1");
        service = RunningService.start(directory, RunningService.freePort(), settings);
        member =
                HTTP.newWebSocketBuilder()
                        .buildAsync(
                                URI.create("ws://127.0.0.1:%d/chat".formatted(service.port())),
                                new WebSocket.Listener() {})
                        .join();
    }

    @AfterAll
    static void stop() {
        if (member != null) {
            member.abort();
        }
        if (service != null) {
            service.kill();
        }
    }

    @Test
    void the_settings_of_the_cluster_are_all_read() throws IOException {
        assertThat(directory.resolve("service.log"))
                .content()
                .doesNotContain("Unrecognized configuration key");
    }

    @Test
    void probes_and_prometheus_are_answered_where_they_ask() throws Exception {
        JsonNode set = Manifests.read(Manifests.ROOT.resolve("base/statefulset.yaml")).getFirst();
        List<String> paths =
                Manifests.texts(set, "spec/template/spec/containers/*/startupProbe/httpGet/path");
        assertThat(paths).containsExactly("/q/health/started");
        for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            for (String path :
                    Manifests.texts(
                            set, "spec/template/spec/containers/*/" + probe + "/httpGet/path")) {
                assertThat(service.json(path).path("status").asText()).as(path).isEqualTo("UP");
                assertThat(service.json(path).path("checks")).as(path).isNotEmpty();
            }
        }
        JsonNode monitor =
                Manifests.read(Manifests.ROOT.resolve("components/monitoring/servicemonitor.yaml"))
                        .getFirst();
        for (String path : Manifests.texts(monitor, "spec/endpoints/*/path")) {
            assertThat(service.get(path).body()).contains("# TYPE processpool_workers gauge");
        }
    }

    @Test
    void every_metric_and_label_of_dashboard_and_alerts_is_scraped() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    work();
                    List<Sample> scrape = scrape();
                    for (Expressions.Expression expression : all()) {
                        assertThat(expression.selectors()).as("%s", expression).isNotEmpty();
                        for (Expressions.Selector selector : expression.selectors()) {
                            assertThat(scrape)
                                    .as("%s of %s", selector.text(), expression)
                                    .anyMatch(s -> selector.fits(s.name(), s.labels()));
                        }
                    }
                });
    }

    @Test
    void promtool_finds_no_fault_in_the_alerts_and_they_fire_when_they_should() throws Exception {
        Program promtool = installed("promtool");
        rules();
        Program.Answer checked = promtool.run(directory, "check", "rules", "rules.yaml");
        assertThat(checked.text()).contains("SUCCESS: " + Expressions.alerts().size() + " rules");
        assertThat(checked.code()).as(checked.text()).isZero();
        Files.copy(ALERT_TESTS, directory.resolve("alerts-test.yaml"));
        Program.Answer tested = promtool.run(directory, "test", "rules", "alerts-test.yaml");
        assertThat(tested.code()).as(tested.text()).isZero();
    }

    @Test
    void a_real_prometheus_answers_every_expression_with_data() throws Exception {
        Program program = installed("prometheus");
        rules();
        Files.writeString(
                directory.resolve("prometheus.yml"),
                """
                global:
                  scrape_interval: 1s
                  evaluation_interval: 1s
                rule_files:
                  - rules.yaml
                scrape_configs:
                  - job_name: process-pool
                    metrics_path: /q/metrics
                    static_configs:
                      - targets: ['127.0.0.1:%d']
                """
                        .formatted(service.port()));
        int port = RunningService.freePort();
        Path log = directory.resolve("prometheus.log");
        Process prometheus =
                new ProcessBuilder(
                                program.file().toString(),
                                "--config.file=" + directory.resolve("prometheus.yml"),
                                "--storage.tsdb.path=" + directory.resolve("prometheus"),
                                "--web.listen-address=127.0.0.1:" + port)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            var server = new Prometheus(port);
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> {
                        assertThat(prometheus.isAlive()).as(Files.readString(log)).isTrue();
                        return server.query("up == 1").size() == 1;
                    });
            await().atMost(PATIENCE)
                    .untilAsserted(() -> {
                        work();
                        holdsData(server);
                    });
            JsonNode groups = server.get("/api/v1/rules").at("/data/groups");
            assertThat(Manifests.texts(groups, "*/rules/*/health"))
                    .hasSameSizeAs(Expressions.alerts())
                    .containsOnly("ok");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> {
                        work();
                        assertThat(
                                        server.query(
                                                "ALERTS{alertname=\"ProcessPoolWorkersCrash\","
                                                        + "alertstate=\"firing\"}"))
                                .isNotEmpty();
                    });
            assertThat(server.query("ALERTS{alertstate=\"firing\",severity=\"critical\"}"))
                    .isEmpty();
        } finally {
            prometheus.destroyForcibly();
            prometheus.onExit().join();
        }
    }

    /** All expressions are understood, and those of the dashboard find what their legends show. */
    private static void holdsData(Prometheus server) throws Exception {
        for (Expressions.Expression alert : Expressions.alerts()) {
            server.query(alert.text()); // answers, or this throws; mostly with nothing
        }
        for (Expressions.Expression expression : all()) {
            for (Expressions.Selector selector : expression.selectors()) {
                assertThat(server.query(selector.text())).as("%s", expression).isNotEmpty();
            }
        }
        var shown = new ArrayList<>(Expressions.panels());
        shown.addAll(Expressions.variables());
        for (Expressions.Expression panel : shown) {
            JsonNode series = server.query(panel.text());
            assertThat(series).as("%s", panel).isNotEmpty();
            for (JsonNode one : series) {
                assertThat(panel.labels())
                        .as("%s", panel)
                        .allMatch(label -> one.path("metric").has(label));
            }
        }
    }

    private static List<Expressions.Expression> all() throws IOException {
        return Stream.of(Expressions.panels(), Expressions.variables(), Expressions.alerts())
                .flatMap(List::stream)
                .toList();
    }

    /** A call that is done, one that kills its worker, a job, and something said in the chat. */
    private static void work() throws Exception {
        assertThat(post("/v1/tasks/echo:apply", "\"hello\"")).isEqualTo(200);
        assertThat(post("/v1/tasks/crash:apply", "\"SEGV\"")).isEqualTo(502);
        assertThat(post("/v1/jobs", "{\"task\":\"echo\",\"args\":[\"hello\"]}")).isEqualTo(202);
        member.sendText("hello", true).join();
    }

    private static int post(String path, String json) throws Exception {
        return HTTP.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://127.0.0.1:%d%s"
                                                        .formatted(service.port(), path)))
                                .header("content-type", "application/json")
                                .timeout(Duration.ofSeconds(60))
                                .POST(BodyPublishers.ofString(json))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    /** One line of a scrape. */
    private record Sample(String name, Map<String, String> labels) {}

    private static List<Sample> scrape() throws Exception {
        List<Sample> samples =
                Stream.concat(
                                service.get("/q/metrics").body().lines(),
                                Stream.of("up{job=\"process-pool\"} 1")) // Prometheus' own
                        .filter(line -> !line.startsWith("#"))
                        .map(SAMPLE::matcher)
                        .filter(Matcher::matches)
                        .map(line ->
                                new Sample(
                                        line.group(1),
                                        LABEL.matcher(line.group(2) == null ? "" : line.group(2))
                                                .results()
                                                .collect(
                                                        Collectors.toMap(
                                                                label -> label.group(1),
                                                                label -> label.group(2)))))
                        .toList();
        assertThat(samples).hasSizeGreaterThan(100);
        return samples;
    }

    private static Program installed(String name) {
        var program = Program.named(name);
        assumeTrue(program.isPresent(), name + " is not installed");
        return program.orElseThrow();
    }

    /** Makes rules.yaml as the manual does. */
    private static void rules() throws Exception {
        assertThat(Files.readString(Manifests.MANUAL)).contains(PLAIN_RULES);
        Program.Answer made = installed("sh").run(Path.of("."), "-c", PLAIN_RULES);
        assertThat(made.code()).as(made.text()).isZero();
        Files.writeString(directory.resolve("rules.yaml"), made.text());
    }

    /** Its HTTP API. */
    private record Prometheus(int port) {

        /**
         * What an expression yields.
         *
         * @throws IOException with its words, if it does not understand
         */
        JsonNode query(String expression) throws IOException, InterruptedException {
            JsonNode answer =
                    get(
                            "/api/v1/query?query="
                                    + URLEncoder.encode(expression, StandardCharsets.UTF_8));
            if (!answer.path("status").asText().equals("success")) {
                throw new IOException(expression + ": " + answer);
            }
            return answer.at("/data/result");
        }

        JsonNode get(String path) throws IOException, InterruptedException {
            HttpResponse<String> answer =
                    HTTP.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:%d%s".formatted(port, path)))
                                    .timeout(Duration.ofSeconds(30))
                                    .build(),
                            BodyHandlers.ofString());
            return JSON.readTree(answer.body());
        }
    }
}
