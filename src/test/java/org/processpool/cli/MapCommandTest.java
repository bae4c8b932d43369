package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The map: lines out while lines still come in. */
@Timeout(60)
class MapCommandTest {

    private static final String FAILED =
            "{\"type\":\"/problems/task-failed\",\"title\":\"Task failed\",\"detail\":\"boom\"}";

    @TempDir private Path directory;

    private FakeServer server;
    private Shell shell;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        shell = Shell.with(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Answers each line as soon as it has come; {@code "bad"} is an item that fails. */
    private static void echo(HttpExchange exchange) throws IOException {
        OutputStream out = begin(exchange);
        var lines = new BufferedReader(new InputStreamReader(exchange.getRequestBody(), UTF_8));
        int index = 0;
        int failed = 0;
        for (String line; (line = lines.readLine()) != null; index++) {
            if (line.isBlank()) {
                index--;
                continue;
            }
            boolean bad = line.equals("\"bad\"");
            failed += bad ? 1 : 0;
            send(
                    out,
                    bad
                            ? "{\"index\":%d,\"ok\":false,\"error\":%s}".formatted(index, FAILED)
                            : "{\"index\":%d,\"ok\":true,\"result\":%s}".formatted(index, line));
        }
        send(
                out,
                "{\"end\":true,\"total\":%d,\"succeeded\":%d,\"failed\":%d}"
                        .formatted(index, index - failed, failed));
    }

    private static OutputStream begin(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/x-ndjson");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        return exchange.getResponseBody();
    }

    private static void send(OutputStream out, String line) throws IOException {
        out.write((line + "\n").getBytes(UTF_8));
        out.flush();
    }

    /** Output that a test can wait for, line by line. */
    private static final class Screen extends OutputStream {
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int b) {
            if (b == '\n') {
                lines.add(line.toString(UTF_8));
                line.reset();
            } else {
                line.write(b);
            }
        }

        String next() throws InterruptedException {
            return lines.poll(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void each_result_comes_before_the_next_item_is_sent() throws Exception {
        server.on("POST /v1/tasks/echo:map", MapCommandTest::echo);
        var screen = new Screen();
        CompletableFuture<Integer> code;
        try (var keyboard = new PipedOutputStream()) {
            var terminal = terminal(new PipedInputStream(keyboard), screen);
            code = CompletableFuture.supplyAsync(() -> Client.run(terminal, "map", "echo"));
            for (int i = 0; i < 3; i++) {
                keyboard.write("\"第%d\"\n".formatted(i).getBytes(UTF_8));
                keyboard.flush();
                assertThat(screen.next())
                        .isEqualTo("{\"index\":%d,\"ok\":true,\"result\":\"第%d\"}".formatted(i, i));
            }
        }
        assertThat(code.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(screen.lines).isEmpty();
    }

    private Terminal terminal(InputStream in, OutputStream out) {
        return new Terminal(
                in,
                out,
                new ByteArrayOutputStream(),
                false,
                false,
                false,
                Map.of("PROCESS_POOL_URL", server.url()));
    }

    @Test
    void an_item_that_fails_is_a_line_and_an_exit_code() {
        server.on("POST /v1/tasks/echo:map", MapCommandTest::echo);

        Shell.Ran ran = shell.typing("1\n\"bad\"\n3").run("map", "echo");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out().lines()).hasSize(3);
        assertThat(ran.err()).isEmpty();
    }

    @Test
    void results_alone_keep_every_digit_and_failures_are_told_beside_them() {
        server.on("POST /v1/tasks/echo:map", MapCommandTest::echo);

        Shell.Ran ran =
                shell.typing("1.100\n\"bad\"\n{\"a\":[1, 2e5]}\n\"ü\"\nnull")
                        .run("map", "echo", "--results-only");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).isEqualTo("1.100\n{\"a\":[1, 2e5]}\n\"ü\"\nnull\n");
        assertThat(ran.err()).isEqualTo("item 1: Task failed: boom\n");
    }

    @Test
    void json_has_the_end_of_the_stream_too() {
        server.on("POST /v1/tasks/echo:map", MapCommandTest::echo);

        assertThat(shell.typing("1\n").run("map", "echo", "-o", "json").out())
                .isEqualTo(
                        """
                        {"index":0,"ok":true,"result":1}
                        {"end":true,"total":1,"succeeded":1,"failed":0}
                        """);
    }

    @Test
    void the_options_are_the_querys() {
        server.on(
                "POST /v1/tasks/echo:map",
                exchange -> {
                    server.note(exchange);
                    send(begin(exchange), "{\"end\":true,\"total\":0}");
                });

        Shell.Ran ran =
                shell.typing("[1]\n")
                        .run(
                                "map",
                                "echo",
                                "--order",
                                "completion",
                                "--chunk",
                                "10",
                                "--on-error",
                                "stop",
                                "--star");

        assertThat(ran.code()).isZero();
        assertThat(server.request().target())
                .isEqualTo("/v1/tasks/echo:map?order=completion&chunk=10&onError=stop&star=true");
        assertThat(server.request().header("Content-type")).isEqualTo("application/x-ndjson");
        assertThat(server.request().header("Accept")).isEqualTo("application/x-ndjson");
        assertThat(server.request().body()).isEqualTo("[1]\n");
    }

    @Test
    void a_refusal_is_told_though_the_input_goes_on() throws Exception {
        server.on(
                "POST /v1/tasks/echo:map",
                exchange -> {
                    byte[] body =
                            "{\"type\":\"/problems/task-not-found\",\"title\":\"No\",\"status\":404}"
                                    .getBytes(UTF_8);
                    exchange.sendResponseHeaders(404, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.getResponseBody().flush();
                    exchange.getRequestBody().read();
                });
        try (var keyboard = new PipedOutputStream()) {
            var terminal = terminal(new PipedInputStream(keyboard), new ByteArrayOutputStream());
            assertThat(Client.run(terminal, "map", "echo")).isEqualTo(4);
        }
    }

    @Test
    void a_stream_without_its_end_was_cut() {
        server.on(
                "POST /v1/tasks/echo:map",
                exchange -> {
                    server.note(exchange);
                    send(begin(exchange), "{\"index\":0,\"ok\":true,\"result\":1}");
                });

        Shell.Ran ran = shell.typing("1\n2\n").run("map", "echo");

        assertThat(ran.code()).isEqualTo(5);
        assertThat(ran.out().lines()).hasSize(1);
        assertThat(ran.err()).contains("Stream cut: the results ended after 1 items");
    }

    @Test
    void a_connection_that_breaks_is_no_end() {
        server.on(
                "POST /v1/tasks/echo:map",
                exchange -> {
                    server.note(exchange);
                    send(begin(exchange), "{\"index\":0,\"ok\":true,\"result\":1}");
                    throw new IOException("as if it had been killed");
                });

        assertThat(shell.typing("1\n").run("map", "echo").code()).isIn(3, 5);
    }

    @Test
    void a_line_that_cannot_be_read_is_told() {
        server.on(
                "POST /v1/tasks/echo:map",
                exchange -> {
                    server.note(exchange);
                    send(begin(exchange), "{\"index\":0,\"ok\":tr");
                });

        Shell.Ran ran = shell.typing("1\n").run("map", "echo");

        assertThat(ran.code()).isEqualTo(5);
        assertThat(ran.err()).contains("a line of the results cannot be read");
    }

    @Test
    void half_an_input_is_not_sent_as_a_whole_one() throws Exception {
        var ended = new CountDownLatch(1);
        var whole = new CompletableFuture<Boolean>();
        HttpHandler reading =
                exchange -> {
                    try {
                        begin(exchange);
                        exchange.getRequestBody().readAllBytes();
                        whole.complete(true);
                    } catch (IOException broken) {
                        whole.complete(false);
                    } finally {
                        ended.countDown();
                    }
                };
        server.on("POST /v1/tasks/echo:map", reading);
        var torn =
                new ByteArrayInputStream("1\n2\n".getBytes(UTF_8)) {
                    private boolean begun;

                    @Override
                    public int read(byte[] bytes) throws IOException {
                        if (begun) {
                            throw new IOException("disk on fire");
                        }
                        begun = true;
                        return super.read(bytes);
                    }
                };

        int code = Client.run(terminal(torn, new ByteArrayOutputStream()), "map", "echo");

        assertThat(code).isEqualTo(1);
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(whole.join()).isFalse();
    }

    @Test
    void a_reader_that_has_seen_enough_ends_the_map_quietly() {
        server.on("POST /v1/tasks/echo:map", MapCommandTest::echo);
        var err = new ByteArrayOutputStream();
        var head =
                new Terminal.StandardOutput(
                        new OutputStream() {
                            @Override
                            public void write(int b) throws IOException {
                                throw new IOException("Broken pipe");
                            }
                        });
        var terminal =
                new Terminal(
                        new ByteArrayInputStream("1\n2\n".getBytes(UTF_8)),
                        head,
                        err,
                        false,
                        false,
                        false,
                        Map.of("PROCESS_POOL_URL", server.url()));

        assertThat(Client.run(terminal, "map", "echo")).as(err::toString).isZero();
        assertThat(Client.run(terminal, "--help")).as(err::toString).isZero();
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void a_disk_that_is_full_is_told() {
        server.on("POST /v1/tasks/echo:map", MapCommandTest::echo);
        var err = new ByteArrayOutputStream();
        var full =
                new Terminal.StandardOutput(
                        new OutputStream() {
                            @Override
                            public void write(int b) throws IOException {
                                throw new IOException("No space left on device");
                            }
                        });
        var terminal =
                new Terminal(
                        new ByteArrayInputStream("1\n".getBytes(UTF_8)),
                        full,
                        err,
                        false,
                        false,
                        false,
                        Map.of("PROCESS_POOL_URL", server.url()));

        assertThat(Client.run(terminal, "map", "echo")).isEqualTo(1);
        assertThat(err.toString(UTF_8))
                .isEqualTo("cannot write the output: No space left on device\n");
    }

    @Test
    void a_person_sees_the_progress_of_a_file_and_its_sum() throws Exception {
        server.on("POST /v1/tasks/echo:map", MapCommandTest::echo);
        Path file = Files.writeString(directory.resolve("items"), "1\n\n\"bad\"\n  \n3");

        Shell.Ran ran = shell.seenByAPerson().run("map", "echo", "-f", file.toString());

        assertThat(ran.err()).contains("0 of 3 (0 %)").contains("items in");
        assertThat(shell.run("map", "echo", "-f", file.toString()).err()).isEmpty();
    }
}
