package org.processpool.chat;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.processpool.chat.ChatFrame.FromClient;
import org.processpool.chat.ChatFrame.Interruption;
import org.processpool.chat.ChatFrame.Kind;
import org.processpool.chat.ChatFrame.Person;
import org.processpool.chat.ChatFrame.Reason;
import org.processpool.chat.ChatFrame.Speaker;
import org.processpool.chat.ChatFrame.State;
import org.processpool.chat.ChatFrame.ToClient;
import org.processpool.chat.Standing.Answering;
import org.processpool.chat.Standing.Gone;
import org.processpool.chat.Standing.Reading;
import org.processpool.chat.Standing.Ready;
import org.processpool.chat.Standing.Replaying;
import org.processpool.chat.Standing.Said;
import org.processpool.chat.Standing.Ticket;
import org.processpool.chat.Standing.Turn;
import org.processpool.chat.Standing.Waiting;
import org.processpool.pool.CallException;
import org.processpool.pool.OpenConversation;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolRejectedException;
import org.processpool.security.Caller;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/**
 * Somebody who talks: one session, over one connection at a time, with one worker at a time.
 *
 * <p>Everything happens in its mailbox, one thing after the other, so nothing here is locked. What
 * rooms read from other threads is volatile.
 */
@SuppressWarnings("ReferenceEquality") // a connection, a room, a worker is itself and no other
final class Member implements Room.Listener {

    private static final Logger LOG = Logger.getLogger(Member.class);

    /** Messages that may wait for their turn; one more is refused. */
    static final int PENDING = 16;

    /** What is remembered for the next worker: so many messages, of so many characters in all. */
    private static final int REMEMBERED = 50;

    private static final int REMEMBERED_LENGTH = 64 << 10;

    /** Characters of an answer that are told. */
    private static final int LONGEST_ANSWER = 32 << 10;

    /**
     * How long its worker is kept for it although somebody waits: a page is loaded anew in that.
     */
    private static final Duration KEPT_AWAY = Duration.ofSeconds(3);

    private static final Duration TYPING_GAP = Duration.ofMillis(500);

    private final Chat chat;
    private final Caller caller;
    private final String id;
    private final String session;
    private final TaskName conversation;
    private final boolean relayed;
    private final Mailbox mailbox = new Mailbox("process-pool-chat-member");
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final Optional<Bucket> quota;

    private volatile String nick;
    private volatile State seen = State.READING;
    private volatile @Nullable Connection connection;

    // the mailbox's own
    private Standing standing = new Reading();
    private Room room;
    private Tongue tongue;
    private final Deque<Said> pending = new ArrayDeque<>();
    private final Deque<String> remembered = new ArrayDeque<>();
    private int rememberedLength;
    private Seats.@Nullable Place place;
    private ChatFrame.@Nullable Assigned assigned;
    private long heardAt;
    private long typedAt;
    private boolean warned;
    private boolean draining;

    /** Whether the room has it. */
    private boolean present;

    /** Whether its connection broke and it may come back. */
    private boolean away;

    /** How often its connection broke; an alarm of an earlier time means nothing. */
    private int absences;

    /** Whether it lost its worker without wishing so, and is to get another before others. */
    private boolean owed;

    /** Workers that have died since one of them last answered. */
    private int deaths;

    private Runnable idleAlarm = () -> {};
    private Runnable graceAlarm = () -> {};
    private Runnable spareAlarm = () -> {};

    Member(
            Chat chat,
            Caller caller,
            String id,
            String session,
            String nick,
            Tongue tongue,
            TaskName conversation,
            Room room) {
        this.chat = chat;
        this.caller = caller;
        this.id = id;
        this.session = session;
        this.nick = nick;
        this.tongue = tongue;
        this.conversation = conversation;
        this.room = room;
        relayed = chat.config().relays().contains(conversation);
        int perMinute = chat.config().messagesPerMinute();
        quota =
                perMinute == 0
                        ? Optional.empty()
                        : Optional.of(
                                Bucket.builder()
                                        .addLimit(
                                                Bandwidth.builder()
                                                        .capacity(perMinute)
                                                        .refillGreedy(
                                                                perMinute, Duration.ofMinutes(1))
                                                        .build())
                                        .build());
        heardAt = chat.alarm().nanos();
        typedAt = heardAt - TYPING_GAP.toNanos();
    }

    @Override
    public String id() {
        return id;
    }

    String tenant() {
        return caller.tenant();
    }

    /** Whether it is that caller's session, whatever role they have by now. */
    boolean isOf(Caller other) {
        return caller.name().equals(other.name()) && tenant().equals(other.tenant());
    }

    String session() {
        return session;
    }

    String nick() {
        return nick;
    }

    /** Completed once it is a member no more. */
    CompletableFuture<Void> gone() {
        return gone;
    }

    @Override
    public Person person() {
        return new Person(id, nick, seen);
    }

    @Override
    public void hear(Shared frame) {
        Connection to = connection;
        if (to != null) {
            to.send(frame);
        }
    }

    private void tell(ToClient frame) {
        hear(new Shared(frame));
    }

    @Override
    public void makeRoom() {
        mailbox.execute(() -> {
            if (away) {
                end(Reason.LOST, null, "");
            }
        });
    }

    // Coming and going

    /**
     * Comes in for the first time: into the line and into the room, or is refused.
     *
     * @param afterwards what else is to be told
     */
    void enter(Connection by, List<ToClient> afterwards) {
        mailbox.execute(() -> {
            if (standing instanceof Gone) { // sent away before it was in
                by.close(CloseCode.RESTART, "come back in a moment");
                return;
            }
            if (!takeSeat(false, by)) {
                end(Reason.POLICY, null, "");
                return;
            }
            Room.Arrival arrival =
                    (seq, _) -> {
                        connection = by;
                        tell(welcome(false, 0, seq));
                    };
            if (!room.join(this, arrival)) {
                Room full = room;
                room = chat.lobby(tenant());
                if (full == room || !room.join(this, arrival)) {
                    by.close(CloseCode.LINE_FULL, "the room is full");
                    end(Reason.POLICY, null, "");
                    return;
                }
                tell(chat.roomFull(full, tongue, null));
            }
            present = true;
            afterwards.forEach(this::tell);
            tellPlace();
            if (assigned != null) {
                tell(assigned);
            }
            setIdleAlarm();
        });
    }

    /**
     * Comes back over another connection.
     *
     * @param lastSeq number of the last thing of the room that was heard
     * @param resumed told once it is back
     * @param refused told if the member has gone in the meantime
     */
    void resume(Connection by, Tongue spoken, long lastSeq, Runnable resumed, Runnable refused) {
        mailbox.execute(() -> {
            if (standing instanceof Gone) {
                refused.run();
                return;
            }
            resumed.run();
            Connection before = connection;
            if (before != null) {
                before.close(CloseCode.OPENED_ELSEWHERE, "the session was opened elsewhere");
            }
            graceAlarm.run();
            spareAlarm.run();
            away = false;
            tongue = spoken;
            heard();
            room.rejoin(
                    this,
                    lastSeq,
                    (seq, missed) -> {
                        connection = by;
                        tell(welcome(true, missed, seq));
                    });
            standing.goingBy().ifPresent(ticket -> ticket.absent(false));
            if (standing instanceof Reading && owed && !draining) {
                boolean _ = takeSeat(true, null);
            }
            tellPlace();
            if (assigned != null) {
                tell(assigned);
            }
            appears();
            if (draining) {
                tell(chat.goodbye());
            }
        });
    }

    private ChatFrame.Welcome welcome(boolean resumed, long missed, long seq) {
        return new ChatFrame.Welcome(
                session,
                id,
                nick,
                room.name(),
                ChatFrame.PROTOCOL,
                chat.limits(),
                chat.server(),
                conversation.value(),
                chat.offers(),
                resumed,
                missed,
                seq);
    }

    /** A connection has broken or was closed by its client. */
    void disconnected(Connection by, int code) {
        mailbox.execute(() -> {
            if (connection != by || standing instanceof Gone) {
                return;
            }
            connection = null;
            Duration grace = chat.config().resumeGrace();
            if (!mayComeBack(code) || grace.isZero() || draining) {
                end(code == CloseCode.BYE.number() ? Reason.BYE : Reason.LOST, null, "");
                return;
            }
            away = true;
            appears();
            int absence = ++absences;
            graceAlarm.run();
            spareAlarm.run();
            graceAlarm = whileAway(absence, grace, () -> end(Reason.LOST, null, ""));
            spareAlarm =
                    whileAway(
                            absence,
                            KEPT_AWAY,
                            () -> standing.goingBy().ifPresent(ticket -> ticket.absent(true)));
        });
    }

    /** Does something later if it has not come back by then. */
    private Runnable whileAway(int absence, Duration delay, Runnable deed) {
        return chat.alarm()
                .in(
                        delay,
                        () ->
                                mailbox.execute(() -> {
                                    if (away && absences == absence) {
                                        deed.run();
                                    }
                                }));
    }

    /** Whether a client connects again after this code. */
    private static boolean mayComeBack(int code) {
        return switch (code) {
            case 1001, 1005, 1006, 1011, 1012, 1013 -> true;
            default -> false;
        };
    }

    /** Is sent away. */
    void dismiss(Reason reason, CloseCode code, String why) {
        mailbox.execute(() -> end(reason, code, why));
    }

    /** Its client has sent what nobody may send. */
    void misbehaved(Connection by, CloseCode code, String why) {
        mailbox.execute(() -> {
            if (connection == by) {
                end(Reason.POLICY, code, why);
            }
        });
    }

    /** The service ends: the answer under way may still come. */
    void drain() {
        mailbox.execute(() -> {
            if (standing instanceof Gone) {
                return;
            }
            draining = true;
            pending.clear();
            tell(chat.goodbye());
            if (!(standing instanceof Answering)) {
                end(Reason.LOST, CloseCode.RESTART, "the service restarts");
            }
        });
    }

    /** Is a member no more; idempotent. */
    private void end(Reason reason, @Nullable CloseCode code, String why) {
        if (standing instanceof Gone) {
            return;
        }
        standing.goingBy().ifPresent(Ticket::leave);
        if (standing instanceof Answering(_, _, Turn turn)) {
            noMoreOf(turn);
        }
        standing = new Gone();
        idleAlarm.run();
        graceAlarm.run();
        spareAlarm.run();
        Connection last = connection;
        connection = null;
        room.leave(this, reason);
        chat.forget(this);
        if (last != null && code != null) {
            last.close(code, why);
        }
        gone.complete(null);
    }

    // What its client says

    /** Does what a client asks for. Calls the receipt once it has been dealt with. */
    void said(Connection by, FromClient frame, Runnable receipt) {
        mailbox.execute(() -> {
            try {
                if (connection == by && !(standing instanceof Gone)) {
                    act(frame);
                }
            } finally {
                receipt.run();
            }
        });
    }

    private void act(FromClient frame) {
        if (!(frame instanceof ChatFrame.Ping || frame instanceof ChatFrame.Writing)) {
            heard();
        }
        switch (frame) {
            case ChatFrame.Hello _ -> refuse(null, Slug.BAD_MESSAGE, Words.SAID_TWICE.in(tongue));
            case ChatFrame.Say say -> say(say);
            case ChatFrame.Nick(String wanted, String ref) -> rename(wanted, ref);
            case ChatFrame.Join(String wanted, String ref) -> join(wanted, ref);
            case ChatFrame.Leave(String from, String ref) -> leave(from, ref);
            case ChatFrame.ListRooms _ -> tell(chat.rooms(tenant()));
            case ChatFrame.Writing(boolean on) -> typing(on);
            case ChatFrame.ReadBack(Long before, Integer limit) ->
                    tell(
                            room.history(
                                    before == null ? Long.MAX_VALUE : before,
                                    limit == null
                                            ? Room.PAGE / 2
                                            : Math.clamp(limit, 1, Room.PAGE)));
            case ChatFrame.Cancel _ -> {
                if (standing instanceof Answering answering) {
                    answering.turn().cancel();
                }
            }
            case ChatFrame.LeaveQueue _ -> {
                if (standing instanceof Waiting(Ticket ticket)) {
                    ticket.leave();
                    owed = false;
                    stands(new Reading());
                    refuseAll(Words.GAVE_UP.in(tongue));
                }
            }
            case ChatFrame.Bye _ -> end(Reason.BYE, CloseCode.BYE, "bye");
            case ChatFrame.Ping _ -> tell(new ChatFrame.Pong());
        }
    }

    private void say(ChatFrame.Say say) {
        String ref = say.ref();
        String text = say.text();
        if (ref == null || !Texts.isRef(ref)) {
            refuse(null, Slug.BAD_MESSAGE, Words.BAD_REF.in(tongue, Texts.LONGEST_REF));
        } else if (text == null || text.isBlank()) {
            refuse(ref, Slug.BAD_MESSAGE, Words.EMPTY.in(tongue));
        } else if (!Texts.isWellFormed(text)) {
            refuse(ref, Slug.BAD_MESSAGE, Words.NOT_TEXT.in(tongue));
        } else if (Texts.codePoints(text) > chat.config().messageLimit()) {
            refuse(
                    ref,
                    Slug.TOO_LONG,
                    Words.TOO_LONG.in(
                            tongue, chat.config().messageLimit(), Texts.codePoints(text)));
        } else if (pending.size() >= PENDING) {
            refuse(ref, Slug.BUSY, Words.STILL_BUSY.in(tongue, pending.size()));
        } else if (mayTalk(ref)) {
            pending.add(new Said(ref, text, room));
            if (standing instanceof Reading && !takeSeat(owed, null)) {
                pending.clear();
            }
            next();
        }
    }

    private boolean mayTalk(@Nullable String ref) {
        if (quota.isEmpty()) {
            return true;
        }
        ConsumptionProbe asked = quota.get().tryConsumeAndReturnRemaining(1);
        if (!asked.isConsumed()) {
            long millis = Math.max(1, asked.getNanosToWaitForRefill() / 1_000_000);
            tell(
                    new ChatFrame.Failure(
                            ref != null && Texts.isRef(ref) ? ref : null,
                            Slug.RATE_LIMITED.says(
                                    Words.TOO_MANY_MESSAGES.in(
                                            tongue,
                                            chat.config().messagesPerMinute(),
                                            (millis + 999) / 1000),
                                    millis)));
        }
        return asked.isConsumed();
    }

    private void rename(@Nullable String wanted, @Nullable String ref) {
        Optional<String> name = Texts.nick(wanted);
        if (!mayTalk(ref)) {
            return; // everybody would hear of it
        }
        if (name.isEmpty()) {
            refuse(ref, Slug.INVALID_NICK, Words.BAD_NICK.in(tongue, Texts.LONGEST_NAME));
        } else if (!chat.rename(this, nick, name.get())) {
            refuse(ref, Slug.NICK_TAKEN, Words.NICK_TAKEN.in(tongue, name.get(), nick));
        } else {
            String was = nick;
            nick = name.get();
            if (!was.equals(nick)) {
                room.renamed(new Person(id, nick), was);
            }
            done(ref);
        }
    }

    private void join(@Nullable String wanted, @Nullable String ref) {
        Optional<String> name = Texts.room(wanted);
        if (name.isEmpty()) {
            refuse(ref, Slug.INVALID_ROOM, Words.BAD_ROOM.in(tongue, Texts.LONGEST_NAME));
        } else if (!name.get().equals(room.name())) {
            move(name.get(), ref);
        } else {
            done(ref);
        }
    }

    private void leave(@Nullable String from, @Nullable String ref) {
        if (from != null && !Texts.room(from).equals(Optional.of(room.name()))) {
            refuse(ref, Slug.NOT_FOUND, Words.NOT_IN_ROOM.in(tongue, Texts.cut(from, 100)));
        } else if (room != chat.lobby(tenant())) {
            move(Chat.LOBBY, ref);
        } else {
            done(ref);
        }
    }

    private void move(String name, @Nullable String ref) {
        if (!mayTalk(ref)) {
            return; // two rooms would hear of it
        }
        Optional<Room> next = chat.room(tenant(), name);
        if (next.isEmpty()) {
            refuse(ref, Slug.ROOM_FULL, Words.TOO_MANY_ROOMS.in(tongue, chat.config().maxRooms()));
            return;
        }
        if (next.get().isFull()) {
            tell(chat.roomFull(next.get(), tongue, ref));
            return;
        }
        // first out, so that nothing of the old room is heard after the first word of the new one
        Room before = room;
        Connection over = connection;
        connection = null;
        before.leave(this, Reason.MOVED);
        Room.Arrival arrival =
                (_, _) -> {
                    connection = over;
                    done(ref);
                };
        room = next.get();
        if (!room.join(this, arrival)) {
            connection = over;
            tell(chat.roomFull(room, tongue, ref));
            room = before;
            if (!room.join(this, (_, _) -> {})) {
                room = chat.lobby(tenant());
                if (!room.join(this, (_, _) -> {})) {
                    end(Reason.POLICY, CloseCode.LINE_FULL, "the room is full");
                }
            }
        }
    }

    private void typing(boolean on) {
        long now = chat.alarm().nanos();
        if (!on || now - typedAt >= TYPING_GAP.toNanos()) {
            typedAt = on ? now : typedAt;
            room.tell(new ChatFrame.Typing(new Person(id, nick), on), this);
        }
    }

    private void refuse(@Nullable String ref, Slug slug, String detail) {
        String named = ref != null && Texts.isRef(ref) ? ref : null;
        tell(new ChatFrame.Failure(named, slug.says(detail)));
    }

    private void done(@Nullable String ref) {
        if (ref != null && Texts.isRef(ref)) {
            tell(new ChatFrame.Ack(ref, null));
        }
    }

    // Its worker

    /** What the line tells; each belongs to one ticket. */
    private final class Attendance implements Seats.Guest {

        private final Ticket ticket;

        Attendance(Ticket ticket) {
            this.ticket = ticket;
        }

        private void mine(Runnable deed) {
            mailbox.execute(() -> {
                if (standing.goesBy(ticket)) {
                    deed.run();
                }
            });
        }

        @Override
        public void waits(Seats.Place now) {
            mine(() -> {
                if (standing instanceof Waiting) {
                    place = now;
                    tellPlace();
                }
            });
        }

        @Override
        public void seated(OpenConversation with, Duration waited) {
            mine(() -> {
                place = null;
                owed = false;
                heard();
                assigned =
                        new ChatFrame.Assigned(
                                new ChatFrame.Worker(with.worker(), with.pid()), waited.toMillis());
                tell(assigned);
                stands(new Replaying(ticket, with));
                with.onLost(() -> mine(() -> workerDied(with)));
                replay(with, List.copyOf(remembered).iterator());
            });
        }

        @Override
        public void refused(RuntimeException why) {
            mine(() -> {
                LOG.debugf(why, "no worker for member %s", id);
                stands(new Reading());
                boolean unknown = why instanceof CallException.TaskFailed;
                end(
                        Reason.POLICY,
                        unknown
                                ? CloseCode.POLICY
                                : draining ? CloseCode.RESTART : CloseCode.LINE_FULL,
                        unknown ? "no worker can have this conversation" : "no worker can be had");
            });
        }

        @Override
        public void evicted() {
            mine(() -> {
                if (standing instanceof Answering(_, OpenConversation with, Turn turn)) {
                    tellInterrupted(
                            turn, Interruption.RECYCLED, Words.RECYCLED.in(tongue, with.pid()));
                }
                owed = true;
                if (draining) {
                    end(Reason.LOST, CloseCode.RESTART, "the service restarts");
                } else if (away) {
                    stands(new Reading());
                } else { // it came back in this very moment
                    boolean _ = takeSeat(true, null);
                }
            });
        }
    }

    /**
     * Stands in line.
     *
     * @param again whether it had a worker
     * @param by the connection to close if there is no place for it; null to tell it and go on
     * @return whether it is in line now
     */
    private boolean takeSeat(boolean again, @Nullable Connection by) {
        Ticket ticket = new Ticket();
        stands(new Waiting(ticket));
        try {
            ticket.of(chat.seats().take(conversation, again, new Attendance(ticket)));
            return true;
        } catch (LineFullException full) {
            stands(new Reading());
            if (by != null) {
                by.close(CloseCode.LINE_FULL, String.valueOf(full.getMessage()));
            } else {
                refuseAll(Words.LINE_FULL.in(tongue));
            }
        } catch (PoolRejectedException | IllegalStateException ended) {
            LOG.debugf(ended, "no place in line for member %s", id);
            stands(new Reading());
            if (by != null) {
                by.close(CloseCode.LINE_FULL, "no worker can be had now");
            } else {
                refuseAll(Words.NO_WORKERS.in(tongue));
            }
        }
        return false;
    }

    private void refuseAll(String why) {
        pending.forEach(said -> refuse(said.ref(), Slug.BUSY, why));
        pending.clear();
    }

    private void tellPlace() {
        Seats.Place at = place;
        if (at != null && standing instanceof Waiting) {
            tell(
                    new ChatFrame.Queued(
                            at.position(),
                            at.position() - 1,
                            at.busy(),
                            at.size(),
                            at.estimate().map(Duration::toMillis).orElse(null)));
        }
    }

    /** Stands otherwise from now on, which others may see. */
    private void stands(Standing next) {
        standing = next;
        if (next.conversation().isEmpty()) {
            assigned = null;
        }
        if (!(next instanceof Waiting)) {
            place = null;
        }
        appears();
    }

    private void appears() {
        State now = away ? State.AWAY : standing.seen();
        if (now != seen) {
            seen = now;
            if (present) {
                room.tell(new ChatFrame.Presence(person()));
            }
        }
    }

    /** Says the next of what was said before to the new worker, then lets it listen. */
    private void replay(OpenConversation with, Iterator<String> before) {
        if (!(standing instanceof Replaying(Ticket ticket, OpenConversation now)) || now != with) {
            return;
        }
        if (!before.hasNext()) {
            stands(new Ready(ticket, with));
            next();
            return;
        }
        try {
            with.replayAsync(before.next())
                    .callback(
                            _ -> mailbox.execute(() -> replay(with, before)),
                            failed -> mailbox.execute(() -> replayFailed(with, before, failed)));
        } catch (IllegalStateException over) {
            LOG.debugf(over, "the worker of member %s died before it was told all", id);
            // onLost tells
        }
    }

    private void replayFailed(
            OpenConversation with, Iterator<String> before, CallException failed) {
        if (failed instanceof CallException.TaskFailed) {
            replay(with, before); // as it failed the first time
        } else if (standing instanceof Replaying(_, OpenConversation now) && now == with) {
            // what kills workers is not said to one after the other
            LOG.debugf(failed, "what was said by member %s is not said again", id);
            forgetAll();
            if (!with.lost() && standing instanceof Replaying(Ticket ticket, _)) {
                stands(new Ready(ticket, with)); // it gave up by itself, and lives
                next();
            } // else onLost tells
        }
    }

    private void forgetAll() {
        if (remembered.isEmpty()) {
            return;
        }
        remembered.clear();
        rememberedLength = 0;
        tell(new ChatFrame.Notice(ChatFrame.Notice.Code.HISTORY_LOST, Words.FORGOTTEN.in(tongue)));
    }

    private void remember(String text) {
        remembered.addLast(text);
        rememberedLength += text.length();
        while (remembered.size() > REMEMBERED || rememberedLength > REMEMBERED_LENGTH) {
            rememberedLength -= remembered.removeFirst().length();
        }
    }

    /** Lets the worker answer what was said next, if it is free. */
    private void next() {
        if (!(standing instanceof Ready(Ticket ticket, OpenConversation with))
                || pending.isEmpty()) {
            return;
        }
        if (with.lost()) {
            return; // onLost tells
        }
        Said said = pending.remove();
        long seq = 0;
        if (!relayed) {
            seq =
                    said.where()
                            .say(this, Room.person(person(), null), said.text(), said.ref(), null);
            tell(new ChatFrame.Ack(said.ref(), seq));
        }
        Turn turn = new Turn(said, seq, chat.alarm().nanos());
        stands(new Answering(ticket, with, turn));
        Consumer<Payload> onPart = relayed ? null : part -> mailbox.execute(() -> part(turn, part));
        try {
            turn.of(
                    with.sayAsync(said.text(), onPart)
                            .callback(
                                    reply -> mailbox.execute(() -> answered(turn, reply)),
                                    why -> mailbox.execute(() -> failed(turn, why))));
        } catch (IllegalStateException over) {
            LOG.debugf(over, "the worker of member %s died before it was spoken to", id);
            if (relayed) {
                pending.addFirst(said); // nobody has heard it
            }
            workerGone(
                    relayed ? null : turn,
                    Interruption.WORKER_CRASHED,
                    Words.CRASHED.in(tongue, with.pid()));
        } catch (PoolRejectedException.PayloadTooLarge tooLarge) {
            turnFailed(turn, String.valueOf(tooLarge.getMessage()));
        }
    }

    private boolean isUnderWay(Turn turn) {
        return standing instanceof Answering answering && answering.turn() == turn;
    }

    private void part(Turn turn, Payload part) {
        if (!isUnderWay(turn)) {
            return;
        }
        try {
            String text = Texts.cut(Spoken.text(part), LONGEST_ANSWER);
            int index = turn.part(text, LONGEST_ANSWER);
            if (index >= 0) {
                turn.said.where().tell(new ChatFrame.Delta(turn.seq, index, text));
            }
        } catch (IOException garbled) {
            LOG.debugf(garbled, "a part of an answer to member %s cannot be read", id);
        }
    }

    private void answered(Turn turn, Payload reply) {
        if (!(standing instanceof Answering(Ticket ticket, OpenConversation with, Turn now))
                || now != turn) {
            return;
        }
        String text;
        try {
            text = Texts.cut(Spoken.text(reply), LONGEST_ANSWER);
        } catch (IOException garbled) {
            turnFailed(turn, String.valueOf(garbled.getMessage()));
            return;
        }
        deaths = 0;
        remember(turn.said.text());
        if (relayed) {
            long seq =
                    turn.said
                            .where()
                            .say(
                                    this,
                                    Room.person(person(), with.pid()),
                                    text,
                                    turn.said.ref(),
                                    null);
            tell(new ChatFrame.Ack(turn.said.ref(), turn.said.where() == room ? seq : null));
        } else {
            if (!text.isEmpty()) {
                Speaker worker = new Speaker(id, conversation.value(), Kind.WORKER, with.pid());
                turn.said.where().say(this, worker, text, null, turn.seq);
            }
            turn.said.where().tell(new ChatFrame.Done(turn.seq, millis(turn)));
        }
        chat.countMessage();
        goOn(new Ready(ticket, with));
    }

    private long millis(Turn turn) {
        return (chat.alarm().nanos() - turn.started) / 1_000_000;
    }

    /** The turn is over. */
    private void goOn(Standing next) {
        heard();
        stands(next);
        if (draining) {
            end(Reason.LOST, CloseCode.RESTART, "the service restarts");
        } else {
            next();
        }
    }

    private void turnFailed(Turn turn, String why) {
        if (standing instanceof Answering(Ticket ticket, OpenConversation with, Turn now)
                && now == turn) {
            refuse(
                    turn.said.ref(),
                    Slug.TURN_FAILED,
                    Words.TURN_FAILED.in(tongue, Texts.cut(why, 300)));
            noMoreOf(turn);
            goOn(new Ready(ticket, with));
        }
    }

    private void failed(Turn turn, CallException why) {
        if (!(standing instanceof Answering(Ticket ticket, OpenConversation with, Turn now))
                || now != turn) {
            return;
        }
        boolean dead = with.lost();
        long pid = with.pid();
        switch (why.outcome()) {
            case Outcome.Failed _, Outcome.Done _ ->
                    turnFailed(turn, String.valueOf(why.getMessage()));
            case Outcome.Cancelled _ ->
                    interrupted(
                            turn,
                            dead,
                            Interruption.CANCELLED,
                            dead ? Words.STOPPED_HARD.in(tongue, pid) : Words.STOPPED.in(tongue));
            case Outcome.TimedOut(Duration limit, _, _) ->
                    interrupted(
                            turn,
                            dead,
                            Interruption.TIMEOUT,
                            dead
                                    ? Words.RAN_TOO_LONG.in(tongue, pid, seconds(limit))
                                    : Words.TOO_LONG_STOPPED.in(tongue, seconds(limit)));
            case Outcome.MemoryExceeded _ ->
                    interrupted(
                            turn,
                            dead,
                            Interruption.MEMORY_LIMIT,
                            Words.OUT_OF_MEMORY.in(tongue, pid));
            case Outcome.Crashed(_, _, _, var reason, _) -> {
                boolean asked = reason == org.processpool.pool.ExitReason.KILLED;
                interrupted(
                        turn,
                        dead,
                        asked ? Interruption.RECYCLED : Interruption.WORKER_CRASHED,
                        (asked ? Words.RECYCLED : Words.CRASHED).in(tongue, pid));
            }
            case Outcome.Abandoned _, Outcome.QueueTimedOut _ -> {
                if (dead && relayed) {
                    pending.addFirst(turn.said); // its worker died under another's call
                }
                if (dead) {
                    workerGone(
                            relayed ? null : turn,
                            Interruption.WORKER_CRASHED,
                            Words.CRASHED.in(tongue, pid));
                } else {
                    end(Reason.LOST, CloseCode.RESTART, "the pool of workers has ended");
                }
            }
        }
    }

    private static String seconds(Duration limit) {
        return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
    }

    private void interrupted(Turn turn, boolean dead, Interruption reason, String text) {
        if (dead) {
            workerGone(turn, reason, text);
        } else if (standing instanceof Answering(Ticket ticket, OpenConversation with, _)) {
            tellInterrupted(turn, reason, text);
            goOn(new Ready(ticket, with));
        }
    }

    private void tellInterrupted(@Nullable Turn turn, Interruption reason, String text) {
        tell(
                new ChatFrame.Interrupted(
                        reason,
                        turn == null || turn.seq == 0 ? null : turn.seq,
                        turn == null ? null : turn.said.ref(),
                        text));
        if (turn != null) {
            noMoreOf(turn);
        }
    }

    /** Others see that no more of this answer comes. */
    private void noMoreOf(Turn turn) {
        if (!relayed) {
            turn.said.where().tell(new ChatFrame.Done(turn.seq, millis(turn)));
        }
    }

    /** The worker died while it listened; while it answers, the end of the turn says more. */
    private void workerDied(OpenConversation with) {
        switch (standing) {
            case Ready(_, OpenConversation now) when now == with ->
                    workerGone(
                            null,
                            Interruption.WORKER_CRASHED,
                            Words.CRASHED.in(tongue, with.pid()));
            case Replaying(_, OpenConversation now) when now == with -> {
                forgetAll(); // it may have been what was said again
                workerGone(null, Interruption.WORKER_CRASHED, Words.CRASHED.in(tongue, with.pid()));
            }
            case Ready _, Replaying _, Answering _, Waiting _, Reading _, Gone _ -> {}
        }
    }

    /** Goes on with another worker. */
    private void workerGone(@Nullable Turn turn, Interruption reason, String text) {
        standing.goingBy().ifPresent(Ticket::leave);
        tellInterrupted(turn, reason, text);
        if (++deaths > 1) {
            forgetAll(); // one may have left something behind that kills the next
        }
        owed = true;
        if (draining) {
            end(Reason.LOST, CloseCode.RESTART, "the service restarts");
        } else if (away) {
            stands(new Reading()); // until it comes back
        } else {
            boolean _ = takeSeat(true, null);
        }
    }

    // Being there

    private void heard() {
        heardAt = chat.alarm().nanos();
        warned = false;
    }

    private void setIdleAlarm() {
        Duration silent = Duration.ofNanos(chat.alarm().nanos() - heardAt);
        Duration limit = chat.config().idleTimeout();
        Duration left = (warned ? limit : limit.minus(ChatConfig.IDLE_WARNING)).minus(silent);
        idleAlarm =
                chat.alarm()
                        .in(
                                left.isNegative() ? Duration.ZERO : left,
                                () -> mailbox.execute(this::lookIdle));
    }

    private void lookIdle() {
        if (standing instanceof Gone) {
            return;
        }
        if (standing instanceof Waiting || standing instanceof Answering) {
            heard(); // it is not the one who lets others wait
        }
        Duration silent = Duration.ofNanos(chat.alarm().nanos() - heardAt);
        Duration limit = chat.config().idleTimeout();
        if (silent.compareTo(limit) >= 0) {
            end(Reason.IDLE, CloseCode.IDLE, "nothing was said for " + seconds(limit));
            return;
        }
        Duration left = limit.minus(silent);
        if (!warned && left.compareTo(ChatConfig.IDLE_WARNING) <= 0) {
            warned = true;
            tell(
                    new ChatFrame.Notice(
                            ChatFrame.Notice.Code.IDLE,
                            Words.IDLE_SOON.in(tongue, left.toSeconds())));
        }
        setIdleAlarm();
    }

    /** What an operator sees of it. */
    Guest guest() {
        return new Guest(id, nick, seen.word());
    }
}
