package org.processpool.chat;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.processpool.security.Caller;

/**
 * The chat's door for WebSockets: checks a request before it is upgraded, so that whoever cannot be
 * talked to is told in HTTP.
 *
 * <p>The transport is Vert.x's own, and not one of the extensions built on it: text has to be
 * checked to be UTF-8 on the bytes of the frames, and a client that sends faster than it is served
 * has to wait.
 */
public final class ChatSocket {

    /** Frames in JSON. */
    static final String JSON = "processpool.chat.v1";

    /** Plain lines. */
    static final String TEXT = "processpool.chat.text";

    /** Most bytes of a message of a client. */
    static final int LONGEST_MESSAGE = 64 << 10;

    private static final Logger LOG = Logger.getLogger(ChatSocket.class);
    private static final Duration PING_EVERY = Duration.ofSeconds(20);
    private static final String PAGE = "/chat.html";

    private final Chat chat;
    private final Function<RoutingContext, Caller> callers;
    private final Consumer<HttpServerRequest> upgraded;

    /**
     * The door of a chat. Requests that a foreign page had a browser send, or that come from nobody
     * who may chat, must not get here.
     *
     * @param callers tells who makes a request
     * @param upgraded hears of each request that has become a WebSocket, on its event loop
     */
    public ChatSocket(
            Chat chat,
            Function<RoutingContext, Caller> callers,
            Consumer<HttpServerRequest> upgraded) {
        this.chat = chat;
        this.callers = callers;
        this.upgraded = upgraded;
    }

    /** What the HTTP server has to be opened with. */
    public static void prepare(HttpServerOptions options) {
        options.setWebSocketSubProtocols(List.of(JSON, TEXT))
                .setMaxWebSocketFrameSize(LONGEST_MESSAGE)
                .setMaxWebSocketMessageSize(LONGEST_MESSAGE)
                // else reserved bits pass, and a small message can be a large one
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
    }

    /** Handles a request; on its event loop. */
    public void handle(RoutingContext exchange) {
        HttpServerRequest request = exchange.request();
        if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
            String accepted = request.getHeader(HttpHeaders.ACCEPT);
            if (accepted != null && accepted.contains("text/html")) {
                exchange.response().setStatusCode(303).putHeader(HttpHeaders.LOCATION, PAGE).end();
            } else {
                exchange.response().putHeader(HttpHeaders.UPGRADE, "websocket");
                refuse(
                        exchange,
                        426,
                        "not-acceptable",
                        "Upgrade required",
                        "this is a WebSocket; a page for it is at " + PAGE);
            }
            return;
        }
        List<String> offered =
                request.headers().getAll("Sec-WebSocket-Protocol").stream()
                        .flatMap(header -> Arrays.stream(header.split(",")))
                        .map(String::strip)
                        .toList();
        if (!offered.isEmpty() && !offered.contains(JSON) && !offered.contains(TEXT)) {
            refuse(
                    exchange,
                    400,
                    "invalid-header",
                    "Invalid header",
                    "header Sec-WebSocket-Protocol must name %s or %s, or be left out"
                            .formatted(JSON, TEXT));
            return;
        }
        Caller caller = callers.apply(exchange); // first, as it throws if nobody knows
        if (!chat.admit()) {
            exchange.response().putHeader(HttpHeaders.RETRY_AFTER, "5");
            refuse(
                    exchange,
                    503,
                    "queue-full",
                    "Queue full",
                    "no more connections are taken at the moment");
            return;
        }
        Tongue tongue = Tongue.of(request.getHeader(HttpHeaders.ACCEPT_LANGUAGE));
        request.toWebSocket()
                .onSuccess(socket -> {
                    boolean plain = !JSON.equals(socket.subProtocol());
                    Visitor visitor = new Visitor(chat, caller, tongue, plain);
                    visitor.open(
                            new TextSocket(
                                    socket,
                                    request.connection(),
                                    LONGEST_MESSAGE,
                                    chat.config().maxUnsent(),
                                    PING_EVERY,
                                    visitor));
                    upgraded.accept(request);
                })
                .onFailure(failed -> {
                    chat.released(); // Vert.x has answered what was no handshake
                    LOG.debugf(failed, "a handshake failed");
                });
    }

    /** A problem as in RFC 9457. */
    private static void refuse(
            RoutingContext exchange, int status, String slug, String title, String detail) {
        exchange.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .end(
                        new JsonObject()
                                .put("type", "/problems/" + slug)
                                .put("title", title)
                                .put("status", status)
                                .put("detail", detail)
                                .toBuffer());
    }
}
