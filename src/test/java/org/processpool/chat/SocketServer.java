package org.processpool.chat;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A WebSocket server as the service opens it, on a free port. */
final class SocketServer implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final Vertx vertx;
    private final HttpServer server;

    private SocketServer(Vertx vertx, HttpServer server) {
        this.vertx = vertx;
        this.server = server;
    }

    /**
     * Begins to accept.
     *
     * @param accepted told of each socket on its event loop
     */
    static SocketServer open(int maxMessageBytes, Consumer<ServerWebSocket> accepted) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        HttpServer server =
                vertx.createHttpServer(
                                new HttpServerOptions()
                                        .setHost("127.0.0.1")
                                        .setPort(0)
                                        .setMaxWebSocketFrameSize(maxMessageBytes)
                                        .setPerFrameWebSocketCompressionSupported(false)
                                        .setPerMessageWebSocketCompressionSupported(false))
                        .requestHandler(
                                request -> request.toWebSocket().onSuccess(accepted::accept));
        server.listen()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        return new SocketServer(vertx, server);
    }

    int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
