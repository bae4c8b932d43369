package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever is sent, the service answers as its contract says, has no bug, and goes on.
 *
 * <pre>
 * ./mvnw test -Dtest=ApiFuzzTest -Dfuzz.requests=50000 -Dfuzz.seed=7
 * </pre>
 */
@QuarkusTest
@TestProfile(FuzzedPool.class)
class ApiFuzzTest {

    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 400);
    private static final String SEED = System.getProperty("fuzz.seed", "");
    private static final long[] SEEDS = {1, 20, 300, 4000};
    private static final int MOST_FAILURES = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A stream need not end; so much of it is looked at. */
    private static final Duration LISTEN = Duration.ofMillis(300);

    /** What a task or the moment is to blame for. */
    private static final Set<String> NOT_OURS =
            Set.of(
                    "task-failed",
                    "worker-crashed",
                    "memory-limit",
                    "invalid-result",
                    "task-timeout",
                    "queue-timeout",
                    "wait-exceeded",
                    "queue-full",
                    "no-workers",
                    "pool-draining",
                    "pool-closed");

    @TestHTTPResource("/")
    URI root;

    private final List<String> failures = new ArrayList<>();
    private HttpClient client;
    private String origin;
    private Contract contract;

    @BeforeEach
    void open() {
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        origin = "http://%s:%d".formatted(root.getHost(), root.getPort());
        contract = ContractFilter.fetch(origin);
    }

    @AfterEach
    void close() {
        client.shutdownNow();
    }

    @Test
    void answers_whatever_is_sent_as_its_contract_says() throws Exception {
        long[] seeds = SEED.isEmpty() ? SEEDS : new long[] {Long.parseLong(SEED)};
        for (long seed : seeds) {
            var requests = new RandomRequests(contract, seed);
            for (int i = 0; i < REQUESTS / seeds.length && failures.size() < MOST_FAILURES; i++) {
                RandomRequests.Request request = requests.request(i);
                try {
                    send(request).forEach(why -> fail(seed, request, why));
                } catch (IOException | TimeoutException none) {
                    fail(seed, request, "no answer: " + none);
                }
            }
        }
        assertThat(failures).as(String.join("\n\n", failures)).isEmpty();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        Calls.call()
                                .header("Content-Type", "application/json")
                                .body("\"to be\"")
                                .post("/v1/tasks/wordcount:apply")
                                .then()
                                .statusCode(200));
    }

    @Test
    void asks_for_every_operation_but_those_that_end_the_pool() {
        assertThat(new RandomRequests(contract, 1).operations())
                .contains("POST /v1/tasks/{task}:apply", "GET /v1/pools/{pool}")
                .noneMatch(name -> name.endsWith(":terminate"));
    }

    @Test
    void repeats_itself_with_the_same_seed() {
        LongStream.of(SEEDS)
                .forEach(seed ->
                        assertThat(new RandomRequests(contract, seed).request(17))
                                .isEqualTo(new RandomRequests(contract, seed).request(17)));
    }

    private void fail(long seed, RandomRequests.Request request, String why) {
        failures.add(
                "%s\nseed %d, request %d%s\n%s"
                        .formatted(
                                why,
                                seed,
                                request.number(),
                                request.cut() < 0 ? "" : ", cut off after " + request.cut(),
                                request.curl(origin)));
    }

    private List<String> send(RandomRequests.Request request) throws Exception {
        if (request.cut() >= 0) {
            sendAndLeave(request);
            return List.of();
        }
        HttpRequest.Builder builder;
        try {
            builder =
                    HttpRequest.newBuilder(URI.create(origin + request.target()))
                            .timeout(PATIENCE)
                            .method(
                                    request.method(),
                                    request.body()
                                            .map(BodyPublishers::ofString)
                                            .orElse(BodyPublishers.noBody()));
            request.headers().forEach(builder::header);
        } catch (IllegalArgumentException refused) {
            return List.of(); // this client does not send it
        }
        HttpResponse<InputStream> response =
                client.send(builder.build(), BodyHandlers.ofInputStream());
        boolean stream =
                response.headers()
                        .firstValue("Content-Type")
                        .filter(type -> type.startsWith(Contract.EVENTS))
                        .isPresent();
        String body = read(response.body(), stream ? LISTEN : PATIENCE, stream);
        var answer =
                new Answer(
                        request.method(),
                        response.uri().getRawPath(),
                        response.statusCode(),
                        response.headers().map(),
                        body);
        var breaches = new ArrayList<>(contract.breaches(answer));
        if (answer.status() >= 500 && !isNotOurs(answer)) {
            breaches.add("a fault of the service");
        }
        return breaches.stream().map(breach -> breach + "\n" + answer).toList();
    }

    private static boolean isNotOurs(Answer answer) {
        return NOT_OURS.stream()
                .anyMatch(slug -> answer.body().contains("/problems/" + slug + "\""));
    }

    /** What of a body comes in time; of a stream its whole lines. */
    private static String read(InputStream body, Duration time, boolean stream) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (body) {
            CompletableFuture<Void> all =
                    CompletableFuture.runAsync(() -> copy(body, bytes), Thread::startVirtualThread);
            try {
                all.get(time.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException still) {
                if (!stream) {
                    throw still;
                }
            }
        }
        String text = bytes.toString(UTF_8);
        return stream ? text.substring(0, text.lastIndexOf('\n') + 1) : text;
    }

    private static void copy(InputStream body, ByteArrayOutputStream bytes) {
        try {
            body.transferTo(bytes);
        } catch (IOException closed) {
            // the reader has seen enough, or what came shows that something is missing
        }
    }

    /** A client that promises a body, sends a part of it and goes away. */
    private void sendAndLeave(RandomRequests.Request request) throws IOException {
        byte[] body = request.body().orElse("").getBytes(UTF_8);
        var head = new StringBuilder();
        head.append(
                "%s %s HTTP/1.1\r\nHost: localhost\r\n"
                        .formatted(request.method(), request.target()));
        request.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        head.append("Content-Length: %d\r\n\r\n".formatted(body.length));
        try (var socket = new Socket(root.getHost(), root.getPort())) {
            socket.getOutputStream().write(head.toString().getBytes(UTF_8));
            socket.getOutputStream().write(body, 0, Math.min(request.cut(), body.length));
            socket.getOutputStream().flush();
        }
    }
}
