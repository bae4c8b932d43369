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
                    new Message.Run(id, targetId, attempt, star, input);
            case Body.Chunk(_, boolean star, int count, Payload inputs) ->
                    new Message.RunChunk(id, targetId, attempt, star, count, inputs);
            case Body.Opening(long conversation, TaskName name) ->
                    new Message.Open(id, conversation, name);
            case Body.Turn(long conversation, _, Payload input) ->
                    new Message.Say(id, conversation, attempt, input);
            case Body.Closing(long conversation, _) -> new Message.End(id, conversation);
        };
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
