package org.processpool.pool;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a worker is in its life. Held by its handle under the dispatcher's lock and changed by
 * {@link #after} alone.
 *
 * <pre>
 * STARTING ─ready→ IDLE ⇄ BUSY ──┐
 *    │               ⇅           │ retire
 *    │             LEASED ───────┼──→ RETIRING ─stop→ STOPPING ─exit→ GONE
 *    │                           │
 *    └───────────────────────────┴─kill─→ KILLED ─exit→ GONE
 * </pre>
 *
 * Every state may be followed by GONE: a process can die at any moment.
 */
sealed interface WorkerState {

    /** The process runs or is about to; it has not said Ready. */
    record Starting() implements WorkerState {}

    /** Ready, and waiting for a call. */
    record Idle() implements WorkerState {}

    /** Holds at least one call. */
    record Busy() implements WorkerState {}

    /** Somebody has it for himself, or it holds conversations. */
    record Leased() implements WorkerState {}

    /** Gets no more calls and finishes those it holds. */
    record Retiring(ExitReason why) implements WorkerState {}

    /** Was told to stop. */
    record Stopping(ExitReason why) implements WorkerState {}

    /** Was told to end by a signal, or its line is cut; its process may still be there. */
    record Killed(ExitReason why) implements WorkerState {}

    /** Its process has ended and was reaped. */
    record Gone(ExitReason why, int exitCode) implements WorkerState {}

    /** What can happen to a worker. */
    sealed interface Event {
        /** It said Ready. */
        record Ready() implements Event {}

        /** A call was given to it. */
        record Assigned() implements Event {}

        /** It holds no more calls. */
        record Emptied() implements Event {}

        /** A lease or the first conversation has begun. */
        record LeaseBegan() implements Event {}

        /** The lease or the last conversation has ended. */
        record LeaseEnded() implements Event {}

        /** It shall leave when it holds nothing. */
        record Retire(ExitReason why) implements Event {}

        /** Stop was sent. */
        record Stop() implements Event {}

        /** It shall die now. */
        record Kill(ExitReason why) implements Event {}

        /** Its process has ended. */
        record Exited(ExitReason why, int exitCode) implements Event {}
    }

    /**
     * The state that follows.
     *
     * @throws IllegalStateException if the event cannot happen in this state
     */
    default WorkerState after(Event event) {
        return switch (new Step(this, event)) {
            case Step(Gone gone, _) -> gone;
            case Step(_, Event.Exited(var why, int code)) -> new Gone(why, code);
            case Step(Killed killed, _) -> killed;
            case Step(_, Event.Kill(var why)) -> new Killed(why);
            case Step(Stopping stopping, _) -> stopping;
            case Step(Starting _, Event.Ready _) -> new Idle();
            case Step(Idle _, Event.Assigned _) -> new Busy();
            case Step(Busy busy, Event.Assigned _) -> busy;
            case Step(Leased leased, Event.Assigned _) -> leased;
            case Step(Retiring retiring, Event.Assigned _) -> retiring; // within its lease
            case Step(Busy _, Event.Emptied _) -> new Idle();
            case Step(Leased leased, Event.Emptied _) -> leased;
            case Step(Retiring retiring, Event.Emptied _) -> retiring;
            case Step(Idle _, Event.LeaseBegan _) -> new Leased();
            case Step(Leased _, Event.LeaseEnded _) -> new Idle();
            case Step(Retiring retiring, Event.LeaseEnded _) -> retiring;
            case Step(Retiring retiring, Event.Retire _) -> retiring;
            case Step(_, Event.Retire(var why)) -> new Retiring(why);
            case Step(Retiring(var why), Event.Stop _) -> new Stopping(why);
            case Step(WorkerState now, Event unexpected) ->
                    throw new IllegalStateException(
                            "%s cannot follow %s".formatted(unexpected, now));
        };
    }

    /** Whether the worker counts as one of the pool: it serves, or will. */
    default boolean serves() {
        return switch (this) {
            case Starting _, Idle _, Busy _, Leased _ -> true;
            case Retiring _, Stopping _, Killed _, Gone _ -> false;
        };
    }

    /** Why it is leaving, if it is. */
    default Optional<ExitReason> reasonToLeave() {
        return Optional.ofNullable(reason());
    }

    private @Nullable ExitReason reason() {
        return switch (this) {
            case Starting _, Idle _, Busy _, Leased _ -> null;
            case Retiring(var why) -> why;
            case Stopping(var why) -> why;
            case Killed(var why) -> why;
            case Gone(var why, _) -> why;
        };
    }

    /** One word for people. */
    default String word() {
        return switch (this) {
            case Starting _ -> "starting";
            case Idle _ -> "idle";
            case Busy _ -> "busy";
            case Leased _ -> "leased";
            case Retiring _ -> "retiring";
            case Stopping _ -> "stopping";
            case Killed _ -> "killed";
            case Gone _ -> "gone";
        };
    }

    /** A state and what happens in it. */
    record Step(WorkerState now, Event event) {}
}
