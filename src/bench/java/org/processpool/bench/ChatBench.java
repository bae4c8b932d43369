package org.processpool.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The chat of the packaged service, with two workers that hold all conversations:
 *
 * <ul>
 *   <li>echo round trips through a worker, 200 clients each in a room of his own, against pings
 *       that the same service answers by itself;
 *   <li>messages that one room of 50 hears;
 *   <li>conversations that are there and silent: how long they take to come, and what they cost.
 * </ul>
 *
 * <pre>
 * ./mvnw -Pbench package
 * java -cp target/test-classes:"target/quarkus-app/lib/main/*" org.processpool.bench.ChatBench
 * </pre>
 *
 * Arguments, all optional: the rounds (5), the seconds of each measurement (3) and the silent
 * conversations (2000).
 */
public final class ChatBench {

    private static final int CLIENTS = 200;
    private static final int LISTENERS = 50;
    private static final String TEXT = "0123456789012345678901234567890123456789";

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setUseDaemonThread(true));
    private final WebSocketClient client =
            vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(20_000));
    private final int port;
    private final Duration time;

    private ChatBench(int port, Duration time) {
        this.port = port;
        this.time = time;
    }

    public static void main(String... args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        Duration time = Duration.ofSeconds(args.length > 1 ? Integer.parseInt(args[1]) : 3);
        int silent = args.length > 2 ? Integer.parseInt(args[2]) : 2_000;
        Path directory = Files.createTempDirectory("chat-bench");
        int port;
        try (ServerSocket any = new ServerSocket(0)) {
            port = any.getLocalPort();
        }
        Process service =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-Dquarkus.http.port=" + port,
                                "-Dprocess-pool.pools.default.min-processes=0",
                                "-Dprocess-pool.pools.chat.processes=2",
                                "-Dprocess-pool.pools.chat.conversations-per-worker=" + silent,
                                "-Dprocess-pool.chat.messages-per-minute=0",
                                "-Dprocess-pool.chat.frames-per-second=0",
                                "-Dprocess-pool.chat.max-waiting=5000",
                                "-Dprocess-pool.chat.max-members=5000",
                                "-Dprocess-pool.chat.max-rooms=5000",
                                "-Dprocess-pool.chat.resume-grace=0s",
                                "-Dprocess-pool.chat.tcp.port=0",
                                "-Dquarkus.log.category.\"org.processpool.worker\".level=WARN",
                                "-Dprocess-pool.store.directory=" + directory.resolve("store"),
                                "-jar",
                                "target/quarkus-app/quarkus-run.jar")
                        .redirectOutput(Redirect.to(directory.resolve("service.log").toFile()))
                        .redirectErrorStream(true)
                        .start();
        try {
            ChatBench bench = new ChatBench(port, time);
            bench.awaitService();
            bench.compare(rounds);
            bench.room(rounds);
            bench.silence(silent, service);
        } finally {
            service.destroy();
            service.waitFor();
        }
    }

    private void awaitService() throws Exception {
        long limit = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (true) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException notYet) {
                if (System.nanoTime() > limit) {
                    throw notYet;
                }
                Thread.sleep(100); // it is starting
            }
        }
    }

    /** Somebody in the chat, once he has a worker. */
    private CompletableFuture<WebSocket> enter(String room) {
        var entered = new CompletableFuture<WebSocket>();
        client.connect(
                        new WebSocketConnectOptions()
                                .setHost("127.0.0.1")
                                .setPort(port)
                                .setURI("/chat")
                                .addSubProtocol("processpool.chat.v1"))
                .onFailure(entered::completeExceptionally)
                .onSuccess(socket -> {
                    socket.textMessageHandler(text -> {
                        if (text.startsWith("{\"type\":\"assigned\"")) {
                            entered.complete(socket);
                        }
                    });
                    socket.closeHandler(_ ->
                            entered.completeExceptionally(
                                    new IOException("closed: " + socket.closeStatusCode())));
                    var _ =
                            socket.writeTextMessage(
                                    "{\"type\":\"hello\",\"room\":\"%s\"}".formatted(room));
                });
        return entered;
    }

    private List<WebSocket> enter(int people, String room, boolean together) throws Exception {
        List<CompletableFuture<WebSocket>> coming = new ArrayList<>();
        var places = new Semaphore(100);
        for (int i = 0; i < people; i++) {
            places.acquire();
            CompletableFuture<WebSocket> one = enter(together ? room : room + i);
            var _ = one.whenComplete((_, _) -> places.release());
            coming.add(one);
        }
        List<WebSocket> there = new ArrayList<>();
        for (CompletableFuture<WebSocket> one : coming) {
            there.add(one.get(2, TimeUnit.MINUTES));
        }
        return there;
    }

    private static void leave(List<WebSocket> people) throws Exception {
        for (WebSocket one : people) {
            one.writeTextMessage("{\"type\":\"bye\"}")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
        }
    }

    private void compare(int rounds) throws Exception {
        List<WebSocket> people = enter(CLIENTS, "echo", false);
        String say = "{\"type\":\"say\",\"ref\":\"r\",\"text\":\"%s\"}".formatted(TEXT);
        String ping = "{\"type\":\"ping\"}";
        rate(people, say, "{\"type\":\"message\""); // warm
        rate(people, ping, "{\"type\":\"pong\"");
        List<Double> echoes = new ArrayList<>();
        List<Double> pongs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            pongs.add(rate(people, ping, "{\"type\":\"pong\""));
            echoes.add(rate(people, say, "{\"type\":\"message\""));
        }
        Numbers us = new Numbers(echoes);
        Numbers them = new Numbers(pongs);
        System.out.printf(
                "%-40s %s/s; pings of the same service: %s/s; ratio %s%n",
                "echo through a worker, 200 clients",
                us,
                them,
                Numbers.text(us.median() / them.median()));
        leave(people);
    }

    /** Each sends the next as soon as it was answered; answers per second. */
    private double rate(List<WebSocket> people, String frame, String answer) throws Exception {
        var answers = new AtomicLong();
        long end = System.nanoTime() + time.toNanos();
        var done = new Semaphore(0);
        long begin = System.nanoTime();
        for (WebSocket one : people) {
            one.textMessageHandler(text -> {
                if (text.startsWith(answer)) {
                    answers.incrementAndGet();
                    if (System.nanoTime() < end) {
                        var _ = one.writeTextMessage(frame);
                    } else {
                        done.release();
                    }
                }
            });
            var _ = one.writeTextMessage(frame);
        }
        if (!done.tryAcquire(people.size(), 2, TimeUnit.MINUTES)) {
            throw new IOException("%d were not answered".formatted(people.size()));
        }
        return answers.get() / ((System.nanoTime() - begin) / 1e9);
    }

    /** One speaks as fast as he is answered, all hear it; what is heard per second. */
    private void room(int rounds) throws Exception {
        List<WebSocket> people = enter(LISTENERS, "hall", true);
        String say = "{\"type\":\"say\",\"ref\":\"r\",\"text\":\"%s\"}".formatted(TEXT);
        List<Double> said = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            var heard = new AtomicLong();
            for (WebSocket one : people.subList(1, people.size())) {
                one.textMessageHandler(text -> {
                    if (text.startsWith("{\"type\":\"message\"")) {
                        heard.incrementAndGet();
                    }
                });
            }
            double rate = rate(people.subList(0, 1), say, "{\"type\":\"message\"");
            if (round > 0) { // the first is for warming up
                said.add(rate);
            }
        }
        System.out.printf(
                "%-40s %s messages/s, each heard by %d%n",
                "one speaker in a room", new Numbers(said), LISTENERS);
        leave(people);
    }

    private void silence(int people, Process service) throws Exception {
        long before = resident(service.pid());
        long begin = System.nanoTime();
        List<WebSocket> silent = enter(people, "quiet", false);
        double seconds = (System.nanoTime() - begin) / 1e9;
        long after = resident(service.pid());
        List<WebSocket> one = silent.subList(0, 1);
        String say = "{\"type\":\"say\",\"ref\":\"r\",\"text\":\"%s\"}".formatted(TEXT);
        double rate = rate(one, say, "{\"type\":\"message\"");
        System.out.printf(
                "%-40s came in %s s, %s kB of the service each; beside them a round trip takes %s ms%n",
                people + " silent conversations",
                Numbers.text(seconds),
                Numbers.text((after - before) / (double) people),
                Numbers.text(1000 / rate));
        leave(silent);
    }

    private static long resident(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no VmRSS of " + pid);
    }
}
