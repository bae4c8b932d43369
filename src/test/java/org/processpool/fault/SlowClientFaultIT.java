package org.processpool.fault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * FAULTS 26: clients that send too much, too slowly, or never read, to a service with a small heap,
 * which would not be there any more if it kept what they send or do not fetch.
 */
@Timeout(120)
class SlowClientFaultIT {

    private static final String ECHO = "/v1/tasks/echo:apply";
    private static final String HEAD = "POST " + ECHO + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    private static final int MEBIBYTE = 1 << 20;

    @TempDir private static Path directory;

    private static RunningService service;

    @BeforeAll
    static void start() throws IOException {
        service =
                RunningService.start(
                        directory,
                        RunningService.freePort(),
                        Map.of(
                                RunningService.HEAP,
                                "96m",
                                "process-pool.pools.default.processes",
                                "2"));
    }

    @AfterAll
    static void stop() {
        service.kill();
    }

    @AfterEach
    void still_serves_everybody_else() throws Exception {
        HttpResponse<String> answer = service.post(ECHO, "\"and I?\"");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("\"and I?\"");
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(30_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()));
        return socket;
    }

    /** Sends a head, and tells the status of the answer. */
    private static int status(String head) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(head.getBytes(US_ASCII));
            return status(socket);
        }
    }

    private static int status(Socket socket) throws IOException {
        String line = new String(socket.getInputStream().readNBytes(12), US_ASCII);
        assertThat(line).startsWith("HTTP/1.");
        return Integer.parseInt(line.substring(9));
    }

    @Test
    void a_body_of_a_gigabyte_is_refused_before_it_is_sent() throws Exception {
        assertThat(
                        status(
                                HEAD
                                        + "Content-Type: application/json\r\n"
                                        + "Content-Length: 1073741824\r\n\r\n"))
                .isEqualTo(413);
    }

    @Test
    void a_body_in_chunks_without_end_is_cut_off() throws Exception {
        byte[] chunk = ("100000\r\n" + "x".repeat(MEBIBYTE) + "\r\n").getBytes(US_ASCII);
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    (HEAD + "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
                            .getBytes(US_ASCII));
            assertThatThrownBy(
                            () -> {
                                while (true) { // until the time-out of this class, if need be
                                    out.write(chunk);
                                }
                            })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void json_ten_thousand_deep_is_the_clients_mistake() throws Exception {
        int depth = 10_000;
        for (String json :
                List.of(
                        "[".repeat(depth) + "]".repeat(depth),
                        "{\"a\":".repeat(depth) + "1" + "}".repeat(depth))) {
            HttpResponse<String> answer = service.post(ECHO, json);
            assertThat(answer.statusCode()).as(answer::body).isEqualTo(400);
            HttpResponse<String> job =
                    service.post("/v1/jobs", "{\"task\":\"echo\",\"args\":" + json + "}");
            assertThat(job.statusCode()).as(job::body).isBetween(400, 499);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"line", "header", "headers"})
    void a_head_without_measure_is_refused(String what) throws Exception {
        String head =
                switch (what) {
                    case "line" -> "GET /" + "a".repeat(MEBIBYTE) + " HTTP/1.1\r\n";
                    case "header" -> HEAD + "X-Long: " + "a".repeat(MEBIBYTE) + "\r\n\r\n";
                    default -> HEAD + "X-Many: 1234567890\r\n".repeat(100_000) + "\r\n";
                };
        int status;
        try {
            status = status(head);
        } catch (IOException | AssertionError cut) {
            return; // hung up in the middle of it
        }
        assertThat(status).isIn(400, 414, 431);
    }

    @Test
    void heads_and_bodies_that_trickle_take_nothing_from_others() throws Exception {
        List<Socket> trickling = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                Socket socket = connect();
                trickling.add(socket);
                String begun =
                        switch (i % 3) {
                            case 0 -> "POST /v1/ta";
                            case 1 -> HEAD + "X-Slow: ";
                            default ->
                                    HEAD
                                            + "Content-Type: application/json\r\n"
                                            + "Content-Length: 1000000\r\n\r\n\"";
                        };
                socket.getOutputStream().write(begun.getBytes(US_ASCII));
            }
            for (int round = 0; round < 5; round++) {
                for (Socket socket : trickling) {
                    socket.getOutputStream().write('s');
                }
                still_serves_everybody_else();
            }
        } finally {
            for (Socket socket : trickling) {
                socket.close();
            }
        }
    }

    @Test
    void who_asks_for_events_and_does_not_read_them_fills_no_memory() throws Exception {
        String large = "\"" + "x".repeat(200_000) + "\"";
        List<Socket> deaf = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                Socket socket = connect();
                deaf.add(socket);
                socket.getOutputStream()
                        .write(
                                "GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                                        .getBytes(UTF_8));
                assertThat(status(socket)).isEqualTo(200);
            }
            for (int i = 0; i < 60; i++) { // told to all, four times the heap
                HttpResponse<String> job =
                        service.post("/v1/jobs", "{\"task\":\"echo\",\"args\":[" + large + "]}");
                assertThat(job.statusCode()).as(job::body).isEqualTo(202);
            }
            still_serves_everybody_else();
        } finally {
            for (Socket socket : deaf) {
                socket.close();
            }
        }
    }

    @Test
    void who_asks_for_a_large_answer_and_does_not_read_it_fills_no_memory() throws Exception {
        List<Socket> deaf = new ArrayList<>();
        byte[] body = ("\"" + "x".repeat(100_000) + "\"\n").repeat(600).getBytes(US_ASCII);
        try {
            for (int i = 0; i < 5; i++) {
                Socket socket = connect();
                deaf.add(socket);
                OutputStream out = socket.getOutputStream();
                out.write(
                        ("POST /v1/tasks/echo:map HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                        + "Content-Type: application/x-ndjson\r\n"
                                        + "Accept: application/x-ndjson\r\n"
                                        + "Content-Length: %d\r\n\r\n".formatted(body.length))
                                .getBytes(US_ASCII));
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                out.write(body); // waits while the service waits for us to read
                            } catch (IOException closed) {
                                // by the end of the test
                            }
                        });
            }
            for (Socket socket : deaf) {
                assertThat(status(socket)).isEqualTo(200);
            }
            for (int i = 0; i < 20; i++) {
                still_serves_everybody_else();
            }
        } finally {
            for (Socket socket : deaf) {
                socket.close();
            }
        }
    }
}
