package org.processpool.chat;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.processpool.chat.ChatFrame.State;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.OpenConversation;
import org.processpool.task.Payload;

/**
 * How a member stands with the workers.
 *
 * <pre>
 * READING ─say, come back→ WAITING ─seated→ REPLAYING ─all said again→ READY ⇄ ANSWERING
 *    ↑                        ↑                 │                        │         │
 *    └─ gave up its place,    └───── worker died: a place in front ──────┴─────────┘
 *       was away too long
 *                                any ─bye, idle, lost, …→ GONE
 * </pre>
 *
 * Owned by the member's mailbox. What the pool tells belongs to one {@link Ticket}; told of another
 * than the present one it comes too late and is passed over.
 */
sealed interface Standing {

    /** It has no worker and wants none at present. */
    record Reading() implements Standing {}

    /** It stands in line. */
    record Waiting(Ticket ticket) implements Standing {}

    /** Its new worker is told what was said to an earlier one. */
    record Replaying(Ticket ticket, OpenConversation with) implements Standing {}

    /** Its worker waits for something to be said. */
    record Ready(Ticket ticket, OpenConversation with) implements Standing {}

    /** Its worker answers. */
    record Answering(Ticket ticket, OpenConversation with, Turn turn) implements Standing {}

    /** It is a member no more. */
    record Gone() implements Standing {}

    /** One wish for a worker, from the line to the end of the conversation. */
    final class Ticket {

        private Seats.@Nullable Seat seat;

        /** Once the line has taken it. */
        void of(Seats.Seat taken) {
            seat = taken;
        }

        void leave() {
            if (seat != null) {
                seat.leave();
            }
        }

        void absent(boolean away) {
            if (seat != null) {
                seat.absent(away);
            }
        }
    }

    /**
     * Something a member said.
     *
     * @param where the room it was said in, where it is heard even if the member moves on
     */
    record Said(String ref, String text, Room where) {}

    /** Something that was said, on its way through the worker. */
    final class Turn {

        final Said said;

        /** Number of the message it became before its answer; 0 if the answer will be it. */
        final long seq;

        final long started;
        private @Nullable AsyncResult<Payload> result;
        private int parts;
        private int length;

        Turn(Said said, long seq, long started) {
            this.said = said;
            this.seq = seq;
            this.started = started;
        }

        void of(AsyncResult<Payload> submitted) {
            result = submitted;
        }

        void cancel() {
            if (result != null) {
                boolean _ = result.cancel();
            }
        }

        /**
         * Counts a part of the answer.
         *
         * @return its index; -1 if it is beyond what is told
         */
        int part(String text, int most) {
            length += text.length();
            return length > most ? -1 : parts++;
        }
    }

    /** The ticket it goes by, if it has one. */
    default Optional<Ticket> goingBy() {
        return switch (this) {
            case Reading _, Gone _ -> Optional.empty();
            case Waiting(Ticket ticket) -> Optional.of(ticket);
            case Replaying(Ticket ticket, _) -> Optional.of(ticket);
            case Ready(Ticket ticket, _) -> Optional.of(ticket);
            case Answering(Ticket ticket, _, _) -> Optional.of(ticket);
        };
    }

    /** The conversation it has, if it has one. */
    default Optional<OpenConversation> conversation() {
        return switch (this) {
            case Reading _, Waiting _, Gone _ -> Optional.empty();
            case Replaying(_, OpenConversation with) -> Optional.of(with);
            case Ready(_, OpenConversation with) -> Optional.of(with);
            case Answering(_, OpenConversation with, _) -> Optional.of(with);
        };
    }

    /** Whether what is told of this ticket still matters. */
    @SuppressWarnings("ReferenceEquality") // a ticket is itself and no other
    default boolean goesBy(Ticket other) {
        return goingBy().filter(own -> own == other).isPresent();
    }

    /** As others see it. */
    default State seen() {
        return switch (this) {
            case Reading _, Gone _ -> State.READING;
            case Waiting _ -> State.WAITING;
            case Replaying _, Ready _, Answering _ -> State.TALKING;
        };
    }
}
