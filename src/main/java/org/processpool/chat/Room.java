package org.processpool.chat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.processpool.chat.ChatFrame.Kind;
import org.processpool.chat.ChatFrame.Message;
import org.processpool.chat.ChatFrame.Numbered;
import org.processpool.chat.ChatFrame.Person;
import org.processpool.chat.ChatFrame.Reason;
import org.processpool.chat.ChatFrame.Speaker;
import org.processpool.chat.ChatFrame.State;
import org.processpool.chat.ChatFrame.ToClient;

/**
 * People who hear each other.
 *
 * <p>Invariants, under the lock:
 *
 * <ul>
 *   <li>What happens is numbered 1, 2, 3 … and handed to every member in that order; so each hears
 *       each number once per connection, and without a gap from its welcome on.
 *   <li>{@code recent} has the last {@value #RECENT} of them at most, {@code messages} the last
 *       {@value #MESSAGES} that are messages; of both fewer, if they are long.
 *   <li>Handing over only puts something into the queue of a connection: nobody is waited for.
 * </ul>
 */
final class Room {

    /** What somebody whose connection broke can still be told. */
    static final int RECENT = 200;

    private static final int RECENT_BYTES = 1 << 20;

    /** Messages that can be read back. */
    static final int MESSAGES = 1_000;

    /** Characters of the messages that are kept. */
    private static final int MESSAGES_LENGTH = 1 << 20;

    /** How long a room without members keeps what was said. */
    private static final Duration KEPT_EMPTY = Duration.ofMinutes(10);

    /** Most messages of one answer to {@code history}. */
    static final int PAGE = 100;

    /** Bytes of a frame without what was said. */
    private static final int FRAME = 512;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final String name;
    private final int maxMembers;

    /** Bytes that one client is told at once of what it has not heard. */
    private final int pageBytes;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Listener> members = new LinkedHashMap<>();
    private final Deque<Event> recent = new ArrayDeque<>();
    private final Deque<Message> messages = new ArrayDeque<>();
    private int recentBytes;
    private int messagesLength;
    private long seq;
    private long emptySince = System.nanoTime();
    private boolean closed;

    /** Somebody in a room. */
    interface Listener {

        /** The member's public id. */
        String id();

        /** As others see it. Called under the lock of the room; must not block. */
        Person person();

        /** Is told something. Called under the lock of the room; must not block. */
        void hear(Shared frame);

        /**
         * Is to leave if it is away, as the room is too full of those. Under the lock, as above.
         */
        void makeRoom();
    }

    /**
     * Something that happened.
     *
     * @param ref what its speaker called it
     */
    private record Event(Shared frame, String speaker, @Nullable String ref) {

        long seq() {
            return ((Numbered) frame.frame()).seq();
        }

        /** Bytes it takes as JSON, at most. */
        int size() {
            return frame.frame() instanceof Message said ? Room.size(said) : FRAME;
        }

        Shared asToldTo(String listener) {
            return ref != null && listener.equals(speaker) && frame.frame() instanceof Message said
                    ? new Shared(said.withRef(ref))
                    : frame;
        }
    }

    /** What happens while somebody is let in, under the lock. */
    interface Arrival {

        /**
         * Gets the first words in.
         *
         * @param seq number of the newest thing
         * @param missed things after {@code lastSeq} that can no longer be told
         */
        void welcome(long seq, long missed);
    }

    Room(String name, int maxMembers, int pageBytes) {
        this.name = name;
        this.maxMembers = maxMembers;
        this.pageBytes = pageBytes;
    }

    private static int size(Message message) {
        return FRAME + Texts.jsonSize(message.text());
    }

    String name() {
        return name;
    }

    /**
     * Lets somebody in, who is then told who is there and what was said last.
     *
     * @param arrival said to the newcomer before
     * @return whether there was room; false also if the room is closed
     */
    boolean join(Listener newcomer, Arrival arrival) {
        lock.lock();
        try {
            if (closed || present() >= maxMembers) {
                return false;
            }
            if (members.size() >= 2 * maxMembers) {
                // who is away takes no place, but all who come are told of it
                members.values().stream()
                        .filter(Room::isAway)
                        .findFirst()
                        .ifPresent(Listener::makeRoom);
            }
            happened(
                    new ChatFrame.Joined(name, ++seq, now(), newcomer.person()),
                    newcomer.id(),
                    null);
            members.put(newcomer.id(), newcomer);
            arrival.welcome(seq, 0);
            newcomer.hear(new Shared(everybody()));
            newcomer.hear(new Shared(page(Long.MAX_VALUE, PAGE / 2)));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Goes on telling somebody whose connection broke, beginning with what it has missed.
     *
     * @param lastSeq number of the last thing it has heard
     * @param arrival said before
     */
    void rejoin(Listener member, long lastSeq, Arrival arrival) {
        lock.lock();
        try {
            Deque<Event> unheard = new ArrayDeque<>();
            int bytes = 0;
            for (var back = recent.descendingIterator(); back.hasNext(); ) {
                Event event = back.next();
                bytes += event.size();
                if (event.seq() <= lastSeq || bytes > pageBytes) {
                    break;
                }
                unheard.addFirst(event);
            }
            arrival.welcome(seq, Math.max(0, seq - Math.max(0, lastSeq) - unheard.size()));
            member.hear(new Shared(everybody()));
            unheard.forEach(event -> member.hear(event.asToldTo(member.id())));
        } finally {
            lock.unlock();
        }
    }

    /** Somebody is not here any more. */
    void leave(Listener member, Reason reason) {
        lock.lock();
        try {
            if (members.remove(member.id()) != null) {
                emptySince = System.nanoTime();
                Person person = new Person(member.id(), member.person().nick());
                happened(new ChatFrame.Left(name, ++seq, now(), person, reason), member.id(), null);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Somebody has another name. */
    void renamed(Person now, String was) {
        lock.lock();
        try {
            happened(new ChatFrame.Renamed(name, ++seq, now(), now, was), now.id(), null);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Something was said.
     *
     * @param author the member by whom or to whom it was said
     * @param ref what the author called it, which only the author is told
     * @param replyTo number of what it answers
     * @return its number
     */
    long say(
            Listener author,
            Speaker from,
            String text,
            @Nullable String ref,
            @Nullable Long replyTo) {
        lock.lock();
        try {
            Message message = new Message(name, ++seq, now(), from, text, null, replyTo);
            messages.addLast(message);
            messagesLength += text.length();
            while (messages.size() > MESSAGES || messagesLength > MESSAGES_LENGTH) {
                messagesLength -= messages.removeFirst().text().length();
            }
            happened(message, author.id(), ref);
            return seq;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: keeps it and tells everybody. */
    private void happened(Numbered frame, String speaker, @Nullable String ref) {
        Event event = new Event(new Shared(frame), speaker, ref);
        recent.addLast(event);
        recentBytes += event.size();
        while (recent.size() > RECENT || recentBytes > RECENT_BYTES) {
            recentBytes -= recent.removeFirst().size();
        }
        members.values().forEach(member -> member.hear(event.asToldTo(member.id())));
    }

    /** Tells everybody something that has no number and is not kept. */
    void tell(ToClient frame) {
        tell(frame, null);
    }

    /** As {@link #tell(ToClient)}, everybody but one. */
    void tell(ToClient frame, @Nullable Listener but) {
        Shared shared = new Shared(frame);
        lock.lock();
        try {
            for (Listener member : members.values()) {
                if (but == null || !member.id().equals(but.id())) {
                    member.hear(shared);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Older messages, the newest of those before a number, the oldest first. */
    ChatFrame.History history(long before, int limit) {
        lock.lock();
        try {
            return page(before, limit);
        } finally {
            lock.unlock();
        }
    }

    private ChatFrame.History page(long before, int limit) {
        List<Message> found = new ArrayList<>();
        boolean more = false;
        int bytes = 0;
        for (var from = messages.descendingIterator(); from.hasNext(); ) {
            Message message = from.next();
            if (message.seq() < before) {
                bytes += size(message);
                if (found.size() == limit || (bytes > pageBytes && !found.isEmpty())) {
                    more = true;
                    break;
                }
                found.addFirst(message);
            }
        }
        return new ChatFrame.History(name, found, more);
    }

    private ChatFrame.Members everybody() {
        return new ChatFrame.Members(
                name, seq, members.values().stream().map(Listener::person).toList());
    }

    boolean isFull() {
        lock.lock();
        try {
            return present() >= maxMembers;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: members whose connection has not broken. */
    private long present() {
        return members.values().stream().filter(member -> !isAway(member)).count();
    }

    private static boolean isAway(Listener member) {
        return member.person().state() == State.AWAY;
    }

    int members() {
        lock.lock();
        try {
            return members.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes nobody any more if everybody has left it.
     *
     * @param now also if that was only a moment ago
     */
    boolean closeIfLeft(boolean now) {
        lock.lock();
        try {
            closed |=
                    members.isEmpty()
                            && (now || System.nanoTime() - emptySince > KEPT_EMPTY.toNanos());
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** What a person said, through this worker if it went through one. */
    static Speaker person(Person member, @Nullable Long pid) {
        return new Speaker(member.id(), member.nick(), Kind.USER, pid);
    }

    private static String now() {
        return TIME.format(Instant.now());
    }
}
