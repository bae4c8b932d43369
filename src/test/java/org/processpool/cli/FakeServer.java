package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server that answers as the REST contract says, for one test. */
final class FakeServer implements AutoCloseable {

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer http;
    private final Map<String, HttpHandler> answers = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    /** What a client has asked. */
    record Request(String method, String target, Map<String, List<String>> headers, String body) {
        String header(String name) {
            return String.join(", ", headers.getOrDefault(name, List.of()));
        }
    }

    FakeServer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(threads);
        http.createContext("/", this::handle);
        http.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String key = exchange.getRequestMethod() + " " + exchange.getRequestURI().getRawPath();
        HttpHandler answer = answers.get(key);
        if (answer == null) {
            answer = problem(404, "not-found", "Not found", "there is nothing at " + key);
        }
        try (exchange) {
            answer.handle(exchange);
        }
    }

    /** The answer to a method and path. */
    FakeServer on(String methodAndPath, HttpHandler answer) {
        answers.put(methodAndPath, answer);
        return this;
    }

    FakeServer on(String methodAndPath, int status, String json) {
        return on(methodAndPath, answer(status, "application/json", json.getBytes(UTF_8)));
    }

    /** Answers with a body, after it has read and noted the whole request. */
    HttpHandler answer(int status, String type, byte[] body, String... headers) {
        return exchange -> {
            note(exchange);
            exchange.getResponseHeaders().set("Content-Type", type);
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        };
    }

    HttpHandler problem(int status, String slug, String title, String detail) {
        return problem(status, slug, title, detail, "");
    }

    HttpHandler problem(int status, String slug, String title, String detail, String more) {
        String json =
                "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"%s}"
                        .formatted(slug, title, status, detail, more);
        return answer(status, "application/problem+json", json.getBytes(UTF_8));
    }

    void note(HttpExchange exchange) throws IOException {
        requests.add(
                new Request(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        Map.copyOf(exchange.getRequestHeaders()),
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
    }

    List<Request> requests() {
        return requests;
    }

    Request request() {
        return requests.getLast();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
