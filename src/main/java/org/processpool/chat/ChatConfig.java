package org.processpool.chat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.processpool.task.TaskName;

/**
 * How patient the chat is and how much it takes.
 *
 * @param conversations what can be talked to, the default first; at least one
 * @param relays those of them whose reply takes the place of what was said, instead of being said
 *     after it
 * @param messageLimit most code points of a message, 1 to 16,000
 * @param messagesPerMinute messages of one member before it is told to wait; 0 is no limit
 * @param framesPerSecond whatever one client sends, on average, before it is cut off; 0 is no limit
 * @param maxConnections connections at once, at least 1
 * @param maxMembers members of one room, at least 1
 * @param maxRooms rooms at once, at least 1
 * @param helloTimeout how long a client may take to say hello; positive
 * @param idleTimeout how long somebody may be silent; over a minute; it is told a minute before
 * @param resumeGrace how long a member whose connection broke may stay away; not negative
 * @param turnTimeout longest answer; it is only told, {@link Seats} sees to it
 * @param maxUnsent bytes that may wait for a slow reader, at least 256 KiB
 * @param version of the service
 */
public record ChatConfig(
        List<TaskName> conversations,
        Set<TaskName> relays,
        int messageLimit,
        int messagesPerMinute,
        int framesPerSecond,
        int maxConnections,
        int maxMembers,
        int maxRooms,
        Duration helloTimeout,
        Duration idleTimeout,
        Duration resumeGrace,
        Duration turnTimeout,
        int maxUnsent,
        String version) {

    /** How long before the end of somebody idle it is told. */
    static final Duration IDLE_WARNING = Duration.ofMinutes(1);

    /**
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ChatConfig {
        conversations = List.copyOf(conversations);
        relays = Set.copyOf(relays);
        if (conversations.isEmpty()) {
            throw new IllegalArgumentException("conversations must not be empty");
        }
        between("messageLimit", messageLimit, 1, 16_000);
        between("messagesPerMinute", messagesPerMinute, 0, 1_000_000);
        between("framesPerSecond", framesPerSecond, 0, 1_000_000);
        between("maxConnections", maxConnections, 1, 1_000_000);
        between("maxMembers", maxMembers, 1, 100_000);
        between("maxRooms", maxRooms, 1, 100_000);
        between("maxUnsent", maxUnsent, 256 << 10, 1 << 30);
        if (helloTimeout.isNegative() || helloTimeout.isZero()) {
            throw new IllegalArgumentException(
                    "helloTimeout must be positive, was " + helloTimeout);
        }
        if (idleTimeout.compareTo(IDLE_WARNING) <= 0) {
            throw new IllegalArgumentException(
                    "idleTimeout must be over %s, was %s".formatted(IDLE_WARNING, idleTimeout));
        }
        if (resumeGrace.isNegative()) {
            throw new IllegalArgumentException(
                    "resumeGrace must not be negative, was " + resumeGrace);
        }
        if (turnTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "turnTimeout must not be negative, was " + turnTimeout);
        }
        Objects.requireNonNull(version, "version");
    }

    /** What is talked to unless a client says otherwise. */
    TaskName defaultConversation() {
        return conversations.getFirst();
    }

    private static void between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s must be %,d to %,d, was %,d".formatted(name, least, most, value));
        }
    }
}
