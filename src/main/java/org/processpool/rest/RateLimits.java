package org.processpool.rest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.QueueSpace;
import org.processpool.security.Caller;

/**
 * How much work clients may ask for, and the headers that tell them (RateLimit header fields for
 * HTTP): how many calls may wait for a worker and, if that is limited, how often one caller, or one
 * address where nobody is asked who they are, may come in a minute.
 */
@Singleton
class RateLimits {

    private static final String POLICY = "RateLimit-Policy";
    private static final String LIMIT = "RateLimit";
    private static final String REQUESTS = "requests";

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** Those who came last; one that is forgotten may come anew. */
    private static final int MOST_ADDRESSES = 100_000;

    private final int requestsPerMinute;
    private final TimeMeter clock;
    private final Cache<String, Bucket> buckets =
            Caffeine.newBuilder()
                    .maximumSize(MOST_ADDRESSES)
                    .expireAfterAccess(WINDOW.multipliedBy(2))
                    .build();

    /** Who is counted as one. */
    private final Function<RoutingContext, String> clients;

    @Inject
    RateLimits(CallLimits settings, Callers callers) {
        this(
                settings.requestsPerMinute(),
                exchange -> client(exchange, callers.of(exchange)),
                TimeMeter.SYSTEM_NANOTIME);
    }

    RateLimits(int requestsPerMinute, Function<RoutingContext, String> clients, TimeMeter clock) {
        this.requestsPerMinute = requestsPerMinute;
        this.clients = clients;
        this.clock = clock;
    }

    /**
     * Counts a request that asks for work, and has its answer, whatever that is, say what is left.
     * Does not block. Call it once, before anything that the request costs.
     *
     * @param pool whose line the work is to stand in
     * @throws ProblemException if there were too many of the same client
     */
    void admit(ProcessPool pool, RoutingContext exchange) {
        HttpServerResponse response = exchange.response();
        ConsumptionProbe probe = requestsPerMinute == 0 ? null : take(clients.apply(exchange));
        exchange.addHeadersEndHandler(_ -> {
            QueueSpace queue = pool.queueSpace(); // now, as the call itself has stood in the line
            response.putHeader(POLICY, policies(queue));
            response.putHeader(LIMIT, left(queue, probe));
        });
        if (probe != null && !probe.isConsumed()) {
            throw overQuota(seconds(probe.getNanosToWaitForRefill()));
        }
    }

    /** Takes one request of those an address has left. */
    ConsumptionProbe take(String address) {
        return buckets.get(address, _ -> bucket()).tryConsumeAndReturnRemaining(1);
    }

    private Bucket bucket() {
        return Bucket.builder()
                .addLimit(limit ->
                        limit.capacity(requestsPerMinute).refillGreedy(requestsPerMinute, WINDOW))
                .withCustomTimePrecision(clock)
                .build();
    }

    /** What the policies are. */
    String policies(QueueSpace queue) {
        String waiting = "\"queue\";q=%d;qu=\"concurrent-requests\"".formatted(queue.limit());
        return requestsPerMinute == 0
                ? waiting
                : "\"%s\";q=%d;w=%d, %s"
                        .formatted(REQUESTS, requestsPerMinute, WINDOW.toSeconds(), waiting);
    }

    /** What is left; {@code t} is when there is more. */
    static String left(QueueSpace queue, @Nullable ConsumptionProbe probe) {
        String waiting = "\"queue\";r=" + queue.free();
        if (probe == null) {
            return waiting;
        }
        long nanos =
                probe.isConsumed()
                        ? probe.getNanosToWaitForReset()
                        : probe.getNanosToWaitForRefill();
        return "\"%s\";r=%d;t=%d, %s"
                .formatted(REQUESTS, probe.getRemainingTokens(), seconds(nanos), waiting);
    }

    private ProblemException overQuota(long seconds) {
        return new ProblemException(
                new Problem(
                                ProblemType.QUOTA_EXCEEDED,
                                Phrase.OVER_QUOTA,
                                requestsPerMinute,
                                WINDOW.toSeconds(),
                                seconds)
                        .with("violated-policies", List.of(REQUESTS)),
                Map.of(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
    }

    /** Whole seconds, none too few. */
    private static long seconds(long nanos) {
        return Math.max(1, Math.ceilDiv(nanos, SECOND));
    }

    /** One client: a caller that is known, and else an address. */
    private static String client(RoutingContext exchange, Caller caller) {
        return caller.equals(Caller.ANYBODY)
                ? address(exchange.request().remoteAddress())
                : caller.tenant() + "\n" + caller.name();
    }

    /** One client, as far as an address can tell: who has one of IPv6 has 2⁶⁴ of them. */
    private static String address(@Nullable SocketAddress remote) {
        String host = remote == null ? null : remote.hostAddress();
        return host == null ? "" : address(host);
    }

    /** The same for an address as text. */
    static String address(String host) {
        int zone = host.indexOf('%');
        InetAddress address = InetAddress.ofLiteral(zone < 0 ? host : host.substring(0, zone));
        byte[] bytes = address.getAddress();
        return HexFormat.of()
                .formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
    }
}
