package org.processpool.rest;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Which callbacks are allowed: asked when a job is submitted, so that its client learns of it, and
 * again at each attempt, as the settings may have changed since. Immutable; never blocks, as it
 * looks no name up.
 */
@Startup(CallbackPolicy.BEFORE_THE_POOLS)
@Singleton
final class CallbackPolicy {

    /** A bad setting is known before any process is started. */
    static final int BEFORE_THE_POOLS = 100;

    private static final Logger LOG = Logger.getLogger(CallbackPolicy.class);

    private static final String PREFIX = "process-pool.webhooks.";
    private static final String DEFAULT_SECRET = "default";
    private static final int LONGEST_URL = 2048;
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);

    private final List<AllowedHost> allowed;
    private final Map<String, Webhook> secrets;
    private final Duration timeout;
    private final boolean insecure;

    /**
     * Reads the settings.
     *
     * @throws ConfigurationException naming the setting that cannot be, and never a secret
     */
    CallbackPolicy(WebhookSettings settings) {
        insecure = settings.allowInsecure();
        allowed = hosts(settings.allowedHosts().orElse(List.of()), insecure);
        secrets = secrets(settings.secrets());
        timeout = settings.timeout();
        if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new ConfigurationException(
                    PREFIX + "timeout must be 1 ms to 5 minutes, was " + timeout);
        }
        if (insecure) {
            LOG.warn(
                    PREFIX
                            + "allow-insecure is true: callbacks may be unencrypted and reach"
                            + " private networks; for development only");
        }
    }

    /**
     * Whether a job may have a callback.
     *
     * @param url as the client wrote it
     * @param secretRef the name of a secret; null for {@code default}
     * @throws ProblemException callback-not-allowed with its reason if not
     */
    void check(String url, @Nullable String secretRef) {
        admit(url, secretRef);
    }

    /**
     * The parts of a callback.
     *
     * @throws ProblemException callback-not-allowed with its reason if it is not allowed
     */
    CallbackTarget admit(String url, @Nullable String secretRef) {
        if (allowed.isEmpty()) {
            throw refusal(
                    "callbacks-off",
                    "the service allows no callbacks (" + PREFIX + "allowed-hosts)");
        }
        URI uri = parse(url);
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        boolean tls = scheme.equals("https");
        if (!tls && !(insecure && scheme.equals("http"))) {
            throw refusal("scheme", "a callback's URL must begin with https");
        }
        if (uri.getRawAuthority().contains("@")) {
            throw refusal("userinfo", "a callback's URL must have no user and no password");
        }
        String host = canonical(uri.getHost());
        if (!insecure && AllowedHost.isAddress(host)) {
            throw refusal(
                    "address-literal",
                    "a callback's URL must have a host name, not the address '%s'".formatted(host));
        }
        int port = uri.getPort() == -1 ? (tls ? 443 : 80) : uri.getPort();
        checkAllowed(host, port);
        Webhook secret = secrets.get(secretRef == null ? DEFAULT_SECRET : secretRef);
        if (secret == null) {
            throw refusal(
                    "unknown-secret",
                    secretRef == null
                            ? "the callback has no secretRef, and the service no default secret"
                            : "the service has no secret of the callback's secretRef");
        }
        return new CallbackTarget(tls, host, port, path(uri), secret);
    }

    /** Whether hosts in private networks are allowed. */
    boolean allowsPrivateAddresses() {
        return insecure;
    }

    /** Longest time of one attempt. */
    Duration timeout() {
        return timeout;
    }

    private void checkAllowed(String host, int port) {
        List<AllowedHost> named = allowed.stream().filter(entry -> entry.covers(host)).toList();
        if (named.isEmpty()) {
            throw refusal(
                    "host-not-allowed",
                    "host '%s' is not in %sallowed-hosts".formatted(host, PREFIX));
        }
        if (named.stream().noneMatch(entry -> isAllowed(entry, port))) {
            throw refusal(
                    "port",
                    "host '%s' is not in %sallowed-hosts with port %d"
                            .formatted(host, PREFIX, port));
        }
    }

    private boolean isAllowed(AllowedHost entry, int port) {
        return entry.port() == port || (entry.port() == 0 && (port == 443 || insecure));
    }

    private static URI parse(String url) {
        if (url.length() > LONGEST_URL) {
            throw malformed(
                    "it has %,d characters, and %,d are allowed"
                            .formatted(url.length(), LONGEST_URL));
        }
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException wrong) {
            throw malformed(wrong.getReason()); // the reason, as the message has the URL
        }
        if (uri.getScheme() == null || uri.getHost() == null) {
            throw malformed("it must be absolute and have a valid host name");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65535) {
            throw malformed("its port must be 1 to 65535");
        }
        return uri;
    }

    /** One spelling of a host: {@code EXAMPLE.com.} is {@code example.com}. */
    private static String canonical(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static String path(URI uri) {
        URI ascii = URI.create(uri.toASCIIString());
        String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
        return ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery();
    }

    private static ProblemException malformed(String why) {
        return refusal("malformed-url", "the callback's URL is none: " + why);
    }

    private static ProblemException refusal(String reason, String detail) {
        return new ProblemException(
                new Problem(ProblemType.CALLBACK_NOT_ALLOWED, Phrase.CALLBACK_REFUSED, detail)
                        .with("reason", reason));
    }

    private static List<AllowedHost> hosts(List<String> entries, boolean insecure) {
        var hosts = new ArrayList<AllowedHost>();
        for (String entry : entries) {
            try {
                AllowedHost host = AllowedHost.of(entry);
                if (!insecure && AllowedHost.isAddress(host.name())) {
                    throw new IllegalArgumentException(
                            "must be names, unless %sallow-insecure is true, was '%s'"
                                    .formatted(PREFIX, entry));
                }
                hosts.add(host);
            } catch (IllegalArgumentException refused) {
                throw new ConfigurationException(PREFIX + "allowed-hosts " + refused.getMessage());
            }
        }
        return List.copyOf(hosts);
    }

    private static Map<String, Webhook> secrets(Map<String, String> settings) {
        var secrets = new HashMap<String, Webhook>();
        settings.forEach((name, text) -> secrets.put(name, secret(name, text)));
        return Map.copyOf(secrets);
    }

    /** The causes are left out, as they may quote the secret. */
    private static Webhook secret(String name, String text) {
        String key = PREFIX + "secrets." + name;
        if (!text.startsWith(Webhook.SECRET_PREFIX)) {
            throw new ConfigurationException(key + " must begin with " + Webhook.SECRET_PREFIX);
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text.substring(Webhook.SECRET_PREFIX.length()));
        } catch (IllegalArgumentException notBase64) {
            throw new ConfigurationException(
                    "%s must be Base64 after %s".formatted(key, Webhook.SECRET_PREFIX));
        }
        if (bytes.length < 24 || bytes.length > 64) {
            throw new ConfigurationException(
                    "%s must have 24 to 64 bytes, had %d".formatted(key, bytes.length));
        }
        try {
            return new Webhook(bytes);
        } catch (EmptyWebhookSecretException impossible) {
            throw new IllegalStateException("a secret of 24 bytes is not empty", impossible);
        }
    }
}
