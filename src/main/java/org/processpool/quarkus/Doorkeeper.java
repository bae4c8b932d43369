package org.processpool.quarkus;

import io.quarkus.oidc.runtime.OidcAuthenticationMechanism;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.processpool.rest.Callers;
import org.processpool.security.Caller;
import org.processpool.security.Role;

/**
 * Finds out who makes a request: by a token of the file, by a token of an identity provider, or, to
 * open a WebSocket, by a ticket. It refuses nobody: whether a caller is needed is decided behind
 * it.
 */
@Alternative
@Priority(1)
@ApplicationScoped
public class Doorkeeper implements HttpAuthenticationMechanism {

    private static final Logger LOG = Logger.getLogger(Doorkeeper.class);

    private static final String BEARER = "bearer ";
    private static final String CHAT = "/chat";
    private static final String TICKET = "ticket";

    private final Entrance entrance;
    private final OidcAuthenticationMechanism provider;

    Doorkeeper(Entrance entrance, OidcAuthenticationMechanism provider) {
        this.entrance = entrance;
        this.provider = provider;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(
            RoutingContext exchange, IdentityProviderManager identities) {
        if (!entrance.isGuarded()) {
            return nobody();
        }
        Optional<String> token = token(exchange);
        if (token.isEmpty()) {
            return exchange.normalizedPath().equals(CHAT) ? byTicket(exchange) : nobody();
        }
        Optional<Caller> known = entrance.byToken(token.get());
        if (known.isPresent()) {
            return admit(exchange, known.get());
        }
        if (!entrance.asksProvider()) {
            Callers.refuse(exchange, new Callers.Refusal.BadToken());
            return nobody();
        }
        return provider.authenticate(exchange, identities)
                .invoke(identity -> admit(exchange, identity))
                .onFailure(AuthenticationFailedException.class)
                .recoverWithUni(failed -> {
                    LOG.debugf(failed, "a token was refused");
                    Callers.refuse(exchange, new Callers.Refusal.BadToken());
                    return nobody();
                });
    }

    private static Uni<SecurityIdentity> nobody() {
        return Uni.createFrom().optional(Optional.empty());
    }

    private static Optional<String> token(RoutingContext exchange) {
        String header = exchange.request().getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.toLowerCase(Locale.ROOT).startsWith(BEARER)
                ? Optional.of(header.substring(BEARER.length()).strip())
                : Optional.empty();
    }

    private Uni<SecurityIdentity> byTicket(RoutingContext exchange) {
        String ticket = exchange.request().getParam(TICKET);
        if (ticket == null) {
            return nobody();
        }
        Optional<Caller> known = entrance.byTicket(ticket);
        if (known.isPresent()) {
            return admit(exchange, known.get());
        }
        Callers.refuse(exchange, new Callers.Refusal.BadTicket());
        return nobody();
    }

    private static Uni<SecurityIdentity> admit(RoutingContext exchange, Caller caller) {
        Callers.admit(exchange, caller);
        return Uni.createFrom()
                .item(
                        QuarkusSecurityIdentity.builder()
                                .setPrincipal(new QuarkusPrincipal(caller.name()))
                                .addRole(caller.role().word())
                                .build());
    }

    /** Of an identity provider's token it has been shown that it is one. */
    private void admit(RoutingContext exchange, @Nullable SecurityIdentity identity) {
        if (identity == null) {
            return;
        }
        String name = identity.getPrincipal().getName();
        Optional<Role> role = Role.highest(identity.getRoles());
        if (role.isEmpty()) {
            Callers.refuse(exchange, new Callers.Refusal.NoRole(name));
            return;
        }
        String tenant = "";
        if (entrance.tenantClaim().isPresent()) {
            Object claim =
                    identity.getPrincipal() instanceof JsonWebToken token
                            ? token.getClaim(entrance.tenantClaim().get())
                            : null;
            if (claim == null || claim.toString().isBlank()) {
                LOG.infof("a token has no claim %s", entrance.tenantClaim().get());
                Callers.refuse(exchange, new Callers.Refusal.BadToken());
                return;
            }
            tenant = claim.toString();
        }
        try {
            Callers.admit(exchange, new Caller(name, role.get(), tenant));
        } catch (IllegalArgumentException strange) {
            LOG.infof("a token is refused: %s", strange.getMessage());
            Callers.refuse(exchange, new Callers.Refusal.BadToken());
        }
    }

    /** Never asked for, as what needs a caller is refused elsewhere. */
    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext exchange) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", "Bearer"));
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return provider.getCredentialTypes();
    }

    @Override
    public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext exchange) {
        return Uni.createFrom()
                .item(
                        new HttpCredentialTransport(
                                HttpCredentialTransport.Type.AUTHORIZATION, "bearer"));
    }
}
