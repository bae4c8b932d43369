package org.processpool.rest;

import com.standardwebhooks.Webhook;

/**
 * A callback that is allowed, in the parts that sending needs.
 *
 * @param tls whether it is {@code https}
 * @param host in lower case, without a final dot; an IPv6 address has brackets
 * @param port 1 to 65535
 * @param path with the query, in ASCII; begins with a slash
 * @param secret signs for it
 */
record CallbackTarget(boolean tls, String host, int port, String path, Webhook secret) {

    /** Without path and query, in which some receivers have a token. */
    @Override
    public String toString() {
        return "%s://%s:%d".formatted(tls ? "https" : "http", host, port);
    }
}
