package org.processpool.worker;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskContext;
import org.processpool.wire.Channel;
import org.processpool.wire.Codec;
import org.processpool.wire.Message.Part;
import org.processpool.wire.Message.Progress;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;
import org.processpool.wire.PayloadTooLargeException;

/** One call, seen by its task. Safe for use by several threads. */
final class CallContext implements TaskContext {

    /** Shortest time between two messages about progress. */
    private static final long PROGRESS_GAP = 50_000_000;

    private static final int LONGEST_TEXT = 1000;

    /** The number the parent knows this process by; in a sandbox its own is another. */
    static final long PID = Long.getLong("process-pool.pid", ProcessHandle.current().pid());

    private final Channel<ToParent, ToWorker> channel;
    private final long callId;
    private final int attempt;
    private final long token;
    private final @Nullable Transcript transcript;
    private final long started = System.nanoTime();
    private volatile boolean cancelled;

    // guarded by this
    private long lastProgress = started - PROGRESS_GAP;
    private @Nullable Progress unsent;
    private boolean ended;

    /** Of user code whose prints nobody wants to hear. */
    CallContext(Channel<ToParent, ToWorker> channel, long callId, int attempt) {
        this(channel, callId, attempt, 0, null);
    }

    CallContext(
            Channel<ToParent, ToWorker> channel,
            long callId,
            int attempt,
            long token,
            @Nullable Transcript transcript) {
        this.channel = channel;
        this.callId = callId;
        this.attempt = attempt;
        this.token = token;
        this.transcript = transcript;
    }

    /** Where what it prints is kept, if somebody wants to hear it. */
    @Nullable Transcript transcript() {
        return transcript;
    }

    @Override
    public long callId() {
        return callId;
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public long fencingToken() {
        return token;
    }

    @Override
    public long workerPid() {
        return PID;
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }

    /** Nanoseconds since the call began. */
    long age() {
        return System.nanoTime() - started;
    }

    void cancel() {
        cancelled = true;
    }

    @Override
    public synchronized void progress(long done, long total, @Nullable String message) {
        if (done < 0 || total < 0) {
            throw new IllegalArgumentException(
                    "done and total must be at least 0, were %d and %d".formatted(done, total));
        }
        if (ended) {
            return;
        }
        String text =
                message == null || message.length() <= LONGEST_TEXT
                        ? message
                        : message.substring(0, LONGEST_TEXT);
        unsent = new Progress(callId, done, total, text);
        long now = System.nanoTime();
        if (now - lastProgress >= PROGRESS_GAP) {
            lastProgress = now;
            sendProgress();
        }
    }

    @Override
    public void emit(Object part) {
        Part message = new Part(callId, Codec.encode(part));
        synchronized (this) {
            if (!ended) {
                send(message);
            }
        }
    }

    /** Sends what is still to be said of progress; nothing follows. */
    synchronized void end() {
        sendProgress();
        ended = true;
    }

    private void sendProgress() {
        Progress progress = unsent;
        if (progress != null) {
            unsent = null;
            send(progress);
        }
    }

    private void send(ToParent message) {
        try {
            channel.send(List.of(message));
        } catch (PayloadTooLargeException tooLarge) {
            throw new IllegalArgumentException(tooLarge.getMessage(), tooLarge);
        } catch (IOException torn) {
            ended = true; // whoever reads or answers next notices that the parent is gone
        }
    }
}
