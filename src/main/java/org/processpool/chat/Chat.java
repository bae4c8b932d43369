package org.processpool.chat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.processpool.chat.ChatFrame.Hello;
import org.processpool.chat.ChatFrame.ToClient;
import org.processpool.task.TaskName;

/**
 * The chat: who is there, in which rooms, under which names. Members of one tenant neither hear nor
 * see those of another; they only wait in the same line. Safe for use by any thread.
 *
 * <p>Invariants: a name that looks the same belongs to one member of a tenant at most; a member is
 * in {@code bySession} and {@code byId} from its welcome until it is gone; a room is in {@code
 * rooms} until it is closed, and closed only while nobody is in it.
 */
public final class Chat implements AutoCloseable {

    /** The room that is always there. */
    static final String LOBBY = "lobby";

    private static final int SESSION_BYTES = 18;
    private static final long RECONNECT_MILLIS = 2_000;

    /** How long it may take to tell those who were sent away. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final ChatConfig config;
    private final Seats seats;
    private final Alarm alarm;
    private final Function<TaskName, String> summaries;
    private final SecureRandom random = new SecureRandom();

    private final Map<String, Member> bySession = new ConcurrentHashMap<>();
    private final Map<String, Member> byId = new ConcurrentHashMap<>();

    /** Who has a name; while a newcomer is made, something that stands for it. */
    private final Map<Key, Object> nicks = new ConcurrentHashMap<>();

    private final Set<Connection> nameless = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final LongAdder messages = new LongAdder();

    /** By tenant. */
    private final Map<String, Room> lobbies = new ConcurrentHashMap<>();

    private final ReentrantLock roomsLock = new ReentrantLock();

    /** All but the lobbies. Guarded by {@code roomsLock}. */
    private final Map<Key, Room> rooms = new HashMap<>();

    private volatile boolean draining;

    /** A name, of a member or of a room, which each tenant has for itself. */
    private record Key(String tenant, String name) {}

    /**
     * An empty chat.
     *
     * @param seats where its members wait for workers
     * @param summaries what is told of a conversation; must not block
     */
    public Chat(ChatConfig config, Seats seats, Function<TaskName, String> summaries) {
        this(config, seats, summaries, new Alarm.Real());
    }

    Chat(ChatConfig config, Seats seats, Function<TaskName, String> summaries, Alarm alarm) {
        this.config = config;
        this.seats = seats;
        this.summaries = summaries;
        this.alarm = alarm;
    }

    ChatConfig config() {
        return config;
    }

    Seats seats() {
        return seats;
    }

    Alarm alarm() {
        return alarm;
    }

    // Connections

    /** Counts a connection; false if there are as many as may be, or the service ends. */
    boolean admit() {
        if (draining) {
            return false;
        }
        if (connections.incrementAndGet() > config.maxConnections()) {
            connections.decrementAndGet();
            return false;
        }
        return true;
    }

    /** A connection whose client has not said hello yet, or has now. */
    void nameless(Connection by, boolean still) {
        if (still) {
            nameless.add(by);
            if (draining) {
                by.close(CloseCode.RESTART, "the service restarts");
            }
        } else {
            nameless.remove(by);
        }
    }

    /** A connection that was admitted has ended. */
    void released() {
        connections.decrementAndGet();
    }

    /**
     * Somebody has said hello.
     *
     * @param entered gets the member, at once or on the thread of the session that is resumed
     */
    void enter(Hello hello, Connection by, Tongue tongue, Consumer<Member> entered) {
        ChatFrame.Resume resume = hello.resume();
        String session = resume == null ? null : resume.session();
        Member known = session == null ? null : bySession.get(session);
        Member before = known != null && known.isOf(by.caller()) ? known : null;
        if (before == null && draining) {
            by.close(CloseCode.RESTART, "the service restarts");
            return;
        }
        if (resume == null || before == null) {
            entered.accept(begin(hello, by, tongue, resume != null));
            return;
        }
        before.resume(
                by,
                tongue,
                resume.lastSeq(),
                () -> entered.accept(before),
                () -> entered.accept(begin(hello, by, tongue, true)));
    }

    private Member begin(Hello hello, Connection by, Tongue tongue, boolean hadSession) {
        List<ToClient> afterwards = new ArrayList<>();
        if (hadSession) {
            afterwards.add(
                    new ChatFrame.Notice(ChatFrame.Notice.Code.FRESH, Words.FRESH.in(tongue)));
        }
        Object token = new Object();
        String tenant = by.caller().tenant();
        String nick = claim(tenant, hello.nick(), token, tongue, afterwards);
        TaskName conversation = conversation(hello.conversation(), tongue, afterwards);
        Room room = room(tenant, hello.room(), tongue, afterwards);
        Member member;
        do {
            member =
                    new Member(
                            this,
                            by.caller(),
                            randomName(8),
                            secret(),
                            nick,
                            tongue,
                            conversation,
                            room);
            nicks.replace(key(tenant, nick), member);
        } while (byId.putIfAbsent(member.id(), member) != null);
        bySession.put(member.session(), member);
        member.enter(by, afterwards);
        if (draining) {
            member.drain();
        }
        return member;
    }

    private static Key key(String tenant, String nick) {
        return new Key(tenant, Texts.key(nick));
    }

    private String claim(
            String tenant,
            @Nullable String wanted,
            Object owner,
            Tongue tongue,
            List<ToClient> afterwards) {
        Optional<String> name = Texts.nick(wanted);
        if (name.isPresent() && nicks.putIfAbsent(key(tenant, name.get()), owner) == null) {
            return name.get();
        }
        String nick;
        do {
            nick = "guest-" + randomName(4);
        } while (nicks.putIfAbsent(key(tenant, nick), owner) != null);
        if (name.isPresent()) {
            afterwards.add(
                    new ChatFrame.Failure(
                            null,
                            Slug.NICK_TAKEN.says(Words.NICK_TAKEN.in(tongue, name.get(), nick))));
        } else if (wanted != null) {
            afterwards.add(
                    new ChatFrame.Failure(
                            null,
                            Slug.INVALID_NICK.says(Words.BAD_NICK.in(tongue, Texts.LONGEST_NAME))));
        }
        return nick;
    }

    private TaskName conversation(
            @Nullable String wanted, Tongue tongue, List<ToClient> afterwards) {
        if (wanted == null) {
            return config.defaultConversation();
        }
        Optional<TaskName> known =
                config.conversations().stream()
                        .filter(name -> name.value().equals(wanted))
                        .findFirst();
        if (known.isEmpty()) {
            List<String> names = config.conversations().stream().map(TaskName::value).toList();
            afterwards.add(
                    new ChatFrame.Failure(
                            null,
                            Slug.UNKNOWN_CONVERSATION.says(
                                    Words.NO_CONVERSATION.in(
                                            tongue,
                                            Texts.cut(wanted, 100),
                                            String.join(", ", names)))));
        }
        return known.orElse(config.defaultConversation());
    }

    private Room room(
            String tenant, @Nullable String wanted, Tongue tongue, List<ToClient> afterwards) {
        if (wanted == null) {
            return lobby(tenant);
        }
        Optional<String> name = Texts.room(wanted);
        if (name.isEmpty()) {
            afterwards.add(
                    new ChatFrame.Failure(
                            null,
                            Slug.INVALID_ROOM.says(Words.BAD_ROOM.in(tongue, Texts.LONGEST_NAME))));
            return lobby(tenant);
        }
        Optional<Room> found = room(tenant, name.get());
        if (found.isEmpty()) {
            afterwards.add(
                    new ChatFrame.Failure(
                            null,
                            Slug.ROOM_FULL.says(
                                    Words.TOO_MANY_ROOMS.in(tongue, config.maxRooms()))));
        }
        return found.orElseGet(() -> lobby(tenant));
    }

    // Members

    /**
     * Gives a member another name.
     *
     * @return whether it was free
     */
    boolean rename(Member member, String was, String wanted) {
        Key key = key(member.tenant(), wanted);
        Object owner = nicks.putIfAbsent(key, member);
        if (owner != null && owner != member) {
            return false;
        }
        Key old = key(member.tenant(), was);
        if (!old.equals(key)) {
            nicks.remove(old, member);
        }
        return true;
    }

    /** A member is gone. */
    void forget(Member member) {
        bySession.remove(member.session(), member);
        byId.remove(member.id(), member);
        nicks.remove(key(member.tenant(), member.nick()), member);
    }

    /** Members, those included whose connection broke a moment ago. */
    public int members() {
        return byId.size();
    }

    /** Messages that have gone through a worker so far. */
    public long messages() {
        return messages.sum();
    }

    /** Everybody of a tenant who is there, in the order of names. */
    public List<Guest> guests(String tenant) {
        return byId.values().stream()
                .filter(member -> member.tenant().equals(tenant))
                .map(Member::guest)
                .sorted(Comparator.comparing(Guest::nick).thenComparing(Guest::id))
                .toList();
    }

    /**
     * Sends a member away for good.
     *
     * @param tenant whose member
     * @param id what others know it by
     * @return whether it was there
     */
    public boolean dismiss(String tenant, String id) {
        Member member = byId.get(id);
        if (member == null || !member.tenant().equals(tenant)) {
            return false;
        }
        member.dismiss(ChatFrame.Reason.OPERATOR, CloseCode.OPERATOR, "closed by an operator");
        return true;
    }

    void countMessage() {
        messages.increment();
    }

    // Rooms

    /** The room of a tenant that is always there. */
    Room lobby(String tenant) {
        return lobbies.computeIfAbsent(tenant, _ -> newRoom(LOBBY));
    }

    /** A tenant's room of that name, opened if need be; empty if there are as many as may be. */
    Optional<Room> room(String tenant, String name) {
        if (name.equals(LOBBY)) {
            return Optional.of(lobby(tenant));
        }
        Key key = new Key(tenant, name);
        roomsLock.lock();
        try {
            Room known = rooms.get(key);
            if (known != null) {
                return Optional.of(known);
            }
            boolean full = isFull();
            rooms.values().removeIf(room -> room.closeIfLeft(full));
            if (isFull()) {
                return Optional.empty();
            }
            Room opened = newRoom(name);
            rooms.put(key, opened);
            return Optional.of(opened);
        } finally {
            roomsLock.unlock();
        }
    }

    /** With a lobby. */
    private boolean isFull() {
        return rooms.size() + 1 >= config.maxRooms();
    }

    private Room newRoom(String name) {
        return new Room(name, config.maxMembers(), config.maxUnsent() / 4);
    }

    /** A tenant's lobby, and its rooms that have members, the fullest first. */
    ChatFrame.RoomList rooms(String tenant) {
        List<Room> known = new ArrayList<>();
        known.add(lobby(tenant));
        roomsLock.lock();
        try {
            rooms.forEach((key, room) -> {
                if (key.tenant().equals(tenant)) {
                    known.add(room);
                }
            });
        } finally {
            roomsLock.unlock();
        }
        return new ChatFrame.RoomList(
                known.stream()
                        .map(room -> new ChatFrame.RoomList.Entry(room.name(), room.members()))
                        .filter(entry -> entry.members() > 0 || entry.room().equals(LOBBY))
                        .sorted(
                                Comparator.comparingInt(ChatFrame.RoomList.Entry::members)
                                        .reversed()
                                        .thenComparing(ChatFrame.RoomList.Entry::room))
                        .limit(100)
                        .toList());
    }

    ChatFrame.Failure roomFull(Room room, Tongue tongue, @Nullable String ref) {
        return new ChatFrame.Failure(
                ref != null && Texts.isRef(ref) ? ref : null,
                Slug.ROOM_FULL.says(Words.ROOM_FULL.in(tongue, room.name(), room.members())));
    }

    // What is told in a welcome

    ChatFrame.Limits limits() {
        return new ChatFrame.Limits(
                config.messageLimit(), Texts.LONGEST_NAME, config.messagesPerMinute());
    }

    ChatFrame.Server server() {
        return new ChatFrame.Server("Process Pool", config.version());
    }

    List<ChatFrame.Offer> offers() {
        return config.conversations().stream()
                .map(name -> new ChatFrame.Offer(name.value(), summaries.apply(name)))
                .toList();
    }

    // The end

    /** Said before the service ends: come back after a while, and not all at once. */
    ChatFrame.Draining goodbye() {
        return new ChatFrame.Draining(
                RECONNECT_MILLIS + ThreadLocalRandom.current().nextLong(RECONNECT_MILLIS));
    }

    /**
     * Takes nobody any more, neither into the line, and says goodbye. Blocks until the answers that
     * are under way have come, but not longer than the grace; then everybody is sent away.
     */
    public void drain(Duration grace) throws InterruptedException {
        draining = true;
        List<Member> there = List.copyOf(byId.values());
        there.forEach(Member::drain);
        nameless.forEach(by -> by.close(CloseCode.RESTART, "the service restarts"));
        seats.close(); // who waits there was told before why
        CompletableFuture<Void> all =
                CompletableFuture.allOf(
                        there.stream().map(Member::gone).toArray(CompletableFuture[]::new));
        try {
            all.get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            dismiss(there, all);
        } catch (InterruptedException hurry) {
            dismiss(there, all);
            throw hurry;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible); // they are only ever completed with null
        }
    }

    private static void dismiss(List<Member> there, CompletableFuture<Void> all) {
        there.forEach(member ->
                member.dismiss(ChatFrame.Reason.LOST, CloseCode.RESTART, "the service restarts"));
        all.completeOnTimeout(null, LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS).join();
    }

    /** Ends what is left: call {@link #drain} before. */
    @Override
    public void close() {
        draining = true;
        if (alarm instanceof Alarm.Real real) {
            real.close();
        }
    }

    private String secret() {
        byte[] bytes = new byte[SESSION_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** So many characters that can be read aloud; no secret. */
    private static String randomName(int length) {
        return ThreadLocalRandom.current()
                .ints(length, 0, 32)
                .mapToObj(i -> "abcdefghijkmnpqrstuvwxyz23456789".substring(i, i + 1))
                .reduce("", String::concat);
    }
}
