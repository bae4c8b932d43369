package org.processpool.chat;

import java.time.Duration;
import java.util.function.Predicate;

/**
 * What a client has to say before it may join the line: {@code AUTH} and what proves who it is, as
 * its first line.
 *
 * @param proves whether that is enough; must not block for long
 * @param patience how long the line may take to come; longer than zero
 * @param mostConnections how many may be open at once, those included that have said it; at least 1
 */
public record TcpDoor(Predicate<String> proves, Duration patience, int mostConnections) {

    public TcpDoor {
        if (!patience.isPositive()) {
            throw new IllegalArgumentException(
                    "patience must be longer than zero, was " + patience);
        }
        if (mostConnections < 1) {
            throw new IllegalArgumentException(
                    "connections must be at least 1, was " + mostConnections);
        }
    }

    boolean admits(String proof) {
        return proves.test(proof);
    }
}
