package org.processpool.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Streams small numbers as NDJSON through {@code POST /v1/tasks/echo:map} of the packaged service
 * and compares with {@code jq -c .} of the same file, in turn:
 *
 * <pre>
 * ./mvnw -Pbench package
 * java -cp target/test-classes:"target/quarkus-app/lib/main/*" org.processpool.bench.MapStreamBench
 * </pre>
 *
 * Arguments, all optional: the number of items (1,000,000), the rounds (5), and the service's
 * directory ({@code target/quarkus-app}). Prints items per second of each, their ratio, and the
 * memory of the service's process: heap in use before, most while it ran, and after.
 */
public final class MapStreamBench {

    private static final Pattern USED =
            Pattern.compile("jvm_memory_used_bytes\\{area=\"heap\"[^}]*} ([0-9.E]+)");

    private final Path items;
    private final int count;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile boolean running = true;
    private volatile double mostHeap;

    private MapStreamBench(Path items, int count, int port) {
        this.items = items;
        this.count = count;
        this.port = port;
    }

    public static void main(String... args) throws Exception {
        int count = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        Path app = Path.of(args.length > 2 ? args[2] : "target/quarkus-app");
        Path directory = Files.createTempDirectory("map-stream");
        Path items = directory.resolve("items.ndjson");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(items))) {
            for (int i = 0; i < count; i++) {
                out.write((i + "\n").getBytes(US_ASCII));
            }
        }
        int port = freePort();
        Process service =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-Dprocess-pool.chat.enabled=false",
                                "-Dquarkus.http.port=" + port,
                                "-Dprocess-pool.store.directory=" + directory.resolve("store"),
                                "-jar",
                                app.resolve("quarkus-run.jar").toString())
                        .redirectOutput(Redirect.to(directory.resolve("service.log").toFile()))
                        .redirectErrorStream(true)
                        .start();
        try {
            new MapStreamBench(items, count, port).compare(rounds);
        } finally {
            service.destroy();
            service.waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    private void compare(int rounds) throws Exception {
        awaitService();
        List<Double> jq = new ArrayList<>();
        List<Double> single = new ArrayList<>();
        List<Double> chunked = new ArrayList<>();
        stream(1); // both sides warm
        double before = heap();
        mostHeap = before;
        Thread watch = Thread.ofVirtual().start(this::watchHeap);
        for (int round = 0; round < rounds; round++) {
            jq.add(count / seconds(this::jq));
            single.add(count / seconds(() -> stream(1)));
            chunked.add(count / seconds(() -> stream(1000)));
        }
        running = false;
        watch.join();
        var peer = new Numbers(jq);
        System.out.printf("jq -c .             %s items/s%n", peer);
        report("chunk 1", new Numbers(single), peer);
        report("chunk 1000", new Numbers(chunked), peer);
        System.out.printf(
                "heap of the service %.0f MB before, %.0f at most, %.0f after%n",
                before / 1e6, mostHeap / 1e6, heap() / 1e6);
    }

    private static void report(String name, Numbers ours, Numbers peer) {
        System.out.printf(
                "%-19s %s items/s, %s x jq%n",
                name, ours, Numbers.text(ours.median() / peer.median()));
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double seconds(Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private void awaitService() throws Exception {
        long limit = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (System.nanoTime() < limit) {
            try {
                if (get("/v1/tasks/echo").statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                Thread.sleep(100); // it is starting
            }
        }
        throw new IOException("the service did not start");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder().uri(URI.create("http://127.0.0.1:" + port + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private double heap() throws IOException, InterruptedException {
        Matcher used = USED.matcher(get("/q/metrics").body());
        double sum = 0;
        while (used.find()) {
            sum += Double.parseDouble(used.group(1));
        }
        return sum;
    }

    private void watchHeap() {
        try {
            while (running) {
                mostHeap = Math.max(mostHeap, heap());
                Thread.sleep(500);
            }
        } catch (IOException | InterruptedException gone) {
            throw new IllegalStateException("the service cannot be watched", gone);
        }
    }

    private void jq() throws IOException, InterruptedException {
        Process jq =
                new ProcessBuilder("jq", "-c", ".", items.toString())
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.INHERIT)
                        .start();
        if (jq.waitFor() != 0) {
            throw new IOException("jq failed");
        }
    }

    /** Sends the file on one thread and counts the lines of the answer on this one. */
    private void stream(int chunk) throws IOException, InterruptedException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
            out.write(
                    """
                    POST /v1/tasks/echo:map?chunk=%d HTTP/1.1\r
                    Host: localhost\r
                    Content-Type: application/x-ndjson\r
                    Accept: application/x-ndjson\r
                    Content-Length: %d\r
                    \r
                    """
                            .formatted(chunk, Files.size(items))
                            .getBytes(US_ASCII));
            Thread sender =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    Files.copy(items, out);
                                    out.flush();
                                } catch (IOException torn) {
                                    throw new IllegalStateException("the answer broke off", torn);
                                }
                            });
            int ends = countResults(new BufferedInputStream(socket.getInputStream(), 1 << 16));
            sender.join();
            if (ends != count) {
                throw new IOException("%d results for %d items".formatted(ends, count));
            }
        }
    }

    /** How many lines the answer has before its last one. */
    private static int countResults(InputStream in) throws IOException {
        while (!line(in).isEmpty()) {
            // the head
        }
        int lines = 0;
        for (int size; (size = Integer.parseInt(line(in), 16)) > 0; line(in)) {
            for (byte each : in.readNBytes(size)) {
                lines += each == '\n' ? 1 : 0;
            }
        }
        return lines - 1;
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int each; (each = in.read()) != '\n'; ) {
            if (each < 0) {
                throw new IOException("the answer was cut");
            }
            line.append((char) each);
        }
        return line.toString().strip();
    }
}
