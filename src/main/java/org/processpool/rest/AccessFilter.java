package org.processpool.rest;

import io.github.bucket4j.Bucket;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.processpool.security.Caller;
import org.processpool.security.Origins;
import org.processpool.security.Role;
import org.processpool.security.Tickets;

/**
 * The door of the service: every request passes here before anything else looks at it, and again
 * once it is known who makes it. What is not listed as open to everybody takes a caller, so a path
 * that is forgotten here is shut.
 */
@Singleton
public class AccessFilter {

    private static final Logger LOG = Logger.getLogger(AccessFilter.class);

    /** Before whatever answers by itself, such as CORS (300) and authentication (200). */
    private static final int FIRST = 400;

    /** Behind authorization (100). */
    private static final int ONCE_KNOWN = 90;

    /** The router finds the WebSocket behind slashes at the end, too. */
    private static final Pattern CHAT = Pattern.compile("/chat/*");

    /** Those who ask for these may ask by an address that nobody can list, and send no token. */
    private static final Pattern PROBES = Pattern.compile("/q/(health(/.*)?|metrics)");

    private static final String METRICS = "/q/metrics";

    /** Pages, descriptions and what they are made of: the same for everybody. */
    private static final Pattern OPEN =
            Pattern.compile(
                    "/|/favicon\\.ico|/[a-z-]+\\.html|/asyncapi\\.yaml|/chat/[^/].*|/problems(/[a-z-]*)?"
                            + "|/q/health(/.*)?|/q/openapi|/q/swagger-ui(/.*)?");

    private static final Set<HttpMethod> SAFE =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private static final CharSequence WWW_AUTHENTICATE =
            HttpHeaders.createOptimized("WWW-Authenticate");
    private static final String BEARER = "Bearer realm=\"process-pool\"";

    private static final CharSequence POLICY =
            HttpHeaders.createOptimized("Content-Security-Policy");

    /** Of what is no page: if a browser shows it as one all the same, it may do nothing. */
    private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

    /** This page of Quarkus has scripts and styles in it. */
    private static final String SWAGGER = "/q/swagger-ui";

    private static final String FOR_SWAGGER =
            "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self'"
                    + " 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private static final Pattern OF_QUARKUS = Pattern.compile("/q/dev.*");

    /** Filters are made before the service has its configuration. */
    private final Provider<AccessRules> rules;

    private final Callers callers;
    private final EdgeProblems problems;
    private final RefusalListener listener;

    /** Lines in the log. */
    private final Bucket quota =
            Bucket.builder()
                    .addLimit(limit -> limit.capacity(20).refillGreedy(20, Duration.ofMinutes(1)))
                    .build();

    AccessFilter(
            Provider<AccessRules> rules,
            Callers callers,
            EdgeProblems problems,
            RefusalListener listener) {
        this.rules = rules;
        this.callers = callers;
        this.problems = problems;
        this.listener = listener;
    }

    void filter(@Observes Filters filters) {
        filters.register(this::checkSender, FIRST);
        filters.register(this::checkCaller, ONCE_KNOWN);
    }

    /** Whether a browser was made to send it by a page that must not. */
    private void checkSender(RoutingContext exchange) {
        exchange.addHeadersEndHandler(_ -> addPolicy(exchange));
        HttpServerRequest request = exchange.request();
        String host = host(request);
        String path = exchange.normalizedPath();
        if (!rules.get().origins().knows(host) && !isProbe(path, host)) {
            refuse(
                    exchange,
                    new Problem(ProblemType.UNKNOWN_HOST, Phrase.NOT_OUR_NAME),
                    Map.of(),
                    "it is for " + shown(host));
            return;
        }
        boolean acts = !SAFE.contains(request.method()) || isUpgrade(request);
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (acts && !rules.get().origins().trusts(origin, host)) {
            refuse(
                    exchange,
                    new Problem(ProblemType.FOREIGN_ORIGIN, Phrase.FOREIGN_PAGE),
                    Map.of(),
                    "a page of %s sent it".formatted(shown(origin)));
            return;
        }
        exchange.next();
    }

    /** Whether who makes it may do so. */
    private void checkCaller(RoutingContext exchange) {
        Optional<Role> needed = needed(exchange);
        if (needed.isEmpty()) {
            exchange.next();
            return;
        }
        Optional<Caller> caller = callers.admitted(exchange);
        if (caller.isEmpty()) {
            refuse(exchange, needed.get());
        } else if (!caller.get().may(needed.get())) {
            forbidden(exchange, Callers.lacks(caller.get(), needed.get()), caller.get().name());
        } else {
            exchange.next();
        }
    }

    /** What it takes to ask for that; empty if everybody may. Operating takes more, later. */
    private Optional<Role> needed(RoutingContext exchange) {
        String path = exchange.normalizedPath();
        HttpServerRequest request = exchange.request();
        if (CHAT.matcher(path).matches()) {
            return isUpgrade(request) ? Optional.of(Role.SUBMIT) : Optional.empty();
        }
        if (OPEN.matcher(path).matches() || (path.equals(METRICS) && rules.get().openMetrics())) {
            return Optional.empty();
        }
        return Optional.of(SAFE.contains(request.method()) ? Role.READ : Role.SUBMIT);
    }

    private void refuse(RoutingContext exchange, Role needed) {
        switch (Callers.refusal(exchange).orElse(null)) {
            case null -> unauthorized(exchange, BEARER, Phrase.NO_TOKEN);
            case Callers.Refusal.BadToken _ ->
                    unauthorized(exchange, BEARER + ", error=\"invalid_token\"", Phrase.BAD_TOKEN);
            case Callers.Refusal.BadTicket _ ->
                    unauthorized(exchange, BEARER, Phrase.BAD_TICKET, Tickets.SECONDS);
            case Callers.Refusal.NoRole(String name) ->
                    forbidden(
                            exchange,
                            new Problem(
                                            ProblemType.FORBIDDEN,
                                            Phrase.HAS_NO_ROLE,
                                            needed.word(),
                                            name)
                                    .with("requiredRole", needed.word()),
                            name);
        }
    }

    private void unauthorized(
            RoutingContext exchange, String challenge, Phrase why, Object... arguments) {
        refuse(
                exchange,
                new Problem(ProblemType.UNAUTHORIZED, why, arguments),
                Map.of(WWW_AUTHENTICATE, challenge),
                switch (why) {
                    case BAD_TOKEN -> "its token is nobody's";
                    case BAD_TICKET -> "its ticket is nobody's";
                    default -> "it has no token";
                });
    }

    private void forbidden(RoutingContext exchange, Problem problem, String name) {
        refuse(
                exchange,
                problem,
                Map.of(WWW_AUTHENTICATE, BEARER + ", error=\"insufficient_scope\""),
                shown(name) + " has not the role for it");
    }

    /** Refuses, and says so to whoever watches; of a flood only the beginning is in the log. */
    private void refuse(
            RoutingContext exchange,
            Problem problem,
            Map<CharSequence, String> headers,
            String why) {
        listener.refused(problem.type().slug());
        if (quota.tryConsume(1)) {
            LOG.infof(
                    "refused %s %s of %s: %s",
                    exchange.request().method().name(),
                    shown(exchange.normalizedPath()),
                    exchange.request().remoteAddress().hostAddress(),
                    why);
        }
        problems.refuse(exchange, problem, headers);
    }

    /** Whether it is of the kind that asks by an address, or by no name, which no page can. */
    private static boolean isProbe(String path, @Nullable String host) {
        return PROBES.matcher(path).matches() && (host == null || Origins.isAddress(host));
    }

    private static void addPolicy(RoutingContext exchange) {
        String path = exchange.normalizedPath();
        if (!exchange.response().headers().contains(POLICY)
                && !OF_QUARKUS.matcher(path).matches()) {
            exchange.response().putHeader(POLICY, path.startsWith(SWAGGER) ? FOR_SWAGGER : NOTHING);
        }
    }

    private static boolean isUpgrade(HttpServerRequest request) {
        return "websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE));
    }

    /** What the client calls the service, with the port if it says one. */
    private static @Nullable String host(HttpServerRequest request) {
        String host = request.getHeader(HttpHeaders.HOST);
        if (host != null) {
            return host;
        }
        HostAndPort authority = request.authority(); // of HTTP/2
        return authority == null ? null : authority.toString();
    }

    /** A header as it may stand in a log. */
    private static String shown(@Nullable String header) {
        if (header == null) {
            return "no name";
        }
        String plain = header.replaceAll("[^\\x21-\\x7e]", "?");
        return plain.length() > 100 ? plain.substring(0, 100) + "…" : plain;
    }
}
