package org.processpool.rest;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.processpool.security.Caller;
import org.processpool.security.Role;

/**
 * Who makes a request. Whoever authenticates says so here, and everybody else asks here. Methods do
 * not block.
 */
@Singleton
public class Callers {

    private static final String CALLER = Caller.class.getName();
    private static final String REFUSAL = Refusal.class.getName();

    private final CurrentVertxRequest current;

    /** Some are made before the service has its configuration. */
    private final Provider<AccessRules> rules;

    Callers(CurrentVertxRequest current, Provider<AccessRules> rules) {
        this.current = current;
        this.rules = rules;
    }

    /** Why it is not known who makes a request, although something was sent that should tell. */
    public sealed interface Refusal {
        /** The token is nobody's. */
        record BadToken() implements Refusal {}

        /** The ticket is nobody's any more. */
        record BadTicket() implements Refusal {}

        /**
         * It is known, but they have no role.
         *
         * @param name who it is
         */
        record NoRole(String name) implements Refusal {}
    }

    /** Has it be known who makes a request. */
    public static void admit(RoutingContext exchange, Caller caller) {
        exchange.put(CALLER, caller);
    }

    /** Has it be known why nobody was admitted. */
    public static void refuse(RoutingContext exchange, Refusal why) {
        exchange.put(REFUSAL, why);
    }

    /** Who was admitted; everybody if nobody has to say who they are. */
    Optional<Caller> admitted(RoutingContext exchange) {
        Caller caller = exchange.get(CALLER);
        return caller == null && !rules.get().authenticated()
                ? Optional.of(Caller.ANYBODY)
                : Optional.ofNullable(caller);
    }

    static Optional<Refusal> refusal(RoutingContext exchange) {
        return Optional.ofNullable(exchange.get(REFUSAL));
    }

    /**
     * Who makes a request that was let through to where only callers are.
     *
     * @throws IllegalStateException if nobody knows
     */
    public Caller of(RoutingContext exchange) {
        return admitted(exchange)
                .orElseThrow(() ->
                        new IllegalStateException(
                                "nobody was admitted to " + exchange.normalizedPath()));
    }

    /**
     * Who makes the request that this thread serves.
     *
     * @throws IllegalStateException if it serves none, or nobody knows
     */
    Caller current() {
        RoutingContext exchange = exchange();
        if (exchange == null) {
            throw new IllegalStateException("this thread serves no request");
        }
        return of(exchange);
    }

    private @Nullable RoutingContext exchange() {
        return current.getCurrent();
    }

    /**
     * Refuses who makes the request that this thread serves, unless they have a role.
     *
     * @throws ProblemException forbidden
     */
    void require(Role role) {
        Caller caller = current();
        if (!caller.may(role)) {
            throw new ProblemException(lacks(caller, role));
        }
    }

    static Problem lacks(Caller caller, Role role) {
        return new Problem(
                        ProblemType.FORBIDDEN,
                        Phrase.NEEDS_ROLE,
                        role.word(),
                        caller.name(),
                        caller.role().word())
                .with("requiredRole", role.word());
    }
}
