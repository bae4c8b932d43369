package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The service, as one command speaks to it. For one thread. */
final class Server implements AutoCloseable {

    static final String CONTENT_TYPE = "Content-Type";
    static final String ACCEPT = "Accept";
    static final String AUTHORIZATION = "Authorization";
    static final String PREFER = "Prefer";
    static final String JSON = "application/json";
    static final String NDJSON = "application/x-ndjson";

    /** How long the making of a connection may take. */
    static final Duration CONNECT = Duration.ofSeconds(10);

    private static final String NO_ANSWER = "no answer after %d s".formatted(CONNECT.toSeconds());
    private static final int OK = 200;
    private static final int REDIRECT = 300;
    private static final int CLIENT_ERROR = 400;

    private final String base;
    private final Optional<AccessToken> token;
    private final Consumer<String> trace;
    private final HttpClient http;

    /**
     * No connection is made yet.
     *
     * @param base where it is
     * @param token sent with each request, to no other server and never told
     * @param trace told of requests and answers, a line each
     */
    Server(URI base, Optional<AccessToken> token, Consumer<String> trace) {
        this.base = base.toString().replaceAll("/+$", "");
        this.token = token;
        this.trace = trace;
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT)
                        .followRedirects(
                                token.isPresent()
                                        ? HttpClient.Redirect.NEVER // it would go along
                                        : HttpClient.Redirect.NORMAL)
                        .build();
    }

    /** A whole answer, with a status of 200 to 299. */
    static final class Answer {

        private final int status;
        private final HttpHeaders headers;
        private final byte[] body;

        private Answer(HttpResponse<byte[]> answer) {
            status = answer.statusCode();
            headers = answer.headers();
            body = answer.body();
        }

        int status() {
            return status;
        }

        /** The body as it came; not to be changed. */
        byte[] body() {
            return body;
        }

        /** The body as JSON. */
        JsonNode json() throws CommandFailed {
            return Json.read(body)
                    .orElseThrow(() ->
                            new CommandFailed(
                                    ExitCode.TROUBLE,
                                    new Problem(
                                            "Unexpected answer",
                                            "what came is no JSON; is this a Process Pool?")));
        }

        /** Whether a person can read the body. */
        boolean isText() {
            String type = header(CONTENT_TYPE).orElse("");
            return type.startsWith("text/") || type.contains("json");
        }

        Optional<String> header(String name) {
            return headers.firstValue(name);
        }
    }

    /** A name as one segment of a path or one value of a query. */
    static String encoded(String name) {
        return URLEncoder.encode(name, UTF_8).replace("+", "%20");
    }

    /** A request to a path, which begins with a slash. */
    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).setHeader(ACCEPT, JSON);
        token.ifPresent(known -> request.setHeader(AUTHORIZATION, known.bearer()));
        return request;
    }

    /** A request that posts JSON. */
    HttpRequest.Builder post(String path, byte[] json) {
        return post(path, JSON, BodyPublishers.ofByteArray(json));
    }

    /** A request that posts a body of a media type. */
    HttpRequest.Builder post(String path, String type, BodyPublisher body) {
        return request(path).setHeader(CONTENT_TYPE, type).POST(body);
    }

    /** What is at a path. Blocks until it has come. */
    Answer get(String path) throws CommandFailed, InterruptedException {
        return send(request(path));
    }

    /**
     * Sends a request and blocks until the whole answer has come.
     *
     * @throws CommandFailed if the server cannot be reached or does not answer with 2xx
     */
    Answer send(HttpRequest.Builder request) throws CommandFailed, InterruptedException {
        HttpResponse<byte[]> answer = exchange(request.build(), BodyHandlers.ofByteArray());
        if (isRefusal(answer)) {
            throw refusal(answer, answer.body());
        }
        return new Answer(answer);
    }

    /**
     * Sends a request and blocks until the answer begins. Its body is to be closed; reading it may
     * fail with an {@link IOException}, which {@link #lost} explains.
     *
     * @throws CommandFailed if the server cannot be reached or does not answer with 2xx
     */
    HttpResponse<InputStream> open(HttpRequest.Builder request)
            throws CommandFailed, InterruptedException {
        HttpResponse<InputStream> answer = exchange(request.build(), BodyHandlers.ofInputStream());
        if (!isRefusal(answer)) {
            return answer;
        }
        try (InputStream body = answer.body()) {
            throw refusal(answer, body.readAllBytes());
        } catch (IOException broken) {
            throw lost(broken);
        }
    }

    /**
     * Posts a body that goes on while the answer comes.
     *
     * @throws CommandFailed if the server cannot be reached
     */
    Duplex duplex(String path, Map<String, String> headers) throws CommandFailed {
        URI uri = uri(path);
        trace.accept("> POST " + uri);
        try {
            var all = new LinkedHashMap<>(headers);
            token.ifPresent(known -> all.put(AUTHORIZATION, known.bearer()));
            return Duplex.post(uri, all, CONNECT);
        } catch (IOException unreachable) {
            throw lost(unreachable);
        }
    }

    /** The connection could not be made, or broke. */
    CommandFailed lost(IOException why) {
        return lost(base, why);
    }

    /** The connection to a server could not be made, or broke. */
    static CommandFailed lost(String server, IOException why) {
        String reason =
                switch (why) {
                    case HttpConnectTimeoutException _ -> NO_ANSWER;
                    case SocketTimeoutException _ -> NO_ANSWER;
                    case ConnectException _
                            when why.getCause() instanceof ConnectException cause
                                    && cause.getCause() instanceof UnresolvedAddressException ->
                            "there is no such host";
                    case java.net.UnknownHostException _ -> "there is no such host";
                    case ConnectException _ -> "the connection was refused; is it running?";
                    default -> "the connection broke (%s)".formatted(why.getMessage());
                };
        return new CommandFailed(
                ExitCode.UNREACHABLE,
                new Problem("Server not reached", "%s: %s".formatted(server, reason)));
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, BodyHandler<T> handler)
            throws CommandFailed, InterruptedException {
        trace.accept("> %s %s".formatted(request.method(), request.uri()));
        long start = System.nanoTime();
        try {
            HttpResponse<T> answer = http.send(request, handler);
            trace.accept(
                    "< %d after %d ms"
                            .formatted(
                                    answer.statusCode(),
                                    Duration.ofNanos(System.nanoTime() - start).toMillis()));
            return answer;
        } catch (HttpConnectTimeoutException unreachable) {
            throw lost(unreachable);
        } catch (HttpTimeoutException late) {
            throw new CommandFailed(
                    ExitCode.WAIT_EXCEEDED,
                    new Problem(
                            "Wait exceeded",
                            "no answer after %s; the call was given up"
                                    .formatted(
                                            request.timeout().map(Words::duration).orElse("?"))));
        } catch (IOException unreachable) {
            throw lost(unreachable);
        }
    }

    private CommandFailed refusal(HttpResponse<?> answer, byte[] body) {
        Optional<String> elsewhere = answer.headers().firstValue("Location");
        boolean redirects = answer.statusCode() >= REDIRECT && answer.statusCode() < CLIENT_ERROR;
        return redirects && token.isPresent() && elsewhere.isPresent()
                ? new CommandFailed(
                        ExitCode.REFUSED,
                        new Problem(
                                "Redirected",
                                "%s sends us to %s, and the token is not sent after it; if that is the service, name it by --server"
                                        .formatted(base, Style.plain(elsewhere.get()))))
                : new CommandFailed(Problem.ofAnswer(answer.statusCode(), body));
    }

    private static boolean isRefusal(HttpResponse<?> answer) {
        return answer.statusCode() < OK || answer.statusCode() >= REDIRECT;
    }

    private URI uri(String path) {
        return URI.create(base + path);
    }

    /** Gives up whatever is still open, so that the server knows nobody waits for it. */
    @Override
    public void close() {
        http.shutdownNow();
    }
}
