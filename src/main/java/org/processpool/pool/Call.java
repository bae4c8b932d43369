package org.processpool.pool;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;
import org.processpool.wire.Message;
import org.processpool.wire.Target;

/**
 * One run of a task, on its way from the line to a worker to its end. Its fields that change are
 * guarded by the dispatcher's lock.
 *
 * <p>Invariant: {@code ended} goes from false to true once, under the lock; whoever turned it calls
 * {@link Ending#ended} once, without the lock.
 */
final class Call extends Waiter {

    /** What is to be run. */
    sealed interface Body {
        /** A target, once. */
        record Single(Target target, boolean star, Payload input) implements Body {}

        /** A target, once per item. */
        record Chunk(Target target, boolean star, int count, Payload inputs) implements Body {}

        /** The beginning of a conversation. */
        record Opening(long conversation, TaskName name) implements Body {}

        /** A turn of a conversation. */
        record Turn(long conversation, TaskName name, Payload input) implements Body {}

        /** The end of a conversation. */
        record Closing(long conversation, TaskName name) implements Body {}
    }

    /** Who wants to know the end. */
    interface Ending {
        /** Called once, on the thread that learned of the end: must be short and must not throw. */
        void ended(Call call, Outcome outcome);
    }

    /** A worker that says more is broken: both streams, and the lines that say they were cut. */
    private static final int MOST_OVERHEARD = 2 * Message.Said.MOST + (4 << 10);

    final long id;
    final Body body;
    final CallOptions options;
    final Duration timeout;
    final Ending ending;

    /** The lease it belongs to; such a call goes to the lease's worker and nowhere else. */
    final @Nullable Hold hold;

    /** The failed items of a chunk that is done. */
    List<Message.ItemFailure> failures = List.of();

    /** Whether its worker was told something that it may answer by skipping the call. */
    boolean maySkip;

    /** Who hears of its start and its end; null if nobody. */
    final @Nullable Audience audience;

    /** Whether it must not wait in a worker behind another: what that one uses would count. */
    final boolean alone;

    /** Characters of what it has printed that were heard in this run. */
    private int overheard;

    /** How long it may take to give up when cancelled, in nanoseconds; -1 as the pool says. */
    private long cancelGrace = -1;

    int attempt;
    int retriesLeft;
    boolean ended;
    AsyncResult.@Nullable CancelMode cancelled;
    long sentAt;
    @Nullable WorkerHandle worker;

    Call(
            long id,
            Body body,
            CallOptions options,
            PoolConfig config,
            long now,
            @Nullable Hold hold,
            Ending ending) {
        super(
                options.priority(),
                now,
                id,
                giveUpAt(now, options.queueTimeout().orElse(config.queueTimeout())));
        this.id = id;
        this.body = body;
        this.options = options;
        this.timeout = options.timeout().orElse(config.timeout());
        this.retriesLeft = options.retries();
        this.hold = hold;
        this.ending = ending;
        this.audience = Audience.of(options);
        this.alone = options.memory() > 0 || options.onReport() != null;
    }

    static long giveUpAt(long now, Duration patience) {
        return patience.isZero() ? Long.MAX_VALUE : now + patience.toNanos();
    }

    /** Which code it runs. */
    Target target() {
        return switch (body) {
            case Body.Single(Target target, _, _) -> target;
            case Body.Chunk(Target target, _, _, _) -> target;
            case Body.Opening(_, TaskName name) -> new Target.Named(name);
            case Body.Turn(_, TaskName name, _) -> new Target.Named(name);
            case Body.Closing(_, TaskName name) -> new Target.Named(name);
        };
    }

    /** Whether it can run in the worker it was given to and in no other. */
    boolean isBound() {
        return hold != null || body instanceof Body.Closing;
    }

    /** Whether the worker has to know the target by number first. */
    boolean usesTargetId() {
        return body instanceof Body.Single || body instanceof Body.Chunk;
    }

    /** What is said to the worker. */
    Message.ToWorker message(int targetId) {
        return switch (body) {
            case Body.Single(_, boolean star, Payload input) ->
                    new Message.Run(
                            id,
                            targetId,
                            attempt,
                            star,
                            options.onOutput() != null,
                            options.token(),
                            input);
            case Body.Chunk(_, boolean star, int count, Payload inputs) ->
                    new Message.RunChunk(
                            id,
                            targetId,
                            attempt,
                            star,
                            options.onOutput() != null,
                            options.token(),
                            count,
                            inputs);
            case Body.Opening(long conversation, TaskName name) ->
                    new Message.Open(id, conversation, name);
            case Body.Turn(long conversation, _, Payload input) ->
                    new Message.Say(id, conversation, attempt, input);
            case Body.Closing(long conversation, _) -> new Message.End(id, conversation);
        };
    }

    /** Another run begins. */
    void begin(WorkerHandle by, long now) {
        worker = by;
        maySkip = false;
        attempt++;
        sentAt = now;
        overheard = 0;
    }

    /**
     * Counts what the worker said that it has printed.
     *
     * @return whether that can be
     */
    boolean mayPrint(String text) {
        overheard += text.length();
        return text.length() <= Message.Said.PIECE && overheard <= MOST_OVERHEARD;
    }

    /**
     * It is to give up within this time; of several times the first to pass counts.
     *
     * @param asked how long ago it was asked first, in nanoseconds; 0 if it was not
     */
    void hurry(Duration grace, long asked, PoolConfig config) {
        long wanted = asked + grace.toNanos();
        boolean first = asked == 0 && cancelled != AsyncResult.CancelMode.KILL;
        cancelGrace = first ? wanted : Math.min(patience(config), wanted);
    }

    /** How long after it was asked to give up its worker is told to end, in nanoseconds. */
    long patience(PoolConfig config) {
        return cancelGrace >= 0 ? cancelGrace : config.cancelGrace().toNanos();
    }

    /** Bytes it puts on the wire, roughly. */
    int size() {
        return 64
                + switch (body) {
                    case Body.Single single -> single.input().size();
                    case Body.Chunk chunk -> chunk.inputs().size();
                    case Body.Opening _, Body.Closing _ -> 0;
                    case Body.Turn turn -> turn.input().size();
                };
    }
}
