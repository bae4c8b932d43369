package org.processpool.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be said between a client of the chat and the service, as the JSON of
 * subprotocol {@code processpool.chat.v1} has it; {@code asyncapi.yaml} describes each. Times are
 * RFC 3339 in UTC with milliseconds.
 */
sealed interface ChatFrame {

    /** Version of this family. */
    int PROTOCOL = 1;

    /** What a client says. A member that is not there is null. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Hello.class, name = "hello"),
        @JsonSubTypes.Type(value = Say.class, name = "say"),
        @JsonSubTypes.Type(value = Nick.class, name = "nick"),
        @JsonSubTypes.Type(value = Join.class, name = "join"),
        @JsonSubTypes.Type(value = Leave.class, name = "leave"),
        @JsonSubTypes.Type(value = ListRooms.class, name = "rooms"),
        @JsonSubTypes.Type(value = Writing.class, name = "typing"),
        @JsonSubTypes.Type(value = ReadBack.class, name = "history"),
        @JsonSubTypes.Type(value = Cancel.class, name = "cancel"),
        @JsonSubTypes.Type(value = LeaveQueue.class, name = "leaveQueue"),
        @JsonSubTypes.Type(value = Bye.class, name = "bye"),
        @JsonSubTypes.Type(value = Ping.class, name = "ping")
    })
    @RegisterForReflection
    sealed interface FromClient extends ChatFrame {}

    /** What the service says. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Welcome.class, name = "welcome"),
        @JsonSubTypes.Type(value = Queued.class, name = "queued"),
        @JsonSubTypes.Type(value = Assigned.class, name = "assigned"),
        @JsonSubTypes.Type(value = Members.class, name = "members"),
        @JsonSubTypes.Type(value = Joined.class, name = "joined"),
        @JsonSubTypes.Type(value = Left.class, name = "left"),
        @JsonSubTypes.Type(value = Renamed.class, name = "renamed"),
        @JsonSubTypes.Type(value = Presence.class, name = "presence"),
        @JsonSubTypes.Type(value = Message.class, name = "message"),
        @JsonSubTypes.Type(value = Delta.class, name = "delta"),
        @JsonSubTypes.Type(value = Done.class, name = "done"),
        @JsonSubTypes.Type(value = Typing.class, name = "typing"),
        @JsonSubTypes.Type(value = Ack.class, name = "ack"),
        @JsonSubTypes.Type(value = History.class, name = "history"),
        @JsonSubTypes.Type(value = RoomList.class, name = "rooms"),
        @JsonSubTypes.Type(value = Pong.class, name = "pong"),
        @JsonSubTypes.Type(value = Interrupted.class, name = "interrupted"),
        @JsonSubTypes.Type(value = Notice.class, name = "notice"),
        @JsonSubTypes.Type(value = Failure.class, name = "error"),
        @JsonSubTypes.Type(value = Draining.class, name = "draining")
    })
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @RegisterForReflection
    sealed interface ToClient extends ChatFrame {}

    /** What happens in a room, numbered without a gap in the order in which everybody hears it. */
    sealed interface Numbered extends ToClient {

        /** Its number in the room; the first is 1. */
        long seq();
    }

    // what a client says

    /**
     * First word of a client.
     *
     * @param room where to; null is the lobby
     * @param lang in which language it is told things: en or zh
     * @param conversation what its worker is to run; null is the service's default
     * @param resume the session to go on with, if the client had one
     */
    record Hello(
            @Nullable String nick,
            @Nullable String room,
            @Nullable String lang,
            @Nullable String conversation,
            @Nullable Resume resume)
            implements FromClient {}

    /**
     * A session that a connection broke off.
     *
     * @param lastSeq number of the last thing of the room that the client has heard
     */
    record Resume(String session, long lastSeq) {}

    /** A message. */
    record Say(@Nullable String ref, @Nullable String text) implements FromClient {}

    /** A change of name. */
    record Nick(@Nullable String nick, @Nullable String ref) implements FromClient {}

    /** Into another room. */
    record Join(@Nullable String room, @Nullable String ref) implements FromClient {}

    /** Out of the room, back to the lobby. */
    record Leave(@Nullable String room, @Nullable String ref) implements FromClient {}

    /** Asks which rooms there are. */
    record ListRooms() implements FromClient {}

    /** Begins or stops to write. */
    record Writing(boolean on) implements FromClient {}

    /** Asks for older messages: those before a number, or the newest. */
    record ReadBack(@Nullable Long before, @Nullable Integer limit) implements FromClient {}

    /** Stops the answer that is under way. */
    record Cancel() implements FromClient {}

    /** Gives up the place in line. */
    record LeaveQueue() implements FromClient {}

    /** Ends it all. */
    record Bye() implements FromClient {}

    /** Asks for a {@link Pong}. */
    record Ping() implements FromClient {}

    // what the service says

    /** Whether a member has a worker. */
    enum State {
        /** It has one. */
        TALKING,
        /** It stands in line. */
        WAITING,
        /** It only reads. */
        READING,
        /** Its connection broke, and it may come back. */
        AWAY;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A member as others see it. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Person(String id, String nick, @Nullable State state) {

        Person(String id, String nick) {
            this(id, nick, null);
        }
    }

    /** A conversation that can be had. */
    record Offer(String name, String summary) {}

    /** What may be said. Lengths count code points. */
    record Limits(int text, int nick, int perMinute) {}

    /** Who is talking. */
    record Server(String name, String version) {}

    /**
     * The answer to {@link Hello}.
     *
     * @param session secret to resume with
     * @param id the member's own, which others see
     * @param resumed whether the session goes on
     * @param missed things of the room that can no longer be told
     * @param seq number of the newest thing of the room
     */
    record Welcome(
            String session,
            String id,
            String nick,
            String room,
            int protocol,
            Limits limits,
            Server server,
            String conversation,
            List<Offer> conversations,
            boolean resumed,
            long missed,
            long seq)
            implements ToClient {}

    /** The place in line; see {@link Seats.Place}. */
    record Queued(int position, int ahead, int busy, int size, @Nullable Long estimatedWaitMillis)
            implements ToClient {}

    /** A worker process. */
    record Worker(String slot, long pid) {}

    /** The turn has come. */
    record Assigned(Worker worker, long waitedMillis) implements ToClient {}

    /** Who is in the room now. */
    record Members(String room, long seq, List<Person> members) implements ToClient {}

    record Joined(String room, long seq, String ts, Person member) implements Numbered {}

    record Left(String room, long seq, String ts, Person member, Reason reason)
            implements Numbered {}

    /** Why somebody left. */
    enum Reason {
        BYE,
        MOVED,
        LOST,
        IDLE,
        OPERATOR,
        POLICY;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Somebody has another name.
     *
     * @param was the name before
     */
    record Renamed(String room, long seq, String ts, Person member, String was)
            implements Numbered {}

    /** Somebody has a worker now, or none any more, or is away. */
    record Presence(Person member) implements ToClient {}

    /** What kind of speaker it is. */
    enum Kind {
        USER,
        WORKER,
        SYSTEM;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Who said it.
     *
     * @param pid the worker it went through
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Speaker(String id, String nick, Kind kind, @Nullable Long pid) {}

    /**
     * Something was said.
     *
     * @param ref for its speaker only: the {@code say} that it was
     * @param replyTo number of the message it answers
     */
    record Message(
            String room,
            long seq,
            String ts,
            Speaker from,
            String text,
            @Nullable String ref,
            @Nullable Long replyTo)
            implements Numbered {

        Message withRef(@Nullable String own) {
            return new Message(room, seq, ts, from, text, own, replyTo);
        }
    }

    /** A part of an answer, ahead of the whole. */
    record Delta(long replyTo, int index, String text) implements ToClient {}

    /** An answer is complete. */
    record Done(long replyTo, long runMillis) implements ToClient {}

    record Typing(Person member, boolean on) implements ToClient {}

    /** What had this {@code ref} was done; a message got this number. */
    record Ack(String ref, @Nullable Long seq) implements ToClient {}

    /** Older messages, the oldest first; and whether there are more before them. */
    record History(String room, List<Message> messages, boolean more) implements ToClient {}

    /** The rooms that have members. */
    record RoomList(List<Entry> rooms) implements ToClient {

        /** A room and how many are in it. */
        record Entry(String room, int members) {}
    }

    record Pong() implements ToClient {}

    /** Why a conversation lost its worker, or an answer its end. */
    enum Interruption {
        WORKER_CRASHED,
        TIMEOUT,
        MEMORY_LIMIT,
        RECYCLED,
        CANCELLED;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * The worker is gone, or the answer was stopped; the conversation goes on.
     *
     * @param replyTo the message whose answer will not come
     * @param ref the {@code say} that was lost
     * @param text the same in words
     */
    record Interrupted(
            Interruption reason, @Nullable Long replyTo, @Nullable String ref, String text)
            implements ToClient {}

    /** A line from the service for one client alone. */
    record Notice(Code code, String text) implements ToClient {

        /** What it is about. */
        enum Code {
            /** It will be closed soon if nothing is said. */
            IDLE,
            /** The session that it wanted to resume is no more. */
            FRESH,
            /** The new worker does not know what was said before. */
            HISTORY_LOST;

            @JsonValue
            String word() {
                return name().toLowerCase(Locale.ROOT).replace('_', '-');
            }
        }
    }

    /** What was asked for cannot be done; the connection stays. */
    record Failure(@Nullable String ref, Trouble problem) implements ToClient {}

    /** A problem as in RFC 9457. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Trouble(String type, String title, String detail, @Nullable Long retryAfterMillis) {}

    /** The service is about to end; come back after this time. */
    record Draining(long reconnectInMillis) implements ToClient {}
}
