package org.processpool.chat;

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
import org.processpool.chat.ChatFrame.ToClient;

/**
 * People who hear each other.
 *
 * <p>Invariants, under the lock:
 *
 * <ul>
 *   <li>What happens is numbered 1, 2, 3 … and handed to every member in that order; so each hears
 *       each number once per connection, and without a gap from its welcome on.
 *   <li>{@code recent} has the last {@value #RECENT} of them, {@code messages} the last {@value
 *       #MESSAGES} that are messages.
 *   <li>Handing over only puts something into the queue of a connection: nobody is waited for.
 * </ul>
 */
final class Room {

    /** What somebody whose connection broke can still be told. */
    static final int RECENT = 200;

    /** Messages that can be read back. */
    static final int MESSAGES = 1_000;

    /** Most messages of one answer to {@code history}. */
    static final int PAGE = 100;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final String name;
    private final int maxMembers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Listener> members = new LinkedHashMap<>();
    private final Deque<Event> recent = new ArrayDeque<>();
    private final Deque<Message> messages = new ArrayDeque<>();
    private long seq;
    private boolean closed;

    /** Somebody in a room. */
    interface Listener {

        /** The member's public id. */
        String id();

        /** As others see it. Called under the lock of the room; must not block. */
        Person person();

        /** Is told something. Called under the lock of the room; must not block. */
        void hear(Shared frame);
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

    Room(String name, int maxMembers) {
        this.name = name;
        this.maxMembers = maxMembers;
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
            if (closed || members.size() >= maxMembers) {
                return false;
            }
            happened(
                    new ChatFrame.Joined(name, ++seq, now(), newcomer.person()),
                    newcomer.id(),
                    null);
            members.put(newcomer.id(), newcomer);
            arrival.welcome(seq, 0);
            newcomer.hear(new Shared(present()));
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
            long oldest = recent.isEmpty() ? seq + 1 : recent.getFirst().seq();
            long missed = Math.max(0, oldest - 1 - Math.max(0, lastSeq));
            arrival.welcome(seq, missed);
            member.hear(new Shared(present()));
            for (Event event : recent) {
                if (event.seq() > lastSeq) {
                    member.hear(event.asToldTo(member.id()));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Somebody is not here any more. */
    void leave(Listener member, Reason reason) {
        lock.lock();
        try {
            if (members.remove(member.id()) != null) {
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
            if (messages.size() > MESSAGES) {
                messages.removeFirst();
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
        if (recent.size() > RECENT) {
            recent.removeFirst();
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
        for (var from = messages.descendingIterator(); from.hasNext(); ) {
            Message message = from.next();
            if (message.seq() < before) {
                if (found.size() == limit) {
                    more = true;
                    break;
                }
                found.addFirst(message);
            }
        }
        return new ChatFrame.History(name, found, more);
    }

    private ChatFrame.Members present() {
        return new ChatFrame.Members(
                name, seq, members.values().stream().map(Listener::person).toList());
    }

    boolean isFull() {
        lock.lock();
        try {
            return members.size() >= maxMembers;
        } finally {
            lock.unlock();
        }
    }

    int members() {
        lock.lock();
        try {
            return members.size();
        } finally {
            lock.unlock();
        }
    }

    /** Takes nobody any more if nobody is in it. */
    boolean closeIfEmpty() {
        lock.lock();
        try {
            closed |= members.isEmpty();
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
