package org.processpool.worker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskName;
import org.processpool.wire.Codec;
import org.processpool.wire.Failure;
import org.processpool.wire.Failure.Kind;
import org.processpool.wire.Message;
import org.processpool.wire.Message.Cancel;
import org.processpool.wire.Message.ChunkDone;
import org.processpool.wire.Message.Define;
import org.processpool.wire.Message.Describe;
import org.processpool.wire.Message.Done;
import org.processpool.wire.Message.DumpThreads;
import org.processpool.wire.Message.Failed;
import org.processpool.wire.Message.Hello;
import org.processpool.wire.Message.ItemFailure;
import org.processpool.wire.Message.Open;
import org.processpool.wire.Message.Ping;
import org.processpool.wire.Message.Recall;
import org.processpool.wire.Message.Run;
import org.processpool.wire.Message.RunChunk;
import org.processpool.wire.Message.Say;
import org.processpool.wire.Message.Stop;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;
import org.processpool.wire.PayloadTooLargeException;
import org.processpool.wire.SequenceReader;
import org.processpool.wire.SequenceWriter;
import org.processpool.wire.Target;
import org.processpool.wire.TaskDescription;

/**
 * Turns a call into its answer: binds the input, runs user code, encodes the result. Whatever goes
 * wrong becomes a {@link Failure}. Main thread only.
 */
final class TaskRunner {

    /** From this failed item of a chunk on, stack traces are left out. */
    private static final int STACKS_PER_CHUNK = 100;

    private final int maxPayload;
    private final TaskCatalog catalog;
    private final Map<Integer, Target> targets = new HashMap<>();
    private final Map<Integer, Callee> callees = new HashMap<>();
    private final Map<Long, Callee.OfConversation> conversations = new HashMap<>();

    TaskRunner(Hello hello) {
        maxPayload = hello.maxPayload();
        catalog = new TaskCatalog(hello.trouble());
    }

    /** Gives a target a number; it is looked up at its first call. */
    void define(int targetId, Target target) {
        targets.put(targetId, target);
        callees.remove(targetId);
    }

    /** What this worker offers by name. */
    List<TaskDescription> describe() {
        return catalog.describe();
    }

    /**
     * Runs the initializer, if there is one.
     *
     * @return why it failed, or null
     */
    @Nullable Failure initialize(Hello hello, CallContext context) {
        Target initializer = hello.initializer();
        if (initializer == null) {
            return null;
        }
        Payload arguments =
                hello.initArgs() != null
                        ? hello.initArgs()
                        : initializer instanceof Target.Named
                                ? Codec.encode(null)
                                : Codec.encodeArguments(List.of());
        try {
            Callee callee = catalog.resolve(initializer);
            ToParent end =
                    ScopedValue.where(TaskContext.CURRENT, context)
                            .call(() -> single(callee, arguments, true, context));
            return end instanceof Failed failed ? failed.failure() : null;
        } catch (TargetException unknown) {
            return Failures.of(Kind.TARGET, unknown);
        }
    }

    /** Serves one of the messages that are calls. */
    ToParent answer(ToWorker call, CallContext context) {
        try {
            return ScopedValue.where(TaskContext.CURRENT, context).call(() -> serve(call, context));
        } catch (TargetException unknown) {
            return failed(context, Failures.of(Kind.TARGET, unknown));
        }
    }

    private ToParent serve(ToWorker call, CallContext context) throws TargetException {
        return switch (call) {
            case Run run -> single(callee(run.targetId()), run.input(), run.star(), context);
            case RunChunk chunk -> chunk(callee(chunk.targetId()), chunk, context);
            case Say(_, long conversationId, _, Payload input) -> {
                Callee conversation = conversations.get(conversationId);
                yield conversation == null
                        ? failed(context, unknown(conversationId))
                        : single(conversation, input, false, context);
            }
            case Open(_, long conversationId, TaskName name) -> open(conversationId, name, context);
            case Message.End(_, long conversationId) -> end(conversationId, context);
            case Define _, Describe _, Hello _, Stop _ ->
                    throw new IllegalArgumentException("no call: " + call);
            case Cancel _, Recall _, Ping _, DumpThreads _ ->
                    throw new IllegalArgumentException("no call: " + call);
        };
    }

    private Callee callee(int targetId) throws TargetException {
        Callee known = callees.get(targetId);
        if (known != null) {
            return known;
        }
        Target target = targets.get(targetId);
        if (target == null) {
            throw new TargetException("target %d was not defined".formatted(targetId), null);
        }
        Callee found = catalog.resolve(target);
        callees.put(targetId, found);
        return found;
    }

    private ToParent single(Callee callee, Payload payload, boolean star, CallContext context) {
        Object input;
        try {
            input = callee.bind(payload, star);
        } catch (Throwable unfit) {
            return failed(context, Failures.of(Kind.INPUT, unfit));
        }
        Object result;
        try {
            result = callee.run(input, star, context);
        } catch (Throwable thrown) {
            return failed(context, Failures.thrown(thrown, context.cancelled()));
        }
        Payload output;
        try {
            output = Codec.encode(result, payload.encoding());
        } catch (Throwable unfit) {
            return failed(context, Failures.of(Kind.RESULT, unfit));
        }
        return output.size() > maxPayload
                ? tooLarge(output.size(), context)
                : new Done(context.callId(), context.age(), output);
    }

    private ToParent chunk(Callee callee, RunChunk chunk, CallContext context) {
        SequenceReader inputs;
        try {
            inputs = callee.bindEach(chunk.inputs(), chunk.star());
        } catch (Throwable unfit) {
            return failed(context, Failures.of(Kind.INPUT, unfit));
        }
        SequenceWriter outputs =
                new SequenceWriter(chunk.inputs().encoding(), chunk.inputs().size());
        List<ItemFailure> failures = new ArrayList<>();
        for (int i = 0; i < chunk.count(); i++) {
            Failure failure = item(callee, chunk.star(), inputs, outputs, context);
            Thread.interrupted(); // one item's interrupt is not the next one's
            if (context.cancelled()) {
                return failed(context, cancelled(i, chunk.count()));
            }
            if (failure != null) {
                outputs.add(null);
                failures.add(new ItemFailure(i, bounded(failure, failures.size())));
            }
            if (outputs.size() > maxPayload) {
                return tooLarge(outputs.size(), context);
            }
        }
        return new ChunkDone(
                context.callId(), context.age(), chunk.count(), outputs.payload(), failures);
    }

    /** Runs one item; null if its result was written. */
    private static @Nullable Failure item(
            Callee callee,
            boolean star,
            SequenceReader inputs,
            SequenceWriter outputs,
            CallContext context) {
        Object input;
        try {
            input = inputs.next();
        } catch (Throwable unfit) {
            return Failures.of(Kind.INPUT, unfit);
        }
        Object result;
        try {
            result = callee.run(input, star, context);
        } catch (Throwable thrown) {
            return Failures.thrown(thrown, context.cancelled());
        }
        try {
            outputs.add(result);
        } catch (Throwable unfit) {
            return Failures.of(Kind.RESULT, unfit);
        }
        return null;
    }

    private static Failure cancelled(int index, int count) {
        return Failures.of(
                Kind.CANCELLED, "cancelled at item %d of %d".formatted(index + 1, count));
    }

    private static Failure bounded(Failure failure, int earlier) {
        return earlier < STACKS_PER_CHUNK
                ? failure
                : new Failure(failure.kind(), failure.type(), failure.message(), "");
    }

    private ToParent open(long conversationId, TaskName name, CallContext context)
            throws TargetException {
        Callee.OfConversation conversation = catalog.conversation(name);
        try {
            conversation.conversation().open(context);
        } catch (Throwable refused) {
            return failed(context, Failures.thrown(refused, context.cancelled()));
        }
        conversations.put(conversationId, conversation);
        return new Done(context.callId(), context.age(), Codec.encode(null));
    }

    /** Ends a conversation; nobody listens any more, so its complaints go to the log. */
    private ToParent end(long conversationId, CallContext context) {
        Callee.OfConversation conversation = conversations.remove(conversationId);
        if (conversation == null) {
            return failed(context, unknown(conversationId));
        }
        try {
            conversation.conversation().close();
        } catch (Throwable thrown) {
            System.err.println(
                    "process-pool: closing a conversation failed: "
                            + Failures.thrown(thrown, false).stack());
            return failed(context, Failures.thrown(thrown, context.cancelled()));
        }
        return new Done(context.callId(), context.age(), Codec.encode(null));
    }

    private static Failure unknown(long conversationId) {
        return Failures.of(
                Kind.WORKER, "no conversation %d is open here".formatted(conversationId));
    }

    private Failed tooLarge(long size, CallContext context) {
        return failed(
                context,
                Failures.of(Kind.TOO_LARGE, new PayloadTooLargeException(size, maxPayload)));
    }

    private static Failed failed(CallContext context, Failure failure) {
        return new Failed(context.callId(), context.age(), failure);
    }
}
