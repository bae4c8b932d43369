package org.processpool.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A service that others could reach without being asked who they are does not start. */
@Timeout(300)
class OpenDoorFaultIT {

    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");

    @TempDir Path directory;

    private record Ended(int code, String log) {}

    /** Runs the service until it gives up, which it has to. */
    private Ended start(String... settings) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Dquarkus.http.port=0");
        command.add("-Dprocess-pool.store.directory=" + directory.resolve("store"));
        command.add("-Dprocess-pool.chat.tcp.port=0");
        for (String setting : settings) {
            command.add("-D" + setting);
        }
        command.add("-jar");
        command.add(JAR.toAbsolutePath().toString());
        Path log = Files.createTempFile(directory, "service", ".log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it ends by itself").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(log));
    }

    @ParameterizedTest
    @CsvSource({
        "quarkus.http.host=0.0.0.0, '', quarkus.http.host=0.0.0.0",
        "process-pool.chat.tcp.host=0.0.0.0, process-pool.chat.tcp.port=8001, process-pool.chat.tcp.host=0.0.0.0",
    })
    void refuses_to_be_open_and_says_in_one_line_what_to_do(
            String setting, String more, String named) throws Exception {
        Ended ended = more.isEmpty() ? start(setting) : start(setting, more);
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.log().lines().filter(line -> line.contains(named)))
                .singleElement()
                .asString()
                .contains("process-pool.security.tokens-file")
                .contains("quarkus.oidc.auth-server-url")
                .contains("process-pool.security.allow-anonymous=true");
        assertThat(ended.log()).doesNotContain("\tat org.processpool");
        assertThat(directory.resolve("store")).doesNotExist();
    }

    @Test
    void refuses_tokens_and_providers_that_cannot_be() throws Exception {
        assertThat(start("process-pool.security.tokens-file=/nowhere/tokens").log())
                .contains("process-pool.security.tokens-file: there is no file /nowhere/tokens");
        Path wrong = Files.writeString(directory.resolve("wrong"), "alice:submit:secret\n");
        assertThat(start("process-pool.security.tokens-file=" + wrong).log())
                .contains("line 1 has a hash that is not 64 hexadecimal digits")
                .doesNotContain("secret\n");
        assertThat(start("quarkus.oidc.auth-server-url=https://id.example").log())
                .contains("quarkus.oidc.tenant-enabled=true");
        assertThat(
                        start(
                                        "quarkus.oidc.auth-server-url=https://id.example",
                                        "quarkus.oidc.tenant-enabled=true")
                                .log())
                .contains("quarkus.oidc.token.audience must name this service");
    }

    @Test
    void is_reached_by_others_only_with_a_token_or_if_it_was_wished_so() throws Exception {
        int port = RunningService.freePort();
        int chat = RunningService.freePort();
        Path tokens =
                Files.writeString(
                        directory.resolve("tokens"),
                        "alice:submit:"
                                + HexFormat.of()
                                        .formatHex(
                                                MessageDigest.getInstance("SHA-256")
                                                        .digest("secret".getBytes(UTF_8)))
                                + "\n");
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("quarkus.http.host", "0.0.0.0");
        settings.put("process-pool.chat.tcp.host", "0.0.0.0");
        settings.put("process-pool.chat.tcp.port", "" + chat);
        settings.put("process-pool.pools.chat.processes", "1");
        settings.put("process-pool.security.tokens-file", tokens.toString());
        try (RunningService service = RunningService.start(directory, port, settings)) {
            assertThat(service.get("/v1/tasks").statusCode()).isEqualTo(401);
            assertThat(
                            service.post(
                                            "/v1/tasks/fib:apply",
                                            "[10]",
                                            "Authorization",
                                            "Bearer secret")
                                    .body())
                    .isEqualTo("55");
            assertThat(said(chat, "hello")).isEmpty();
            assertThat(said(chat, "AUTH secret\nhello")).isEqualTo("hello");
        }
        settings.remove("process-pool.security.tokens-file");
        settings.put("process-pool.security.allow-anonymous", "true");
        try (RunningService service = RunningService.start(directory, port, settings)) {
            assertThat(service.get("/v1/tasks").statusCode()).isEqualTo(200);
            assertThat(said(chat, "hello")).isEqualTo("hello");
        }
    }

    private static String said(int port, String text) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(60_000);
            OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
