package org.processpool.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.chat.TcpClient;

/**
 * FAULTS 13: the service is asked to end while it has all kinds of work. {@code -Ddrain.rounds=50}
 * for the long run.
 */
class DrainFaultIT {

    private static final int ROUNDS = Integer.getInteger("drain.rounds", 2);
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final String ECHO = "/v1/tasks/echo:apply";
    private static final String SLEEP = "/v1/tasks/sleep:apply";
    private static final String FOREVER = "600000";

    @TempDir private Path directory;

    private Map<String, String> settings(String... more) throws IOException {
        var settings =
                new HashMap<>(
                        Map.of(
                                "process-pool.pools.default.processes",
                                "2",
                                "process-pool.pools.chat.processes",
                                "2",
                                "process-pool.pools.default.class-path",
                                "%s,%s"
                                        .formatted(
                                                Path.of("target/test-classes").toAbsolutePath(),
                                                Tally.registration(directory.resolve("tasks")))));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    /** What clients were promised, and what they met with. */
    private static final class Load {
        final Queue<String> marks = new ConcurrentLinkedQueue<>();
        final Queue<String> jobs = new ConcurrentLinkedQueue<>();

        /** Those of them that are not to be run again. */
        final Set<String> once = ConcurrentHashMap.newKeySet();

        final Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
        final AtomicInteger answered = new AtomicInteger();
        final AtomicInteger turnedAway = new AtomicInteger();
    }

    private static CompletableFuture<Void> client(Load load, Client work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        work.run();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    } catch (IOException | AssertionError wrong) {
                        load.broken.add(wrong);
                    }
                },
                Thread::startVirtualThread);
    }

    private interface Client {
        void run() throws IOException, InterruptedException;
    }

    /** Sends until it is turned away. Each answer is one; whoever comes too late is not let in. */
    private static void sendUntilTheEnd(RunningService service, Load load, Sending sending)
            throws IOException, InterruptedException {
        while (service.handle().isAlive()) {
            HttpResponse<String> answer;
            try {
                answer = sending.send();
            } catch (ConnectException closed) {
                return; // the door is gone
            } catch (IOException cut) {
                // a connection that was kept may be closed just when it is used again
                if (cut.getMessage() != null
                        && cut.getMessage().contains("header parser received no bytes")) {
                    continue;
                }
                throw cut;
            }
            if (answer.statusCode() == 503) {
                JsonNode problem = RunningService.tree(answer.body());
                // too late, or in time but cut off at the end of the grace
                assertThat(problem.path("type").asText())
                        .isIn("/problems/pool-draining", "/problems/no-workers");
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                load.turnedAway.incrementAndGet();
                return;
            }
            assertThat(answer.statusCode()).as(answer::body).isIn(200, 202);
            load.answered.incrementAndGet();
        }
    }

    private interface Sending {
        HttpResponse<String> send() throws IOException, InterruptedException;
    }

    @Test
    void each_of_many_stops_under_load_answers_or_keeps_what_was_accepted() throws Exception {
        Path tally = directory.resolve("tally");
        Files.createFile(tally);
        Load load = new Load();
        int port = RunningService.freePort();
        int tcp = RunningService.freePort();
        for (int round = 0; round < ROUNDS; round++) {
            stopUnderLoad(port, tcp, load, tally, round);
        }
        assertThat(load.broken).isEmpty();
        assertThat(load.answered).hasValueGreaterThan(20 * ROUNDS);
        assertThat(load.jobs).hasSizeGreaterThan(5 * ROUNDS);
        try (RunningService service =
                RunningService.start(
                        directory, port, settings("process-pool.pools.chat.min-processes", "0"))) {
            for (String id : load.jobs) {
                JsonNode job = service.ended(id, LONG);
                if (load.once.contains(id) && job.path("state").asText().equals("FAILED")) {
                    assertThat(job.path("error").path("detail").asText()).contains("service ended");
                } else {
                    assertThat(job.path("state").asText()).as(job::toString).isEqualTo("SUCCEEDED");
                }
            }
            assertThat(service.terminate()).isZero();
        }
        Map<String, Long> starts =
                Files.readAllLines(tally).stream()
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        for (String mark : load.marks) {
            if (mark.startsWith("once")) {
                assertThat(starts.getOrDefault(mark, 0L)).as(mark).isLessThanOrEqualTo(1);
            }
        }
    }

    private void stopUnderLoad(int port, int tcp, Load load, Path tally, int round)
            throws Exception {
        RunningService service =
                RunningService.start(
                        directory,
                        port,
                        settings(
                                "process-pool.chat.tcp.port",
                                "" + tcp,
                                "process-pool.shutdown-grace",
                                round % 2 == 0 ? "10s" : "200ms"));
        try (HttpClient http = HttpClient.newHttpClient();
                TcpClient plain = TcpClient.to(tcp)) {
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                clients.add(
                        client(
                                load,
                                () ->
                                        sendUntilTheEnd(
                                                service,
                                                load,
                                                () -> service.post(ECHO, "\"hi\""))));
            }
            AtomicInteger number = new AtomicInteger();
            clients.add(
                    client(
                            load,
                            () ->
                                    sendUntilTheEnd(
                                            service,
                                            load,
                                            () -> submit(service, load, tally, round, number))));
            var events =
                    http.sendAsync(
                            get(port, "/v1/events"), HttpResponse.BodyHandlers.ofInputStream());
            clients.add(client(load, () -> readToTheEnd(events.join())));
            var map = http.sendAsync(endlessMap(port), HttpResponse.BodyHandlers.ofString());
            Ear ear = new Ear();
            WebSocket socket =
                    http.newWebSocketBuilder()
                            .subprotocols("processpool.chat.v1")
                            .buildAsync(URI.create("ws://127.0.0.1:%d/chat".formatted(port)), ear)
                            .join();
            socket.sendText("{\"type\":\"hello\",\"nick\":\"ann\"}", true).join();
            plain.say("hello");
            assertThat(plain.hears("hello")).isTrue();
            int before = load.answered.get();
            await().atMost(LONG).until(() -> load.answered.get() > before + 30);
            List<ProcessHandle> workers = service.descendants();

            Signal.TERM.sendTo(service.handle().pid());

            assertThat(service.exitCode(STOP)).isZero();
            CompletableFuture.allOf(clients.toArray(CompletableFuture<?>[]::new))
                    .get(LONG.toSeconds(), TimeUnit.SECONDS);
            assertThat(ear.closed.get(5, TimeUnit.SECONDS)).isEqualTo(1012);
            assertThat(plain.hearAll()).isEmpty();
            String[] lines = map.get(5, TimeUnit.SECONDS).body().split("\n", -1);
            for (int i = 0; i < lines.length - 1; i++) { // each line is whole
                assertThat(RunningService.tree(lines[i]).isObject()).as(lines[i]).isTrue();
            }
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(workers).noneMatch(ProcessHandle::isAlive));
        } finally {
            service.kill();
        }
    }

    private static HttpResponse<String> submit(
            RunningService service, Load load, Path tally, int round, AtomicInteger number)
            throws IOException, InterruptedException {
        int n = number.incrementAndGet();
        boolean once = n % 3 == 0;
        String mark = "%s-%d-%d".formatted(once ? "once" : "again", round, n);
        HttpResponse<String> answer =
                service.post(
                        "/v1/jobs",
                        ("{\"task\":\"tally\",\"onLost\":\"%s\",\"kwargs\":"
                                        + "{\"file\":\"%s\",\"text\":\"%s\",\"millis\":%d}}")
                                .formatted(once ? "fail" : "retry", tally, mark, 10 + n % 300));
        if (answer.statusCode() == 202) {
            load.marks.add(mark);
            String id = RunningService.tree(answer.body()).path("id").asText();
            load.jobs.add(id);
            if (once) {
                load.once.add(id);
            }
        }
        return answer;
    }

    private static void readToTheEnd(HttpResponse<InputStream> answer) throws IOException {
        try (InputStream body = answer.body()) {
            String all = new String(body.readAllBytes(), UTF_8); // throws if it was cut
            assertThat(all).contains("event: ").endsWith("\n\n");
        }
    }

    private static HttpRequest get(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
                .build();
    }

    /** Items that take longer than the grace. */
    private static HttpRequest endlessMap(int port) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:%d/v1/tasks/sleep:map".formatted(port)))
                .header("content-type", "application/x-ndjson")
                .header("accept", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString("20\n".repeat(10_000)))
                .build();
    }

    /** Waits for the end of a WebSocket. */
    private static final class Ear implements WebSocket.Listener {
        final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable broken) {
            closed.completeExceptionally(broken);
        }
    }

    @Test
    void still_serves_while_load_balancers_look_away_but_is_not_ready() throws Exception {
        try (RunningService service =
                RunningService.start(
                        directory,
                        RunningService.freePort(),
                        settings("process-pool.shutdown-delay", "4s"))) {
            long signalled = System.nanoTime();
            Signal.TERM.sendTo(service.handle().pid());

            await().atMost(Duration.ofSeconds(3))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> service.get("/q/health/ready").statusCode() == 503);
            assertThat(service.get("/q/health/ready").body())
                    .contains("draining: the service ends, as it was sent SIGTERM");
            assertThat(service.get("/q/health/live").statusCode()).isEqualTo(200);
            HttpResponse<String> late = service.post(ECHO, "\"late\"");
            assertThat(late.body()).isEqualTo("\"late\"");
            assertThat(late.headers().firstValue("Connection")).contains("close");
            HttpResponse<String> job = service.post("/v1/jobs", "{\"task\":\"echo\",\"args\":[1]}");
            assertThat(job.statusCode()).isEqualTo(202);

            assertThat(service.exitCode(STOP)).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - signalled))
                    .isGreaterThan(Duration.ofSeconds(4));
        }
    }

    @Test
    void answers_who_comes_too_late_with_a_problem_and_who_came_in_time_with_the_result()
            throws Exception {
        try (RunningService service =
                RunningService.start(directory, RunningService.freePort(), settings())) {
            CompletableFuture<HttpResponse<String>> inTime = sent(service, SLEEP, "4000");
            awaitBusy(service, 1);
            Signal.TERM.sendTo(service.handle().pid());
            await().atMost(Duration.ofSeconds(3))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> service.get("/v1/tasks").statusCode() == 503);

            HttpResponse<String> late = service.post(ECHO, "\"late\"", "accept-language", "zh");
            assertThat(late.statusCode()).isEqualTo(503);
            assertThat(late.headers().firstValue("Content-Type"))
                    .contains("application/problem+json");
            assertThat(late.headers().firstValue("Retry-After")).contains("5");
            JsonNode problem = RunningService.tree(late.body());
            assertThat(problem.path("type").asText()).isEqualTo("/problems/pool-draining");
            assertThat(problem.path("detail").asText()).contains("服务即将结束");
            assertThat(service.get("/q/metrics").statusCode()).isEqualTo(200);

            assertThat(inTime.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(service.exitCode(STOP)).isZero();
        }
    }

    @Test
    void a_second_signal_cuts_off_what_the_first_one_waits_for() throws Exception {
        int port = RunningService.freePort();
        String id;
        try (RunningService service =
                RunningService.start(
                        directory, port, settings("process-pool.shutdown-grace", "10m"))) {
            assumeThat(hears(service, 2)).as("SIGINT is not ignored here").isTrue();
            HttpResponse<String> job =
                    service.post(
                            "/v1/jobs", "{\"task\":\"sleep\",\"args\":[%s]}".formatted(FOREVER));
            id = RunningService.tree(job.body()).path("id").asText();
            CompletableFuture<HttpResponse<String>> call = sent(service, SLEEP, FOREVER);
            awaitBusy(service, 2);
            List<ProcessHandle> workers = service.descendants();
            Signal.INT.sendTo(service.handle().pid());
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> service.get("/v1/tasks").statusCode() == 503);
            assertThat(service.handle().isAlive()).isTrue();
            assertThat(workers).allMatch(ProcessHandle::isAlive);

            Signal.INT.sendTo(service.handle().pid());

            assertThat(service.exitCode(Duration.ofSeconds(15))).isZero();
            assertThat(call.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(workers).noneMatch(ProcessHandle::isAlive));
        }
        try (RunningService service = RunningService.start(directory, port, settings())) {
            await().atMost(LONG)
                    .until(() ->
                            service.json("/v1/jobs/" + id)
                                    .path("state")
                                    .asText()
                                    .equals("RUNNING"));
            Signal.TERM.sendTo(service.handle().pid());
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> service.get("/v1/tasks").statusCode() == 503);
            Signal.TERM.sendTo(service.handle().pid());
            assertThat(service.exitCode(Duration.ofSeconds(15))).isZero();
        }
    }

    private static CompletableFuture<HttpResponse<String>> sent(
            RunningService service, String path, String body) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return service.post(path, body);
                    } catch (IOException | InterruptedException failed) {
                        throw new IllegalStateException(failed);
                    }
                },
                Thread::startVirtualThread);
    }

    private static void awaitBusy(RunningService service, int workers) {
        await().atMost(LONG)
                .until(() -> {
                    int busy = 0;
                    for (JsonNode worker : service.json("/v1/pools/default").path("workers")) {
                        busy += worker.path("state").asText().equalsIgnoreCase("busy") ? 1 : 0;
                    }
                    return busy == workers;
                });
    }

    /** A process started in the background of a script is deaf to SIGINT. */
    private static boolean hears(RunningService service, int signal) throws IOException {
        Path status = Path.of("/proc", "" + service.handle().pid(), "status");
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("SigIgn:")) {
                long ignored = Long.parseUnsignedLong(line.substring(7).strip(), 16);
                return (ignored & (1L << (signal - 1))) == 0;
            }
        }
        return true;
    }
}
