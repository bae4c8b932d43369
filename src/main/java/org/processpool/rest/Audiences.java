package org.processpool.rest;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds out whom a problem is told. */
@Singleton
class Audiences {

    private static final String KEY = Audience.class.getName();
    private static final String TRACE_PARENT = "traceparent";

    private final CurrentVertxRequest current;
    private final String problemBase;

    Audiences(CurrentVertxRequest current, CallLimits settings) {
        this.current = current;
        problemBase = settings.problemBase().orElse("");
    }

    /** Who made this request; the same each time. Called by one thread at a time. */
    Audience of(RoutingContext exchange) {
        Audience known = exchange.get(KEY);
        if (known == null) {
            MultiMap headers = exchange.request().headers();
            known =
                    new Audience(
                            Language.of(headers.get(HttpHeaders.ACCEPT_LANGUAGE)),
                            Audience.traceId(headers.getAll(TRACE_PARENT)),
                            problemBase);
            exchange.put(KEY, known);
        }
        return known;
    }

    /** Who made the request that this thread serves; somebody unknown if it serves none. */
    Audience current() {
        RoutingContext exchange = exchange();
        return exchange == null
                ? new Audience(Language.ENGLISH, Audience.traceId(List.of()), problemBase)
                : of(exchange);
    }

    private @Nullable RoutingContext exchange() {
        return current.getCurrent();
    }
}
