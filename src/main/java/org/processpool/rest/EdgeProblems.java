package org.processpool.rest;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;

/** Problems that come up before a request has reached a resource. */
@Singleton
public class EdgeProblems {

    /** Before Quarkus looks at the length itself, which answers with an empty body. */
    private static final int BEFORE_UPLOAD_LIMIT = 10;

    private static final Set<HttpMethod> WITH_BODY =
            Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

    /** How long a client may go on sending after it was answered. */
    private static final long PATIENCE_MILLIS = 2_000;

    private static final int TOO_LARGE = ProblemType.CONTENT_TOO_LARGE.status();

    private final Audiences audiences;
    private final long limitBytes;

    /**
     * Collects a body that comes in chunks, counts its bytes and fails with 413. Quarkus would
     * answer with an empty body, and log an error of its own.
     */
    private final Handler<RoutingContext> untoldLength;

    EdgeProblems(BodyLimits limits, Audiences audiences) {
        this.audiences = audiences;
        limitBytes = limits.maxBody().asLongValue();
        untoldLength = BodyHandler.create(false).setBodyLimit(limitBytes);
    }

    void filter(@Observes Filters filters) {
        filters.register(this::limitBody, BEFORE_UPLOAD_LIMIT);
    }

    void errors(@Observes Router router) {
        router.errorHandler(
                404,
                exchange ->
                        answer(
                                exchange,
                                new Problem(
                                        ProblemType.NOT_FOUND,
                                        Phrase.NOTHING_HERE,
                                        exchange.normalizedPath())));
        router.route()
                .order(Integer.MIN_VALUE)
                .failureHandler(exchange -> {
                    if (exchange.statusCode() == TOO_LARGE) {
                        refuseBody(exchange);
                    } else {
                        exchange.next();
                    }
                });
    }

    private void limitBody(RoutingContext exchange) {
        if (exchange.request().method().equals(HttpMethod.POST)
                && MapResource.readsItself(exchange.normalizedPath())) {
            exchange.request().pause();
            exchange.addEndHandler(_ -> letGo(exchange));
            exchange.next();
            return;
        }
        String length = exchange.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null && WITH_BODY.contains(exchange.request().method())) {
            untoldLength.handle(exchange);
        } else if (length != null && Long.parseLong(length) > limitBytes) {
            refuseBody(exchange);
        } else {
            exchange.next();
        }
    }

    /**
     * The answer has been given, perhaps before the body was read. A client may only look at the
     * answer once it has sent all, so the rest is thrown away for a while; one who never ends is
     * cut off.
     */
    private static void letGo(RoutingContext exchange) {
        HttpServerRequest request = exchange.request();
        if (request.isEnded() || exchange.response().closed()) {
            return;
        }
        request.exceptionHandler(_ -> {});
        request.endHandler(_ -> {});
        request.handler(_ -> {});
        request.resume();
        exchange.vertx()
                .setTimer(
                        PATIENCE_MILLIS,
                        _ -> {
                            if (request.isEnded()) {
                                return;
                            }
                            if (request.version() == HttpVersion.HTTP_2) {
                                exchange.response().reset(); // others share the connection
                            } else {
                                request.connection().close();
                            }
                        });
    }

    private void refuseBody(RoutingContext exchange) {
        // the client is not let finish, so the connection is of no more use
        exchange.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        answer(exchange, tooLarge());
        letGo(exchange);
    }

    private Problem tooLarge() {
        return new Problem(ProblemType.CONTENT_TOO_LARGE, Phrase.BODY_OVER_LIMIT, limitBytes)
                .with("limitBytes", limitBytes);
    }

    /** Answers with a problem, and lets the client send what it still wants to send. */
    void refuse(RoutingContext exchange, Problem problem, Map<CharSequence, String> headers) {
        exchange.addEndHandler(_ -> letGo(exchange));
        headers.forEach(exchange.response()::putHeader);
        answer(exchange, problem);
    }

    /** Answers with a problem, unless there is an answer already. */
    void answer(RoutingContext exchange, Problem problem) {
        if (exchange.response().ended()) {
            return;
        }
        Audience audience = audiences.of(exchange);
        problem.headers(audience).forEach(exchange.response()::putHeader);
        exchange.response()
                .setStatusCode(problem.type().status())
                .end(Buffer.buffer(problem.json(audience)));
    }
}
