package org.processpool.security;

import java.net.URI;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells requests that a foreign web page has a browser send. Programs tell no origin and are let
 * in.
 *
 * <p>A browser sends a page's simple requests and WebSocket handshakes to anywhere and only tells
 * the page's origin (RFC 6454; RFC 6455, 10.2), so that has to be checked here: a page may do
 * something at the service it was loaded from, or its origin has to be listed.
 *
 * <p>That alone is not enough, as a page can give a name of its own the address of this service
 * (DNS rebinding) and pass as loaded from here. So the service answers only to names it can have.
 */
public final class Origins {

    private static final String PORT = "(:\\d{1,5})?";
    private static final Pattern LOCAL =
            Pattern.compile(
                    "(localhost|[a-z0-9-]+\\.localhost|127(\\.\\d{1,3}){3}|\\[::1])" + PORT);
    private static final Pattern ADDRESS =
            Pattern.compile("(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.%]+])" + PORT);
    private static final Pattern ENDING_IN_PORT = Pattern.compile(":\\d{1,5}$");
    private static final String EVERY = "*";

    /** Which names the service answers to besides those that are listed. */
    public enum Names {
        /** Those of the own machine: nobody else can connect. */
        LOCAL,

        /**
         * Addresses too, which no page can give itself: others can connect, and nobody is asked who
         * they are.
         */
        ADDRESSES,

        /** All, unless some are listed: whoever comes needs a token, which a page does not have. */
        ALL
    }

    private final Set<String> origins = new HashSet<>();
    private final Set<String> hosts = new HashSet<>();
    private final Names names;
    private final boolean named;

    /**
     * What is let in.
     *
     * @param origins of pages, such as {@code https://chat.example.com}; their hosts may be asked
     *     for, too
     * @param hosts names of the service, with a port or for all ports; {@code *} for all names
     * @param names which others it has
     */
    public Origins(Set<String> origins, Set<String> hosts, Names names) {
        for (String origin : origins) {
            String lower = origin.toLowerCase(Locale.ROOT);
            this.origins.add(lower);
            this.hosts.add(
                    authority(lower)
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            ("allowed-origins must be origins such as"
                                                            + " https://chat.example.com, was '%s'")
                                                    .formatted(origin))));
        }
        hosts.forEach(host -> this.hosts.add(host.toLowerCase(Locale.ROOT)));
        this.names = names;
        this.named = !hosts.isEmpty();
    }

    /**
     * Whether the service answers to a name.
     *
     * @param host header {@code Host} or the authority of HTTP/2; null if there is none
     */
    public boolean knows(@Nullable String host) {
        if (hosts.contains(EVERY)) {
            return true;
        }
        if (host == null) {
            return names == Names.ALL && !named;
        }
        String name = host.toLowerCase(Locale.ROOT);
        if (LOCAL.matcher(name).matches()
                || hosts.contains(name)
                || hosts.contains(ENDING_IN_PORT.matcher(name).replaceFirst(""))) {
            return true;
        }
        return switch (names) {
            case LOCAL -> false;
            case ADDRESSES -> ADDRESS.matcher(name).matches();
            case ALL -> !named || ADDRESS.matcher(name).matches();
        };
    }

    /** Whether that is no name but an address, perhaps with a port. */
    public static boolean isAddress(String host) {
        return ADDRESS.matcher(host.toLowerCase(Locale.ROOT)).matches();
    }

    /**
     * Whether a page may have done something here.
     *
     * @param origin header {@code Origin}; null if there is none
     * @param host header {@code Host}; null if there is none
     */
    public boolean trusts(@Nullable String origin, @Nullable String host) {
        if (origin == null) {
            return true;
        }
        String lower = origin.toLowerCase(Locale.ROOT);
        return origins.contains(lower)
                || (host != null
                        && authority(lower)
                                .filter(host.toLowerCase(Locale.ROOT)::equals)
                                .isPresent());
    }

    /** Host and port of an origin, as a header {@code Host} has them: without a default port. */
    private static Optional<String> authority(String origin) {
        try {
            URI uri = URI.create(origin);
            String scheme = String.valueOf(uri.getScheme());
            if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
                return Optional.empty();
            }
            int usual = scheme.equals("https") ? 443 : 80;
            boolean told = uri.getPort() >= 0 && uri.getPort() != usual;
            return Optional.of(told ? uri.getHost() + ":" + uri.getPort() : uri.getHost());
        } catch (IllegalArgumentException none) {
            return Optional.empty(); // "null", for one
        }
    }
}
