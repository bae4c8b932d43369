package org.processpool.quarkus;

import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import org.processpool.rest.AccessRules;
import org.processpool.security.Caller;
import org.processpool.security.Origins;
import org.processpool.security.Role;
import org.processpool.security.Tickets;
import org.processpool.security.TokenFile;

/** How people get in: what is asked of them, and what lets them in. */
@Singleton
public class Entrance {

    private static final Logger LOG = Logger.getLogger(Entrance.class);

    private static final String OIDC = "quarkus.oidc.tenant-enabled";
    private static final String OIDC_SERVER = "quarkus.oidc.auth-server-url";
    private static final String OIDC_AUDIENCE = "quarkus.oidc.token.audience";
    private static final String OIDC_KEY = "quarkus.oidc.public-key";

    private final Optional<TokenFile> tokens;
    private final Tickets tickets = new Tickets();
    private final Optional<String> tenantClaim;
    private final boolean asksProvider;
    private final boolean allowAnonymous;
    private final AccessRules rules;

    /**
     * Reads the tokens.
     *
     * @throws ConfigurationException naming the setting that cannot be
     */
    Entrance(SecuritySettings settings, Config config) {
        tokens = settings.tokensFile().map(Entrance::read);
        asksProvider = config.getOptionalValue(OIDC, Boolean.class).orElse(true);
        allowAnonymous = settings.allowAnonymous();
        tenantClaim = settings.tenantClaim();
        boolean hasProvider =
                config.getOptionalValue(OIDC_SERVER, String.class).isPresent()
                        || config.getOptionalValue(OIDC_KEY, String.class).isPresent();
        if (hasProvider && !asksProvider) {
            throw new ConfigurationException(
                    "%s is set, but tokens of it are only asked for with %s=true"
                            .formatted(OIDC_SERVER, OIDC));
        }
        if (asksProvider && config.getOptionalValue(OIDC_AUDIENCE, String.class).isEmpty()) {
            throw new ConfigurationException(
                    ("%s must name this service as the provider does, or be 'any': else a token that"
                                    + " the provider gave for another service would be good here")
                            .formatted(OIDC_AUDIENCE));
        }
        if (isGuarded() && allowAnonymous) {
            throw new ConfigurationException(
                    "process-pool.security.allow-anonymous is true, although callers have to say"
                            + " who they are: leave one of the two out");
        }
        boolean local = isLocal(config.getValue("quarkus.http.host", String.class));
        Origins.Names names =
                isGuarded()
                        ? Origins.Names.ALL
                        : local ? Origins.Names.LOCAL : Origins.Names.ADDRESSES;
        rules = new AccessRules(isGuarded(), settings.openMetrics(), origins(settings, names));
    }

    private static TokenFile read(Path path) {
        String key = "process-pool.security.tokens-file";
        try {
            TokenFile read = new TokenFile(path);
            LOG.infof("tokens known: %d", read.size());
            return read;
        } catch (NoSuchFileException none) {
            throw new ConfigurationException("%s: there is no file %s".formatted(key, path));
        } catch (IOException unable) {
            throw new ConfigurationException("%s: %s".formatted(key, unable));
        } catch (IllegalArgumentException wrong) {
            throw new ConfigurationException("%s: %s %s".formatted(key, path, wrong.getMessage()));
        }
    }

    private static Origins origins(SecuritySettings settings, Origins.Names names) {
        try {
            return new Origins(
                    settings.allowedOrigins().orElse(Set.of()),
                    settings.allowedHosts().orElse(Set.of()),
                    names);
        } catch (IllegalArgumentException wrong) {
            throw new ConfigurationException("process-pool.security." + wrong.getMessage());
        }
    }

    /** Whether callers have to say who they are. */
    boolean isGuarded() {
        return tokens.isPresent() || asksProvider;
    }

    /** Whether tokens that are none of ours may be an identity provider's. */
    boolean asksProvider() {
        return asksProvider;
    }

    /** Which claim says whose jobs one sees; empty if all see the same. */
    Optional<String> tenantClaim() {
        return tenantClaim;
    }

    /** Whose token of ours that is; empty if it is none. */
    Optional<Caller> byToken(String token) {
        return tokens.flatMap(file -> file.find(token));
    }

    /** Whose ticket that is, which is worth nothing from now on; empty if it is none. */
    Optional<Caller> byTicket(String ticket) {
        return tickets.take(ticket);
    }

    /** Whether a token or a ticket lets one chat. */
    boolean mayChat(String tokenOrTicket) {
        return byToken(tokenOrTicket)
                .or(() -> byTicket(tokenOrTicket))
                .filter(caller -> caller.may(Role.SUBMIT))
                .isPresent();
    }

    /**
     * Refuses to be reached by others while nobody is asked who they are.
     *
     * @param key the setting that says where the service listens
     * @param host the address
     * @throws ConfigurationException if that is so, and was not wished
     */
    void refuseOpen(String key, String host) {
        if (!isGuarded() && !allowAnonymous && !isLocal(host)) {
            throw new ConfigurationException(
                    ("%s=%s would let everybody who can connect do everything: say who may come in"
                                    + " with process-pool.security.tokens-file or %s, listen at"
                                    + " 127.0.0.1, or wish it so with"
                                    + " process-pool.security.allow-anonymous=true")
                            .formatted(key, host, OIDC_SERVER));
        }
    }

    private static boolean isLocal(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            return false; // then the server does not start either
        }
    }

    @Produces
    @Singleton
    AccessRules rules() {
        return rules;
    }

    @Produces
    @Singleton
    Tickets tickets() {
        return tickets;
    }
}
