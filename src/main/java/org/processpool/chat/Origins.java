package org.processpool.chat;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may open a WebSocket. A browser lets any page connect to anywhere and only tells the
 * page's origin (RFC 6455, 10.2), so it has to be checked here: a page may connect to the service
 * it was loaded from, or its origin has to be listed. Programs send no origin and are let in.
 *
 * <p>While the service is bound to the own machine its name must be one of the own machine, too:
 * else a page could give a name of its own this machine's address (DNS rebinding) and pass as
 * loaded from here.
 */
final class Origins {

    private static final Pattern LOCAL =
            Pattern.compile(
                    "(localhost|[a-z0-9-]+\\.localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d+)?");

    private final Set<String> allowed;
    private final boolean local;

    /**
     * @param allowed origins such as {@code https://chat.example.com}
     * @param local whether only this machine can connect
     */
    Origins(Set<String> allowed, boolean local) {
        this.allowed =
                allowed.stream()
                        .map(origin -> origin.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toUnmodifiableSet());
        this.local = local;
    }

    /**
     * Why a connection may not be opened; empty if it may.
     *
     * @param origin header {@code Origin}
     * @param host header {@code Host}
     */
    Optional<String> refusal(@Nullable String origin, @Nullable String host) {
        String here = host == null ? "" : host.toLowerCase(Locale.ROOT);
        boolean listed = origin != null && allowed.contains(origin.toLowerCase(Locale.ROOT));
        if (listed) {
            return Optional.empty();
        }
        if (local && !LOCAL.matcher(here).matches()) {
            return Optional.of("this service is known by the names of its own machine only");
        }
        if (origin == null || authority(origin).filter(here::equals).isPresent()) {
            return Optional.empty();
        }
        return Optional.of("pages of another origin may not connect");
    }

    /** Host and port of an origin, as a header {@code Host} has them: without a default port. */
    private static Optional<String> authority(String origin) {
        try {
            URI uri = URI.create(origin);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
                return Optional.empty();
            }
            int usual = scheme.equals("https") ? 443 : 80;
            boolean told = uri.getPort() >= 0 && uri.getPort() != usual;
            String name = uri.getHost().toLowerCase(Locale.ROOT);
            return Optional.of(told ? name + ":" + uri.getPort() : name);
        } catch (IllegalArgumentException none) {
            return Optional.empty(); // "null", for one
        }
    }
}
