package org.processpool.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Requests per second of the packaged service, in turn with what bounds them: calls of a task that
 * does nothing against the same endpoint refusing its input before it reaches a worker, and durable
 * submits against one-row commits of SQLite on the same disk.
 *
 * <pre>
 * ./mvnw -Pbench package
 * java -cp target/test-classes:"target/quarkus-app/lib/main/*" org.processpool.bench.RestBench
 * </pre>
 *
 * Arguments, all optional: the rounds (5) and the seconds of each measurement (3).
 */
public final class RestBench {

    private static final int CALLERS = 32;
    private static final int SUBMITTERS = 64;

    private final int port;
    private final Path directory;
    private final Duration time;

    private RestBench(int port, Path directory, Duration time) {
        this.port = port;
        this.directory = directory;
        this.time = time;
    }

    public static void main(String... args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        Duration time = Duration.ofSeconds(args.length > 1 ? Integer.parseInt(args[1]) : 3);
        Path directory = Files.createTempDirectory("rest-bench");
        int port;
        try (ServerSocket any = new ServerSocket(0)) {
            port = any.getLocalPort();
        }
        Process service =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dquarkus.http.port=" + port,
                                "-Dprocess-pool.jobs.max-queued=10000000",
                                "-Dprocess-pool.chat.enabled=false",
                                "-Dprocess-pool.store.directory=" + directory.resolve("store"),
                                "-jar",
                                "target/quarkus-app/quarkus-run.jar")
                        .redirectOutput(Redirect.to(directory.resolve("service.log").toFile()))
                        .redirectErrorStream(true)
                        .start();
        try {
            new RestBench(port, directory, time).compare(rounds);
        } finally {
            service.destroy();
            service.waitFor();
        }
    }

    private void compare(int rounds) throws Exception {
        awaitService();
        List<Double> applies = new ArrayList<>();
        List<Double> refusals = new ArrayList<>();
        List<Double> submits = new ArrayList<>();
        List<Double> commits = new ArrayList<>();
        rate(CALLERS, "/v1/tasks/echo:apply", "1", 200); // warm
        for (int round = 0; round < rounds; round++) {
            refusals.add(rate(CALLERS, "/v1/tasks/fib:apply", "\"x\"", 422));
            applies.add(rate(CALLERS, "/v1/tasks/echo:apply", "1", 200));
        }
        post("/v1/pools/default:pause", "", 202); // so that only the submission is measured
        String job = "{\"task\":\"echo\",\"args\":[1]}";
        rate(SUBMITTERS, "/v1/jobs", job, 202);
        for (int round = 0; round < rounds; round++) {
            commits.add(commits());
            submits.add(rate(SUBMITTERS, "/v1/jobs", job, 202));
        }
        report("apply, 32 connections", applies, "refused by the same endpoint", refusals);
        report("durable submit, 64 connections", submits, "one-row commits", commits);
    }

    private static void report(String name, List<Double> ours, String peer, List<Double> theirs) {
        Numbers us = new Numbers(ours);
        Numbers them = new Numbers(theirs);
        System.out.printf(
                "%-32s %s/s; %s: %s/s; ratio %s%n",
                name, us, peer, them, Numbers.text(us.median() / them.median()));
    }

    private void awaitService() throws Exception {
        long limit = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (true) {
            try {
                post("/v1/tasks/echo:apply", "1", 200);
                return;
            } catch (IOException notYet) {
                if (System.nanoTime() > limit) {
                    throw notYet;
                }
                Thread.sleep(100); // it is starting
            }
        }
    }

    private void post(String path, String body, int status) throws IOException {
        try (Caller caller = new Caller(port, path, body)) {
            caller.call(status);
        }
    }

    /** Requests per second of so many connections, each waiting for its answer. */
    private double rate(int connections, String path, String body, int status) throws Exception {
        AtomicLong done = new AtomicLong();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try (Caller caller = new Caller(port, path, body)) {
                                    while (System.nanoTime() < end) {
                                        caller.call(status);
                                        done.incrementAndGet();
                                    }
                                } catch (IOException failed) {
                                    throw new IllegalStateException(failed);
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return done.get() * 1e9 / (System.nanoTime() - start);
    }

    /** Rows per second that SQLite takes as safely as the store does, one at a time. */
    private double commits() throws SQLException {
        String url =
                "jdbc:sqlite:%s?journal_mode=WAL&synchronous=FULL"
                        .formatted(directory.resolve("commits.db"));
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists row (id integer primary key, text text)");
            long start = System.nanoTime();
            long count = 0;
            while (System.nanoTime() - start < time.toNanos()) {
                statement.execute("insert into row (text) values ('one')");
                count++;
            }
            return count * 1e9 / (System.nanoTime() - start);
        }
    }

    /** One connection that makes the same request again and again. */
    private static final class Caller implements AutoCloseable {
        private final Socket socket;
        private final byte[] request;
        private final OutputStream out;
        private final InputStream in;

        Caller(int port, String path, String body) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            request =
                    """
                    POST %s HTTP/1.1\r
                    Host: localhost\r
                    Content-Type: application/json\r
                    Content-Length: %d\r
                    \r
                    %s\
                    """
                            .formatted(path, body.length(), body)
                            .getBytes(US_ASCII);
            out = socket.getOutputStream();
            in = new BufferedInputStream(socket.getInputStream());
        }

        void call(int status) throws IOException {
            out.write(request);
            out.flush();
            String first = line();
            int length = 0;
            for (String header = line(); !header.isEmpty(); header = line()) {
                if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(header.substring(15).strip());
                }
            }
            in.skipNBytes(length);
            if (!first.startsWith("HTTP/1.1 " + status)) {
                throw new IOException("expected %d, got %s".formatted(status, first));
            }
        }

        private String line() throws IOException {
            var line = new StringBuilder();
            for (int each; (each = in.read()) != '\n'; ) {
                if (each < 0) {
                    throw new IOException("the connection was closed");
                }
                line.append((char) each);
            }
            return line.toString().strip();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
