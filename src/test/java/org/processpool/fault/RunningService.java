package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The packaged service in a process of its own, to be killed. */
public final class RunningService implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(60);
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final String CHAT_PROCESSES = "process-pool.pools.chat.processes";

    /** Among the settings, the size of the heap, such as {@code 128m}. */
    static final String HEAP = "test.heap";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final int port;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();

    private RunningService(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** A port nobody uses now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts it and waits until it is ready.
     *
     * @param directory for its store and its log
     * @param settings system properties
     */
    public static RunningService start(Path directory, int port, Map<String, String> settings)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Xmx" + settings.getOrDefault(HEAP, "256m"));
        command.add("-Dquarkus.http.port=" + port);
        command.add("-Dprocess-pool.store.directory=" + directory.resolve("store"));
        command.add("-Dprocess-pool.offer-trouble=true");
        if (!settings.containsKey("process-pool.chat.tcp.port")) {
            command.add("-Dprocess-pool.chat.tcp.port=0");
        }
        if (!settings.containsKey(CHAT_PROCESSES)) {
            command.add("-Dprocess-pool.pools.chat.min-processes=0");
        }
        settings.forEach((key, value) -> {
            if (!key.equals(HEAP)) {
                command.add("-D" + key + "=" + value);
            }
        });
        command.add("-jar");
        command.add(JAR.toAbsolutePath().toString());
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        directory.resolve("service.log").toFile()))
                        .start();
        RunningService service = new RunningService(process, port);
        try {
            await().atMost(START)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        assertThat(process.isAlive())
                                .as(() -> "the service is alive: " + log(directory))
                                .isTrue();
                        return service.isReady();
                    });
        } catch (RuntimeException | AssertionError failed) {
            service.kill();
            throw failed;
        }
        return service;
    }

    private static String log(Path directory) {
        try (Stream<String> lines = Files.lines(directory.resolve("service.log"))) {
            List<String> all = lines.toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - 30), all.size()));
        } catch (IOException none) {
            return "no log: " + none;
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            return get("/q/health/ready").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Posts JSON. */
    HttpResponse<String> post(String path, String json, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                request(path)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    public JsonNode json(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(() -> path + ": " + answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    static JsonNode tree(String json) throws IOException {
        return JSON.readTree(json);
    }

    /** Waits for the end of a job. */
    JsonNode ended(String id, Duration patience) {
        return await().atMost(patience)
                .until(() -> json("/v1/jobs/" + id), job -> job.path("done").asBoolean());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
                .timeout(Duration.ofSeconds(60));
    }

    public int port() {
        return port;
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** Its workers and whatever they have started. */
    public List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /** SIGKILL, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
        client.shutdownNow();
    }

    /** Waits until it has ended by itself, and tells the exit code. */
    int exitCode(Duration patience) throws InterruptedException {
        assertThat(process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS))
                .as("the service has ended within %s", patience)
                .isTrue();
        client.shutdownNow();
        return process.exitValue();
    }

    /** SIGTERM, and the exit code. */
    public int terminate() throws InterruptedException {
        process.destroy();
        int code = process.waitFor();
        client.shutdownNow();
        return code;
    }

    @Override
    public void close() {
        kill();
    }
}
