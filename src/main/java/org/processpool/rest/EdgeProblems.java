package org.processpool.rest;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import org.eclipse.microprofile.config.Config;

/** Problems that come up before a request has reached a resource. */
@Singleton
public class EdgeProblems {

    /** Before Quarkus looks at the length itself, which answers with an empty body. */
    private static final int BEFORE_UPLOAD_LIMIT = 10;

    private static final Set<HttpMethod> WITH_BODY =
            Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

    private static final int TOO_LARGE = ProblemType.CONTENT_TOO_LARGE.status();

    private final Audiences audiences;
    private final long limitBytes;

    /**
     * Collects a body that comes in chunks, counts its bytes and fails with 413. Quarkus would
     * answer with an empty body, and log an error of its own.
     */
    private final Handler<RoutingContext> untoldLength;

    EdgeProblems(Config config, Audiences audiences) {
        this.audiences = audiences;
        limitBytes =
                config.getOptionalValue("quarkus.http.limits.max-body-size", MemorySize.class)
                        .map(MemorySize::asLongValue)
                        .orElse(Long.MAX_VALUE);
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
        String length = exchange.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null && WITH_BODY.contains(exchange.request().method())) {
            untoldLength.handle(exchange);
        } else if (length != null && Long.parseLong(length) > limitBytes) {
            refuseBody(exchange);
        } else {
            exchange.next();
        }
    }

    private void refuseBody(RoutingContext exchange) {
        // the client is not let finish, so the connection is of no more use
        exchange.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        answer(exchange, tooLarge());
    }

    private Problem tooLarge() {
        return new Problem(ProblemType.CONTENT_TOO_LARGE, Phrase.BODY_OVER_LIMIT, limitBytes)
                .with("limitBytes", limitBytes);
    }

    private void answer(RoutingContext exchange, Problem problem) {
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
