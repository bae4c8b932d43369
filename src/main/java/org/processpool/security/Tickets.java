package org.processpool.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/**
 * Tickets: each lets one in once, within {@value #SECONDS} seconds. A browser cannot send a token
 * with a WebSocket's handshake but in the URL, where it would stay in logs and histories; a ticket
 * may stand there, as it is worth nothing afterwards. Kept in this process only. Safe for use by
 * any number of threads.
 */
public final class Tickets {

    /** How long a ticket is good, in seconds. */
    public static final int SECONDS = 30;

    private static final int BYTES = 32;

    /** Most that are out at once; one more ends another early. */
    private static final int MOST = 100_000;

    private final SecureRandom random = new SecureRandom();
    private final Cache<String, Caller> sold;

    /** None are out yet. */
    public Tickets() {
        this(Ticker.systemTicker());
    }

    Tickets(Ticker ticker) {
        sold =
                Caffeine.newBuilder()
                        .ticker(ticker)
                        .maximumSize(MOST)
                        .expireAfterWrite(Duration.ofSeconds(SECONDS))
                        .build();
    }

    /** A new one, of letters that may stand in a URL. */
    public String sell(Caller caller) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String ticket = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        sold.put(ticket, caller);
        return ticket;
    }

    /** Whose ticket that was; empty if it is none, not good any more, or was taken before. */
    public Optional<Caller> take(String ticket) {
        return Optional.ofNullable(sold.asMap().remove(ticket));
    }
}
