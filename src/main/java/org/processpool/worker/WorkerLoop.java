package org.processpool.worker;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.Failure;
import org.processpool.wire.Message;
import org.processpool.wire.Message.Cancel;
import org.processpool.wire.Message.Catalog;
import org.processpool.wire.Message.Define;
import org.processpool.wire.Message.Describe;
import org.processpool.wire.Message.Done;
import org.processpool.wire.Message.DumpThreads;
import org.processpool.wire.Message.Failed;
import org.processpool.wire.Message.Hello;
import org.processpool.wire.Message.InitFailed;
import org.processpool.wire.Message.Open;
import org.processpool.wire.Message.Ping;
import org.processpool.wire.Message.Pong;
import org.processpool.wire.Message.Ready;
import org.processpool.wire.Message.Recall;
import org.processpool.wire.Message.Run;
import org.processpool.wire.Message.RunChunk;
import org.processpool.wire.Message.Say;
import org.processpool.wire.Message.Skipped;
import org.processpool.wire.Message.Stop;
import org.processpool.wire.Message.Threads;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;
import org.processpool.wire.PayloadTooLargeException;
import org.processpool.wire.ProtocolException;
import org.processpool.wire.StreamChannel;

/**
 * A worker's life: hears the parent, runs calls one after the other on the thread that called
 * {@link #run}, and answers each by itself and at once, so that after a crash exactly the first
 * unanswered call is the one that may have started.
 */
final class WorkerLoop {

    /** A number no call of the parent has, for user code that runs outside a call. */
    private static final long NO_CALL = -1;

    private final StreamChannel<ToParent, ToWorker> channel;
    private final Inbox inbox;
    private final Host host;
    private final Thread main = Thread.currentThread();

    /** To be made by the thread that will run it. */
    WorkerLoop(StreamChannel<ToParent, ToWorker> channel, Host host) {
        this.channel = channel;
        this.host = host;
        this.inbox = new Inbox(channel, this::handle, host);
    }

    /** Works until the parent says stop or is gone; never throws because of user code. */
    End run() {
        try {
            if (!(channel.receive() instanceof Hello hello)) {
                return End.BROKEN;
            }
            TaskRunner ready = greet(hello);
            return ready == null ? End.INIT_FAILED : work(ready);
        } catch (ProtocolException broken) {
            return End.BROKEN;
        } catch (IOException torn) {
            return End.ABANDONED;
        } finally {
            inbox.close();
        }
    }

    /** Makes the worker ready; null if that failed, which the parent has been told. */
    private @Nullable TaskRunner greet(Hello hello) throws IOException {
        if (hello.protocol() != Message.PROTOCOL) {
            String text =
                    "the worker speaks protocol %d, the parent %d: they must be of one version"
                            .formatted(Message.PROTOCOL, hello.protocol());
            send(new InitFailed(Failures.of(Failure.Kind.WORKER, text)));
            return null;
        }
        channel.limit(hello.maxPayload());
        inbox.open(hello.spinNanos());
        TaskRunner ready = new TaskRunner(hello);
        CallContext context = new CallContext(channel, NO_CALL, 1);
        inbox.begin(context);
        Failure failure = ready.initialize(hello, context);
        inbox.end();
        flushLog();
        if (failure != null) {
            send(new InitFailed(failure));
            return null;
        }
        send(new Ready(Message.PROTOCOL, CallContext.PID));
        return ready;
    }

    private End work(TaskRunner ready) throws IOException {
        while (true) {
            ToWorker message = inbox.next();
            if (message == null) {
                End end = inbox.ended();
                return end != null ? end : End.ABANDONED;
            }
            if (message instanceof Stop) {
                return End.STOPPED;
            }
            if (message instanceof Hello) {
                return End.BROKEN;
            }
            if (!handle(message)) {
                act(message, ready);
            }
        }
    }

    /** What cannot wait until a call has ended; by the thread that reads. */
    private boolean handle(ToWorker message) throws IOException {
        return switch (message) {
            case Run _, RunChunk _, Say _, Open _, Message.End _ -> false;
            case Define _, Describe _, Hello _, Stop _ -> false;
            case Cancel(long callId) -> {
                if (inbox.cancel(callId)) {
                    skip(callId);
                }
                yield true;
            }
            case Recall(long callId) -> {
                if (inbox.recall(callId)) {
                    skip(callId);
                }
                yield true;
            }
            case Ping(long nonce) -> {
                Runtime memory = Runtime.getRuntime();
                send(new Pong(nonce, memory.totalMemory() - memory.freeMemory()));
                yield true;
            }
            case DumpThreads(long nonce) -> {
                send(new Threads(nonce, ThreadDump.of(main)));
                yield true;
            }
        };
    }

    private void skip(long callId) throws IOException {
        try {
            send(new Skipped(callId));
        } finally {
            inbox.skipped();
        }
    }

    /** What waits for its turn; on the main thread. */
    private void act(ToWorker message, TaskRunner ready) throws IOException {
        switch (message) {
            case Run run -> {
                Transcript wanted = run.overheard() ? new Transcript(channel, run.callId()) : null;
                call(
                        run,
                        new CallContext(channel, run.callId(), run.attempt(), run.token(), wanted),
                        ready);
            }
            case RunChunk run -> {
                Transcript wanted = run.overheard() ? new Transcript(channel, run.callId()) : null;
                call(
                        run,
                        new CallContext(channel, run.callId(), run.attempt(), run.token(), wanted),
                        ready);
            }
            case Say say -> call(say, new CallContext(channel, say.callId(), say.attempt()), ready);
            case Open open -> call(open, new CallContext(channel, open.callId(), 1), ready);
            case Message.End end -> call(end, new CallContext(channel, end.callId(), 1), ready);
            case Define(int targetId, var target) -> ready.define(targetId, target);
            case Describe(long nonce) -> {
                inbox.begin(new CallContext(channel, NO_CALL, 1));
                Catalog catalog = new Catalog(nonce, ready.describe());
                inbox.end();
                send(catalog);
            }
            case Cancel _, Recall _, Ping _, DumpThreads _, Hello _, Stop _ -> {}
        }
    }

    private void call(ToWorker message, CallContext context, TaskRunner ready) throws IOException {
        Transcript transcript = context.transcript();
        if (transcript != null) {
            flushLog(); // what was printed before is not this call's
            host.transcribe(transcript);
        }
        host.callBegins();
        inbox.begin(context);
        ToParent answer = ready.answer(message, context);
        inbox.end();
        context.end();
        flushLog();
        if (transcript != null) {
            host.transcribe(null);
            transcript.end();
        }
        if (isLarge(message) || isLarge(answer)) {
            host.largePayload();
        }
        try {
            send(answer);
        } catch (PayloadTooLargeException tooLarge) {
            send(
                    new Failed(
                            context.callId(),
                            context.age(),
                            Failures.of(Failure.Kind.TOO_LARGE, tooLarge)));
        }
    }

    private static boolean isLarge(Message message) {
        return (message instanceof Run run && run.input().size() >= WidePipes.LARGE)
                || (message instanceof RunChunk chunk && chunk.inputs().size() >= WidePipes.LARGE)
                || (message instanceof Done done && done.output().size() >= WidePipes.LARGE);
    }

    /** What was printed during a call is in the log before the call's answer. */
    private static void flushLog() {
        System.out.flush();
        System.err.flush();
    }

    private void send(ToParent message) throws IOException {
        channel.send(List.of(message));
    }
}
