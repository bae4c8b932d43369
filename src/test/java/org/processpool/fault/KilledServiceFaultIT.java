package org.processpool.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * FAULTS 14, 20 to 22: the service is killed, and what it has promised is kept. {@code
 * -Dkill.rounds=50} for the long run.
 */
class KilledServiceFaultIT {

    private static final int ROUNDS = Integer.getInteger("kill.rounds", 3);
    private static final int CLIENTS = 4;
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration WORKERS_GONE = Duration.ofSeconds(10);

    @TempDir private Path directory;

    /** A job that was answered with 202, and what it must come to. */
    private record Promise(String id, String result, boolean atMostOnce, String mark) {}

    private Map<String, String> settings() throws IOException {
        return Map.of(
                "process-pool.pools.default.processes",
                "2",
                "process-pool.pools.default.class-path",
                "%s,%s"
                        .formatted(
                                Path.of("target/test-classes").toAbsolutePath(),
                                Tally.registration(directory.resolve("tasks"))));
    }

    @Test
    void loses_no_job_it_has_accepted_however_often_it_is_killed() throws Exception {
        Path tally = directory.resolve("tally");
        Files.createFile(tally);
        Queue<Promise> promises = new ConcurrentLinkedQueue<>();
        Random random = new Random(7);
        int port = RunningService.freePort();
        for (int round = 0; round < ROUNDS; round++) {
            RunningService service = RunningService.start(directory, port, settings());
            List<Thread> clients = load(service, tally, promises, round);
            Thread.sleep(
                    300 + random.nextInt(1500)); // the moment of death, not a wait for anything
            List<ProcessHandle> workers = service.descendants();
            service.kill();
            for (Thread client : clients) {
                client.join();
            }
            await().atMost(WORKERS_GONE)
                    .untilAsserted(() -> assertThat(workers).noneMatch(ProcessHandle::isAlive));
        }
        assertThat(promises).as("the load was accepted").hasSizeGreaterThan(10 * ROUNDS);
        try (RunningService service = RunningService.start(directory, port, settings())) {
            Map<String, Long> starts = new TreeMap<>();
            for (Promise promise : promises) {
                JsonNode job = service.ended(promise.id(), LONG);
                if (promise.atMostOnce() && job.path("state").asText().equals("FAILED")) {
                    assertThat(job.path("error").path("detail").asText()).contains("service ended");
                    continue;
                }
                assertThat(job.path("state").asText()).as(job::toString).isEqualTo("SUCCEEDED");
                String result = service.get("/v1/jobs/" + promise.id() + "/result").body();
                assertThat(result).as(job::toString).isEqualTo(promise.result());
            }
            starts.putAll(
                    Files.readAllLines(tally).stream()
                            .collect(
                                    Collectors.groupingBy(
                                            Function.identity(), Collectors.counting())));
            for (Promise promise : promises) {
                if (promise.atMostOnce()) {
                    assertThat(starts.getOrDefault(promise.mark(), 0L))
                            .as(promise::toString)
                            .isLessThanOrEqualTo(1);
                }
            }
        }
    }

    private List<Thread> load(
            RunningService service, Path tally, Queue<Promise> promises, int round) {
        AtomicInteger number = new AtomicInteger();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    while (service.handle().isAlive()) {
                                        int n = number.incrementAndGet();
                                        submit(
                                                service,
                                                tally,
                                                promises,
                                                "r%d-%d".formatted(round, n),
                                                n);
                                    }
                                } catch (IOException killed) {
                                    // what was not answered was not promised
                                } catch (InterruptedException stopped) {
                                    Thread.currentThread().interrupt();
                                }
                            }));
        }
        return clients;
    }

    private static void submit(
            RunningService service, Path tally, Queue<Promise> promises, String mark, int n)
            throws IOException, InterruptedException {
        boolean atMostOnce = n % 3 == 0;
        String input =
                "{\"file\":\"%s\",\"text\":\"%s\",\"millis\":%d}".formatted(tally, mark, n % 40);
        String job;
        String result;
        if (n % 5 == 1) {
            job = "{\"task\":\"fib\",\"items\":[1,2,3,4,5,6,7,8,9,10],\"chunkSize\":3}";
            result = "[1,1,2,3,5,8,13,21,34,55]";
            atMostOnce = false;
        } else {
            job =
                    "{\"task\":\"tally\",\"kwargs\":%s,\"onLost\":\"%s\"}"
                            .formatted(input, atMostOnce ? "fail" : "retry");
            result = "\"" + mark + "\"";
        }
        HttpResponse<String> answer = service.post("/v1/jobs", job);
        if (answer.statusCode() == 202) {
            String id = RunningService.tree(answer.body()).path("id").asText();
            promises.add(new Promise(id, result, atMostOnce, mark));
        } else {
            assertThat(answer.statusCode()).as(answer::body).isEqualTo(503);
        }
    }

    @Test
    void does_not_run_the_finished_chunks_of_a_map_again() throws Exception {
        Path tally = directory.resolve("tally");
        Files.createFile(tally);
        int items = 200;
        String input =
                LongStream.range(0, items)
                        .mapToObj(i ->
                                "{\"file\":\"%s\",\"text\":\"%d\",\"millis\":20}"
                                        .formatted(tally, i))
                        .collect(Collectors.joining(",", "[", "]"));
        int port = RunningService.freePort();
        AtomicReference<String> id = new AtomicReference<>();
        try (RunningService service = RunningService.start(directory, port, settings())) {
            HttpResponse<String> answer =
                    service.post(
                            "/v1/jobs",
                            "{\"task\":\"tally\",\"items\":%s,\"chunkSize\":5}".formatted(input));
            assertThat(answer.statusCode()).as(answer::body).isEqualTo(202);
            id.set(RunningService.tree(answer.body()).path("id").asText());
            await().atMost(LONG)
                    .until(() ->
                            service.json("/v1/jobs/" + id).path("progress").path("done").asInt()
                                    >= items / 2);
        }
        try (RunningService service = RunningService.start(directory, port, settings())) {
            JsonNode job = service.ended(id.get(), LONG);
            assertThat(job.path("state").asText()).isEqualTo("SUCCEEDED");
            JsonNode results =
                    RunningService.tree(service.get("/v1/jobs/" + id + "/result").body());
            assertThat(results).hasSize(items);
            for (int i = 0; i < items; i++) {
                assertThat(results.get(i).asText()).isEqualTo("" + i);
            }
        }
        Map<String, Long> starts =
                Files.readAllLines(tally).stream()
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        long again = starts.values().stream().filter(count -> count > 1).count();
        assertThat(again).as("only what ran at the time of death").isLessThanOrEqualTo(2 * 5);
    }

    @Test
    void starts_quickly_with_ten_thousand_jobs_and_runs_them_all() throws Exception {
        int jobs = 10_000;
        int port = RunningService.freePort();
        try (RunningService service = RunningService.start(directory, port, settings())) {
            service.post("/v1/pools/default:pause", "");
            AtomicInteger accepted = new AtomicInteger();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                clients.add(
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        while (accepted.incrementAndGet() <= jobs) {
                                            int status =
                                                    service.post(
                                                                    "/v1/jobs",
                                                                    "{\"task\":\"fib\",\"args\":[9]}")
                                                            .statusCode();
                                            assertThat(status).isEqualTo(202);
                                        }
                                    } catch (IOException | InterruptedException failed) {
                                        throw new IllegalStateException(failed);
                                    }
                                }));
            }
            for (Thread client : clients) {
                client.join();
            }
            assertThat(service.json("/v1/stats").path("queued").asInt())
                    .isGreaterThanOrEqualTo(jobs - 100);
        }
        try (RunningService service = RunningService.start(directory, port, settings())) {
            await().atMost(Duration.ofMinutes(5))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() ->
                            service.json("/v1/jobs?state=QUEUED,RUNNING&pageSize=1")
                                    .path("jobs")
                                    .isEmpty());
            assertThat(service.json("/v1/jobs?state=FAILED&pageSize=1").path("jobs")).isEmpty();
            assertThat(service.json("/v1/jobs?state=SUCCEEDED&pageSize=1").path("jobs")).hasSize(1);
        }
    }

    @Test
    void a_job_that_kills_each_worker_fails_and_others_go_on() throws Exception {
        int port = RunningService.freePort();
        try (RunningService service = RunningService.start(directory, port, settings())) {
            String poison =
                    id(
                            service.post(
                                    "/v1/jobs",
                                    "{\"task\":\"crash\",\"args\":[\"KILL\"],\"retries\":3}"));
            List<String> healthy = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                healthy.add(id(service.post("/v1/jobs", "{\"task\":\"fib\",\"args\":[20]}")));
            }
            for (String job : healthy) {
                assertThat(service.ended(job, LONG).path("state").asText()).isEqualTo("SUCCEEDED");
            }
            JsonNode failed = service.ended(poison, LONG);
            assertThat(failed.path("state").asText()).isEqualTo("FAILED");
            assertThat(failed.path("attempt").asInt()).isEqualTo(4);
        }
    }

    @Test
    void refuses_to_share_its_store_with_a_second_one() throws Exception {
        try (RunningService first =
                RunningService.start(directory, RunningService.freePort(), settings())) {
            Process second =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Dquarkus.http.port=" + RunningService.freePort(),
                                    "-Dprocess-pool.store.directory=" + directory.resolve("store"),
                                    "-Dprocess-pool.chat.tcp.port=0",
                                    "-jar",
                                    "target/quarkus-app/quarkus-run.jar")
                            .redirectErrorStream(true)
                            .start();
            String log = new String(second.getInputStream().readAllBytes(), UTF_8);
            assertThat(second.waitFor()).isNotZero();
            assertThat(log).contains(directory.resolve("store").toString()).contains("another");
            assertThat(first.get("/v1/jobs").statusCode()).isEqualTo(200);
        }
    }

    private static String id(HttpResponse<String> answer) throws IOException {
        assertThat(answer.statusCode()).as(answer::body).isEqualTo(202);
        return RunningService.tree(answer.body()).path("id").asText();
    }
}
