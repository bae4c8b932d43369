package org.processpool.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A client of the chat, as a test sees it: what is said is waited for. */
final class ChatClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final WebSocket socket;
    private final Ear ear;
    private final List<JsonNode> heard = new ArrayList<>();
    private int refs;

    private ChatClient(WebSocket socket, Ear ear) {
        this.socket = socket;
        this.ear = ear;
    }

    /** Hears whole messages. */
    private static final class Ear implements WebSocket.Listener {
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                messages.add(message.toString());
                message.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable broken) {
            closed.complete(1006);
        }
    }

    /** Connects and says nothing yet. */
    static ChatClient connect(URI uri, String... subprotocols) {
        Ear ear = new Ear();
        WebSocket.Builder builder = HTTP.newWebSocketBuilder();
        if (subprotocols.length > 0) {
            builder.subprotocols(
                    subprotocols[0],
                    List.of(subprotocols).subList(1, subprotocols.length).toArray(String[]::new));
        }
        return new ChatClient(builder.buildAsync(uri, ear).join(), ear);
    }

    /** Connects in JSON and says hello. */
    static ChatClient enter(URI uri, String nick, String... more) {
        ChatClient client = connect(uri, "processpool.chat.v1");
        ObjectNode hello = client.frame("hello").put("nick", nick);
        for (int i = 0; i < more.length; i += 2) {
            hello.put(more[i], more[i + 1]);
        }
        client.send(hello);
        return client;
    }

    /** Connects in JSON and goes on with a session. */
    static ChatClient resume(URI uri, String session, long lastSeq) {
        ChatClient client = connect(uri, "processpool.chat.v1");
        ObjectNode hello = client.frame("hello");
        hello.putObject("resume").put("session", session).put("lastSeq", lastSeq);
        client.send(hello);
        return client;
    }

    String subprotocol() {
        return socket.getSubprotocol();
    }

    ObjectNode frame(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    void send(JsonNode frame) {
        send(frame.toString());
    }

    void send(String text) {
        socket.sendText(text, true).join();
    }

    void sendBinary(byte[] bytes) {
        socket.sendBinary(java.nio.ByteBuffer.wrap(bytes), true).join();
    }

    /** Sends a frame that has no more than its type. */
    void ask(String type) {
        send(frame(type));
    }

    /** Says something; the ref it got. */
    String say(String text) {
        String ref = "r" + ++refs;
        send(frame("say").put("ref", ref).put("text", text));
        return ref;
    }

    /** The next line of text, whatever it is. */
    String line() throws InterruptedException {
        String line = ear.messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("nothing was said");
        }
        return line;
    }

    /** Reads lines until one is as wished. */
    String line(Predicate<String> wished) throws InterruptedException {
        String line = line();
        while (!wished.test(line)) {
            line = line();
        }
        return line;
    }

    /** The next frame of a type; those before it are passed over. */
    JsonNode await(String type) throws InterruptedException {
        return await(type, _ -> true);
    }

    /** The next frame of a type that is as wished; those before it are passed over. */
    JsonNode await(String type, Predicate<JsonNode> wished) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            String text = ear.messages.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (text == null) {
                throw new AssertionError(
                        "no such '%s'; heard %s, closed: %s".formatted(type, heard, ear.closed));
            }
            JsonNode frame = parse(text);
            heard.add(frame);
            if (frame.path("type").asText().equals(type) && wished.test(frame)) {
                return frame;
            }
        }
    }

    /** All frames that were read so far. */
    List<JsonNode> heard() {
        return List.copyOf(heard);
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
    }

    /** The code with which the server has closed it; waits for that. */
    int closeCode() throws Exception {
        return ear.closed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    boolean isClosed() {
        return ear.closed.isDone();
    }

    /** Breaks the connection without a word. */
    void abort() {
        socket.abort();
    }

    /** Closes it with a code. */
    void close(int code) {
        socket.sendClose(code, "").join();
    }

    @Override
    public void close() {
        if (!ear.closed.isDone() && !socket.isOutputClosed()) {
            try {
                ask("bye");
            } catch (RuntimeException broken) {
                // it was closed in this moment
            }
        }
        socket.abort();
    }
}
