package org.processpool.quarkus;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Who may come in. Without a file of tokens and without an identity provider ({@code
 * quarkus.oidc.*}) nobody is asked who they are, so the service then listens on this machine alone.
 */
@ConfigMapping(prefix = "process-pool.security")
public interface SecuritySettings {

    /**
     * File of tokens, a line {@code name:role:sha256} or {@code name:role:sha256:tenant} for each;
     * read again when it changes. None by default.
     */
    Optional<Path> tokensFile();

    /**
     * Whether the service may be reached by other machines although nobody is asked who they are:
     * everybody may do everything. Default false.
     */
    @WithDefault("false")
    boolean allowAnonymous();

    /**
     * Names by which the service may be called (header Host), with a port or for all ports; {@code
     * *} for all names. Those of the own machine always are, and addresses if others can connect.
     * If callers have to say who they are, all names are, unless some are listed here.
     */
    Optional<Set<String>> allowedHosts();

    /**
     * Origins of pages, such as {@code https://chat.example.com}, that may open WebSockets and
     * change things, besides those loaded from the service itself. Their hosts are allowed hosts.
     */
    Optional<Set<String>> allowedOrigins();

    /**
     * Claim of an identity provider's tokens that says whose jobs and rooms one sees, as text. By
     * default all see the same.
     */
    Optional<String> tenantClaim();

    /** Whether {@code /q/metrics} may be read without a token; default true. */
    @WithDefault("true")
    boolean openMetrics();
}
