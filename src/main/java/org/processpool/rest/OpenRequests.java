package org.processpool.rest;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The HTTP requests under way, and the door they come through. When the service is about to end it
 * shuts the door: a request that comes then is answered with problem {@code pool-draining}, and
 * only health, metrics and the like are still told. Quarkus' own door answers without a body, also
 * to who asks for health, and counts a WebSocket as a request that never ends.
 */
@Singleton
public class OpenRequests {

    /** Before all others, so that nothing is done for a request that is turned away. */
    private static final int FIRST = 1_000;

    /** Where health and metrics are. */
    private static final String OPERATIONS = "/q/";

    private final EdgeProblems problems;
    private final Set<HttpServerRequest> underWay = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> allEnded = new CompletableFuture<>();
    private volatile boolean leaving;
    private volatile boolean shut;

    OpenRequests(EdgeProblems problems) {
        this.problems = problems;
    }

    void filter(@Observes Filters filters) {
        filters.register(this::enter, FIRST);
    }

    private void enter(RoutingContext exchange) {
        if (exchange.normalizedPath().startsWith(OPERATIONS)) {
            exchange.next();
            return;
        }
        HttpServerRequest request = exchange.request();
        underWay.add(request); // before the look at the door: whoever shuts it sees this one
        exchange.addEndHandler(_ -> left(request));
        if (shut) {
            refuse(exchange);
            return;
        }
        exchange.addHeadersEndHandler(_ -> {
            if (leaving) {
                closeAfter(exchange);
            }
        });
        exchange.next();
    }

    /** A request is one no more, as it has ended or has become a WebSocket. From any thread. */
    public void left(HttpServerRequest request) {
        underWay.remove(request);
        lookWhetherAllEnded();
    }

    private void lookWhetherAllEnded() {
        if (shut && underWay.isEmpty()) {
            allEnded.complete(null);
        }
    }

    /**
     * From now on each connection is closed with its next answer, so that clients look for another
     * service; requests are still served.
     */
    public void leave() {
        leaving = true;
    }

    /**
     * From now on no more requests are let in.
     *
     * @return completed when those that had come before have been answered, on the thread of the
     *     last one
     */
    public CompletableFuture<Void> shut() {
        leaving = true;
        shut = true;
        lookWhetherAllEnded();
        return allEnded;
    }

    /** How many requests are under way. */
    public int count() {
        return underWay.size();
    }

    private void refuse(RoutingContext exchange) {
        closeAfter(exchange); // also since a body is not read any more
        problems.answer(exchange, new Problem(ProblemType.POOL_DRAINING, Phrase.SERVICE_ENDS));
    }

    private static void closeAfter(RoutingContext exchange) {
        if (exchange.request().version() != HttpVersion.HTTP_2) { // which has no such header
            exchange.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }
}
