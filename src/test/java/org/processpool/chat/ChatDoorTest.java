package org.processpool.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.chat.ChatDoorTest.Narrow;

/** Who is let in by HTTP, and how many. */
@QuarkusTest
@TestProfile(Narrow.class)
@Timeout(120)
class ChatDoorTest {

    private static final int MOST = 5;

    /** Little is allowed. */
    public static final class Narrow implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "process-pool.pools.default.processes", "1",
                    "process-pool.pools.default.min-processes", "0",
                    "process-pool.pools.chat.processes", "1",
                    "process-pool.chat.max-connections", "" + MOST,
                    "process-pool.chat.frames-per-second", "2",
                    "process-pool.security.allowed-origins", "https://friend.example");
        }
    }

    @TestHTTPResource("/chat")
    URI http;

    /** The status line and the headers of the answer to a request to upgrade. */
    private List<String> ask(String... headers) throws Exception {
        List<String> request =
                new ArrayList<>(
                        List.of(
                                "GET /chat HTTP/1.1",
                                "Connection: Upgrade",
                                "Upgrade: websocket",
                                "Sec-WebSocket-Version: 13",
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
        request.addAll(List.of(headers));
        return answer(request.toArray(String[]::new));
    }

    /** The status line and the headers of the answer to a request. */
    private List<String> answer(String... lines) throws Exception {
        List<String> request = new ArrayList<>(List.of(lines));
        try (Socket socket = new Socket(http.getHost(), http.getPort())) {
            socket.setSoTimeout(30_000);
            if (request.stream().noneMatch(header -> header.startsWith("Host:"))) {
                request.add("Host: %s:%d".formatted(http.getHost(), http.getPort()));
            }
            String text = String.join("\r\n", request) + "\r\n\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            var in =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            List<String> answer = new ArrayList<>();
            for (String line = in.readLine();
                    line != null && !line.isEmpty();
                    line = in.readLine()) {
                answer.add(line);
            }
            return answer;
        }
    }

    private static String status(List<String> answer) {
        return answer.getFirst().substring("HTTP/1.1 ".length()).substring(0, 3);
    }

    @Test
    void upgrades_with_the_subprotocol_that_was_chosen() throws Exception {
        List<String> answer = ask("Sec-WebSocket-Protocol: unheard-of, processpool.chat.v1, chat");
        assertThat(status(answer)).isEqualTo("101");
        assertThat(answer)
                .anyMatch(line ->
                        line.equalsIgnoreCase("sec-websocket-protocol: processpool.chat.v1"));
        assertThat(status(ask())).isEqualTo("101");
    }

    @Test
    void refuses_an_unknown_subprotocol_before_the_upgrade() throws Exception {
        assertThat(status(ask("Sec-WebSocket-Protocol: graphql-ws"))).isEqualTo("400");
    }

    @Test
    void refuses_a_foreign_origin_and_a_foreign_name_before_the_upgrade() throws Exception {
        assertThat(status(ask("Origin: https://evil.example"))).isEqualTo("403");
        assertThat(status(ask("Origin: http://evil.example", "Host: evil.example")))
                .isEqualTo("421");
        assertThat(status(ask("Origin: https://friend.example"))).isEqualTo("101");
    }

    private HttpResponse<String> get(String path, String accepted) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(http.resolve(path)).header("accept", accepted).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void leads_a_browser_to_the_page_and_tells_others_what_it_is() throws Exception {
        HttpResponse<String> browser = get("/chat", "text/html,*/*;q=0.8");
        assertThat(browser.statusCode()).isEqualTo(303);
        assertThat(browser.headers().firstValue("location")).contains("/chat.html");
        List<String> other = answer("GET /chat HTTP/1.1");
        assertThat(status(other)).isEqualTo("426");
        assertThat(other).anyMatch(line -> line.equalsIgnoreCase("upgrade: websocket"));
        assertThat(other)
                .anyMatch(line -> line.equalsIgnoreCase("content-type: application/problem+json"));
    }

    @Test
    void serves_the_page_and_its_parts_under_a_strict_policy() throws Exception {
        for (String part : List.of("/chat.html", "/chat/main.js", "/chat/chat.css")) {
            HttpResponse<String> answer = get(part, "*/*");
            assertThat(answer.statusCode()).as(part).isEqualTo(200);
            assertThat(answer.headers().firstValue("content-security-policy").orElse(""))
                    .contains("default-src 'none'")
                    .doesNotContain("unsafe");
        }
    }

    @Test
    void cuts_off_who_floods_and_counts_its_connections() throws Exception {
        URI ws = URI.create(http.toString().replace("http:", "ws:"));
        ChatClient flooding = ChatClient.enter(ws, "flooding");
        flooding.await("welcome");
        for (int i = 0; i < 30 && !flooding.isClosed(); i++) {
            flooding.ask("ping");
        }
        assertThat(flooding.closeCode()).isEqualTo(4029);
        ChatClient lines = ChatClient.connect(ws);
        lines.line();
        lines.send("/who\n".repeat(1_000));
        assertThat(lines.closeCode()).isEqualTo(4029);
    }

    @Test
    void takes_no_more_connections_than_may_be() throws Exception {
        URI ws = URI.create(http.toString().replace("http:", "ws:"));
        List<ChatClient> open = new ArrayList<>();
        try {
            while (!status(ask()).equals("503")) {
                assertThat(open).hasSizeLessThan(MOST);
                try {
                    open.add(ChatClient.connect(ws));
                } catch (CompletionException refused) {
                    assertThat(refused.getCause())
                            .isInstanceOfSatisfying(
                                    WebSocketHandshakeException.class,
                                    handshake ->
                                            assertThat(handshake.getResponse().statusCode())
                                                    .isEqualTo(503));
                }
            }
            assertThat(open).isNotEmpty();
        } finally {
            open.forEach(ChatClient::close);
        }
    }
}
