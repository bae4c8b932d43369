package org.processpool.pool;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.Channel;
import org.processpool.wire.Failure;
import org.processpool.wire.Message;
import org.processpool.wire.ProtocolException;
import org.processpool.wire.SpinPolicy;
import org.processpool.wire.StreamChannel;
import org.processpool.wire.TaskDescription;

/**
 * The parent's side of one worker: its books, its line and the threads on it.
 *
 * <p>Reading. At most one thread has the reading role at a time. A wake-up of a sleeping thread
 * costs more than a short call, so a thread that waits for a short call takes the role itself and
 * looks a moment for the answer; otherwise the worker's own reader thread has it. The reader sleeps
 * while there is no reason to read; a worker says nothing unasked, and its death shows as its
 * process ends.
 *
 * <p>Writing. Messages go into the outbox under the dispatcher's lock, so they are in the order of
 * the books; whoever finds nobody writing writes all there is, in one piece where it fits. A writer
 * may wait for a worker that does not read, until it does or is killed.
 */
final class WorkerHandle {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /** How long a caller looks for the answer before it sleeps. */
    static final long SPIN_NANOS = PROCESSORS > 1 ? 50_000 : 0;

    /** Callers that look at the same time; each takes a processor for itself. */
    private static final AtomicInteger SPINNERS = new AtomicInteger();

    private static final int MOST_SPINNERS = Math.max(1, PROCESSORS / 2);

    /** Most messages taken at once, so that their calls do not wait for each other long. */
    private static final int BATCH = 256;

    /** What a pipe holds on Linux, less some room. */
    private static final int PIPE_BYTES = 48 << 10;

    /** How long a writer may still be at it once the worker is dead. */
    private static final long WRITER_NANOS = 5_000_000;

    private static final int LINE_CHARS = 8 << 10;
    private static final int LAST_WORDS_CHARS = 8 << 10;

    private enum Role {
        NOBODY,
        READER,
        CALLER
    }

    final String id;
    final int slot;
    final Dispatcher dispatcher;

    // Books, guarded by the dispatcher's lock.

    WorkerState state = new WorkerState.Starting();
    long stateSince;
    long startedAt;
    boolean wasReady;
    long readyAt;
    long idleSince;
    boolean spare;

    /** Why it shall be replaced as soon as there is a successor, while it still serves. */
    @Nullable ExitReason leaving;

    /** Once it is in state Killed: when SIGKILL is due. */
    long killAt;

    /** Whether it was sent SIGKILL. */
    boolean killed;

    final ArrayDeque<Call> inFlight = new ArrayDeque<>();
    final Line own = new Line();
    final Set<Hold> holds = new LinkedHashSet<>();
    final BitSet defined = new BitSet();
    List<Message.ToWorker> outbox = new ArrayList<>();
    boolean exclusive;
    int bytesInFlight;
    int maxTasks;
    long assigned;
    long ended;
    long headSince;
    boolean recalled;
    long averageRun = Long.MAX_VALUE;
    @Nullable Verdict verdict;

    /** Whether something besides calls was said to it since its running call began. */
    boolean toldSinceHead;

    /** Once it is dead: bytes it had not read. */
    private int unread;

    String threads = "";
    long lastHeard;
    boolean pinged;
    long pingedAt;
    long pings;
    boolean describing;
    @Nullable Failure initFailure;
    @Nullable Throwable startFailure;
    volatile long residentSeen;
    volatile @Nullable Duration cpuSeen;
    long heapSeen;

    /** An operator's question for its threads that is not answered, and its number. */
    @Nullable CompletableFuture<String> dump;

    long dumpNonce;

    /** Of the running call, if its caller wants a report; left where the call has ended. */
    private volatile @Nullable Meter meter;

    final CompletableFuture<List<TaskDescription>> catalog = new CompletableFuture<>();

    // The line and its threads.

    private final AtomicReference<Role> role = new AtomicReference<>(Role.NOBODY);
    private final AtomicInteger callersToRead = new AtomicInteger();
    private final SpinPolicy policy = new SpinPolicy();
    private final AtomicBoolean writing = new AtomicBoolean();
    private final CountDownLatch heardAll = new CountDownLatch(1);
    private final CountDownLatch printedAll = new CountDownLatch(1);
    private final StringBuilder lastWords = new StringBuilder();

    /** Counts calls, so that a line begun before one is known. Changed under the words' lock. */
    private volatile int callsBegun;

    private volatile int reasonsToRead;
    private volatile boolean exited;
    private volatile boolean endOfLine;
    private volatile @Nullable WorkerProcess process;
    private volatile @Nullable Channel<Message.ToWorker, Message.ToParent> channel;
    private volatile @Nullable Thread reader;

    WorkerHandle(Dispatcher dispatcher, int slot, long now) {
        this.dispatcher = dispatcher;
        this.slot = slot;
        this.id = dispatcher.config.name() + "-" + slot;
        this.startedAt = now;
        this.stateSince = now;
        this.lastHeard = now;
    }

    /** Under the lock: the state that follows. */
    void become(WorkerState.Event event) {
        WorkerState next = state.after(event);
        if (!next.getClass().equals(state.getClass())) {
            stateSince = dispatcher.ticker.nanos();
        }
        state = next;
    }

    /** Under the lock: decides the running call's end, unless that was done before. */
    void give(Verdict decided) {
        if (verdict == null) {
            verdict = decided;
            threads = "";
        }
    }

    /** Under the lock: has something said that is no call. */
    void tell(Message.ToWorker message) {
        toldSinceHead = true;
        outbox.add(message);
    }

    /**
     * Under the lock, once it is dead: whether the first call it held never reached it as a whole,
     * so that it cannot have started.
     */
    boolean headIsUntouched() {
        Call head = inFlight.peek();
        if (head == null || head.isBound() || verdict != null) {
            return false;
        }
        boolean unsent =
                outbox.stream()
                        .anyMatch(message ->
                                (message instanceof Message.Run run && run.callId() == head.id)
                                        || (message instanceof Message.RunChunk chunk
                                                && chunk.callId() == head.id));
        // what lies unread last in its pipe is the end of what was said last
        return unsent || (unread > 0 && inFlight.size() == 1 && !toldSinceHead);
    }

    long pid() {
        WorkerProcess running = process;
        return running == null ? -1 : running.pid();
    }

    // Starting and ending

    /** Starts the process and the threads on it. Blocks for the time of a fork. */
    void start() {
        PoolConfig config = dispatcher.config;
        WorkerProcess started = null;
        try {
            started = WorkerProcess.start(config, id);
            process = started;
            channel =
                    StreamChannel.parentSide(
                            started.fromWorker(),
                            started.toWorker(),
                            config.maxPayload(),
                            started.shelves().orElse(null));
            WorkerProcess running = started;
            Threads.own(id + "-undertaker", () -> bury(running));
            Threads.own(id + "-printed", () -> listen(running));
            reader = Threads.own(id + "-reader", this::read);
        } catch (IOException | RuntimeException | Error failed) {
            startFailure = failed;
            if (started != null) {
                started.kill();
            }
            dispatcher.lost(this, ExitReason.START_FAILED);
            dispatcher.gone(this, ExitReason.START_FAILED, -1, "");
            return;
        }
        boolean wanted;
        dispatcher.lock.lock();
        try {
            outbox.addFirst(dispatcher.hello);
            countReasonsToRead();
            wanted = !(state instanceof WorkerState.Killed);
        } finally {
            dispatcher.lock.unlock();
        }
        if (!wanted) {
            kill(); // it was to die before there was a process to kill
            return;
        }
        flush();
        wakeReader();
        Aftermath after = new Aftermath(dispatcher.listener);
        after.tell(l -> l.workerStarted(id, pid()));
        after.run();
    }

    /**
     * Under the lock: a new meter for the call that is now the first; null if there can be none.
     */
    @Nullable Meter meterForHead() {
        WorkerProcess running = process;
        meter = running == null ? null : running.meter().orElse(null);
        return meter;
    }

    /** Looks a last time at what the running call uses, if somebody wants to know. */
    private void lookAtMeter() {
        Meter reading = meter;
        if (reading != null) {
            reading.look();
        }
    }

    /** Kills the process and what it has started; does not wait. */
    void kill() {
        WorkerProcess running = process;
        if (running != null) {
            lookAtMeter();
            running.kill();
        }
    }

    /** Asks the process to end. */
    void terminate() {
        WorkerProcess running = process;
        if (running != null) {
            lookAtMeter();
            running.terminate();
        }
    }

    /** Waits for the end of the process, hears what it still said, then closes its books. */
    private void bury(WorkerProcess dead) {
        int exitCode = dead.awaitExit();
        exited = true;
        dispatcher.lost(this, ExitReason.CRASHED); // unless a reason is known already
        awaitWriter();
        unread = dead.unread();
        wakeReader();
        dead.cleanUp(); // whatever it left running may hold its pipes open
        try {
            if (!heardAll.await(2, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "worker {0} left its line open", id);
            }
            printedAll.await(500, TimeUnit.MILLISECONDS);
        } catch (InterruptedException never) {
            throw new IllegalStateException(never); // nobody knows this thread
        }
        String words = lastWords();
        ExitReason why = whyGone(exitCode, words);
        dispatcher.gone(this, why, exitCode, words);
        try {
            Channel<Message.ToWorker, Message.ToParent> line = channel;
            if (line != null) {
                line.close();
            }
        } catch (IOException gone) {
            LOG.log(System.Logger.Level.DEBUG, "closing the line of a dead worker", gone);
        }
    }

    /** Lets whoever is writing finish, unless he is stuck in a pipe nobody reads any more. */
    private void awaitWriter() {
        long limit = System.nanoTime() + WRITER_NANOS;
        while (writing.get() && System.nanoTime() < limit) {
            Thread.onSpinWait();
        }
    }

    /** Keeps an eye on what it has not read yet. */
    void watchInput() {
        WorkerProcess running = process;
        if (running != null) {
            running.watchInput();
        }
    }

    private ExitReason whyGone(int exitCode, String words) {
        long kernelKills = exitCode == 137 ? Memory.kernelKills() : 0;
        dispatcher.lock.lock();
        try {
            ExitReason known = state.reasonToLeave().orElse(ExitReason.CRASHED);
            if (known != ExitReason.CRASHED) {
                return known;
            }
            if (!wasReady) {
                return ExitReason.START_FAILED;
            }
            boolean heapFull = exitCode == 3 && words.contains("java.lang.OutOfMemoryError");
            return heapFull || dispatcher.putDownToKernel(kernelKills)
                    ? ExitReason.MEMORY
                    : ExitReason.CRASHED;
        } finally {
            dispatcher.lock.unlock();
        }
    }

    /** Resident bytes it may have while it runs that call; 0 for no limit. */
    long memoryLimit(@Nullable Call running) {
        long hard = dispatcher.config.hardMemory();
        long own = running == null ? 0 : running.options.memory();
        return own == 0 || (hard > 0 && hard < own) ? hard : own;
    }

    /** Which kind of memory it lacked, in words. */
    String memoryVerdict(String words, long hard) {
        for (String line : words.lines().toList()) {
            int at = line.indexOf("java.lang.OutOfMemoryError");
            if (at >= 0) {
                return line.substring(at);
            }
        }
        return hard > 0 && residentSeen > hard
                ? "its resident memory of %,d bytes was over the limit of %,d"
                        .formatted(residentSeen, hard)
                : "the kernel killed it, being short of memory";
    }

    /** Why it never was of use, in words. */
    String startTrouble(ExitReason why, int exitCode) {
        if (startFailure != null) {
            return String.valueOf(startFailure.getMessage());
        }
        if (initFailure != null) {
            return "the initializer failed: " + initFailure;
        }
        String words = lastWords();
        return trouble(why, exitCode, words)
                + (words.isEmpty() ? "" : "; its last words: " + words.strip());
    }

    private String trouble(ExitReason why, int exitCode, String words) {
        String when = wasReady ? "as soon as it was ready" : "before it was ready";
        if (why == ExitReason.BROKEN_PROTOCOL) {
            return "what it wrote %s was no message".formatted(when);
        }
        if (why == ExitReason.MEMORY) {
            return "it died %s: %s".formatted(when, memoryVerdict(words, memoryLimit(null)));
        }
        if (why == ExitReason.START_FAILED && killed) {
            return "it was not ready within "
                    + CallException.words(dispatcher.config.startTimeout());
        }
        return "it ended with exit code %d %s".formatted(exitCode, when);
    }

    // Writing

    /** Writes what is in the outbox, unless another thread is at it. May wait for the worker. */
    void flush() {
        boolean _ = flush(Integer.MAX_VALUE);
    }

    /**
     * As {@link #flush()}, but leaves what could have to wait for the worker.
     *
     * @return whether nothing was left
     */
    boolean flushLittle() {
        return flush(PIPE_BYTES);
    }

    private boolean flush(int mostInHand) {
        Channel<Message.ToWorker, Message.ToParent> line = channel;
        if (line == null) {
            return true; // not started: Hello comes first, and nothing is assigned before Ready
        }
        while (writing.compareAndSet(false, true)) {
            try {
                if (exited) {
                    return true; // what stays in the outbox is known not to have been said
                }
                List<Message.ToWorker> batch = takeOutbox(mostInHand);
                if (batch == null) {
                    return false;
                }
                if (!batch.isEmpty()) {
                    line.send(batch);
                }
            } catch (IOException cut) {
                // Its end follows, or its process is about to: reading will tell.
                LOG.log(System.Logger.Level.DEBUG, "the line to worker " + id + " is cut", cut);
            } finally {
                writing.set(false);
            }
            if (outboxIsEmpty()) {
                break;
            }
        }
        return true; // whoever is writing writes what came meanwhile, too
    }

    /** Null if all that was given to the worker and not answered is more than that. */
    private @Nullable List<Message.ToWorker> takeOutbox(int mostInHand) {
        dispatcher.lock.lock();
        try {
            if (bytesInFlight > mostInHand) {
                return null;
            }
            if (outbox.isEmpty()) {
                return List.of(); // not the outbox itself: others go on filling that
            }
            List<Message.ToWorker> batch = outbox;
            outbox = new ArrayList<>();
            return batch;
        } finally {
            dispatcher.lock.unlock();
        }
    }

    private boolean outboxIsEmpty() {
        dispatcher.lock.lock();
        try {
            return outbox.isEmpty();
        } finally {
            dispatcher.lock.unlock();
        }
    }

    // Reading

    /** Under the lock, whenever the books have changed. */
    void countReasonsToRead() {
        reasonsToRead =
                inFlight.size()
                        + (pinged ? 1 : 0)
                        + (describing ? 1 : 0)
                        + (dump != null ? 1 : 0)
                        + (state instanceof WorkerState.Starting
                                        || state instanceof WorkerState.Stopping
                                        || state instanceof WorkerState.Killed
                                ? 1
                                : 0);
    }

    private boolean hasReasonToRead() {
        return !endOfLine && (reasonsToRead > 0 || exited);
    }

    /** Sees to it that somebody reads, if there is a reason to. */
    void wakeReader() {
        Thread sleeper = reader;
        if (sleeper != null && role.get() == Role.NOBODY && callersToRead.get() == 0) {
            LockSupport.unpark(sleeper);
        }
    }

    /** The reader thread. */
    private void read() {
        try {
            while (!endOfLine) {
                if (!hasReasonToRead()
                        || callersToRead.get() > 0
                        || !role.compareAndSet(Role.NOBODY, Role.READER)) {
                    LockSupport.park(this);
                    continue;
                }
                Aftermath after;
                try {
                    after = hear();
                    if (after != null && after.isToBeHeardInOrder()) {
                        after.runOnReaderOf(this);
                        after = null;
                    }
                } finally {
                    role.set(Role.NOBODY);
                }
                // Only now, so that a caller who is woken by it finds the role free for his next
                // call:
                // else this thread would keep it from then on, and each call would cost two
                // wake-ups.
                if (after != null) {
                    after.runOnReaderOf(this);
                }
            }
        } finally {
            heardAll.countDown();
        }
    }

    /** Under the lock: a call was assigned whose caller is going to {@link #lookFor} its answer. */
    void announceCaller() {
        callersToRead.incrementAndGet();
    }

    /**
     * On the thread of a caller that was announced: looks a moment for the answer to its call, if
     * such calls are short.
     *
     * @param call what it waits for
     */
    void lookFor(SingleResult<?> call) {
        try {
            if (SPIN_NANOS > 0 && averageRun <= SPIN_NANOS && policy.isWorthTrying()) {
                if (SPINNERS.incrementAndGet() <= MOST_SPINNERS
                        && role.compareAndSet(Role.NOBODY, Role.CALLER)) {
                    try {
                        look(call);
                    } finally {
                        role.set(Role.NOBODY);
                    }
                }
                SPINNERS.decrementAndGet();
            }
        } finally {
            callersToRead.decrementAndGet();
            if (hasReasonToRead() || endOfLine) {
                wakeReader();
            }
        }
    }

    private void look(SingleResult<?> call) {
        Channel<Message.ToWorker, Message.ToParent> line = channel;
        try {
            while (!call.ready() && line != null && !endOfLine && line.ready(SPIN_NANOS)) {
                Aftermath after = hear();
                if (after != null) {
                    after.runOnReaderOf(this);
                }
            }
            if (call.ready()) {
                policy.hit();
            } else {
                policy.missed();
            }
        } catch (IOException cut) {
            lineIsCut(cut);
        }
    }

    /**
     * With the reading role: takes what there is, waiting for at least one message.
     *
     * @return what is to be done now, or null
     */
    private @Nullable Aftermath hear() {
        Channel<Message.ToWorker, Message.ToParent> line = channel;
        if (line == null) {
            throw new IllegalStateException("nothing to read from");
        }
        try {
            Message.ToParent message = line.receive();
            if (message == null) {
                endOfLine = true;
                dispatcher.lost(this, ExitReason.CRASHED);
                return null;
            }
            List<Message.ToParent> messages = new ArrayList<>();
            messages.add(message);
            while (messages.size() < BATCH && line.buffered()) {
                message = line.receive();
                if (message != null) {
                    messages.add(message);
                }
            }
            return dispatcher.heard(this, messages);
        } catch (IOException cut) {
            lineIsCut(cut);
        } catch (RuntimeException | Error failed) {
            // also no memory for what it says: nobody could read on in the middle of a message
            LOG.log(System.Logger.Level.ERROR, "reading from worker " + id + " failed", failed);
            endOfLine = true;
            dispatcher.lost(this, ExitReason.BROKEN_PROTOCOL);
            kill();
        }
        return null;
    }

    private void lineIsCut(IOException cut) {
        endOfLine = true;
        if (cut instanceof ProtocolException) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "worker {0} (pid {1}) broke the protocol and is killed: {2}",
                    id,
                    Long.toString(pid()),
                    cut.getMessage());
            dispatcher.lost(this, ExitReason.BROKEN_PROTOCOL);
            kill();
        } else {
            dispatcher.lost(this, ExitReason.CRASHED);
        }
    }

    /** Tells a caller's listener something of its call. */
    static <T> void tell(@Nullable Consumer<T> listener, T news) {
        try {
            if (listener != null) {
                listener.accept(news);
            }
        } catch (RuntimeException | Error thrown) {
            LOG.log(System.Logger.Level.WARNING, "a listener of a call threw", thrown);
        }
    }

    // What it prints

    private void listen(WorkerProcess running) {
        try (Reader printed = new InputStreamReader(running.printed(), StandardCharsets.UTF_8)) {
            char[] buffer = new char[LINE_CHARS];
            StringBuilder line = new StringBuilder();
            int begun = callsBegun;
            for (int n; (n = printed.read(buffer)) >= 0; ) {
                for (int i = 0; i < n; i++) {
                    boolean another = buffer[i] == Message.Said.ANOTHER_CALL;
                    if (buffer[i] == '\n'
                            || line.length() == LINE_CHARS
                            || (another && !line.isEmpty())) {
                        said(line.toString(), running.pid(), begun);
                        line.setLength(0);
                    }
                    if (line.isEmpty()) {
                        begun = callsBegun;
                    }
                    if (another) {
                        forgetWords();
                    } else if (buffer[i] != '\n' && buffer[i] != '\r') {
                        line.append(buffer[i]);
                    }
                }
            }
            if (!line.isEmpty()) {
                said(line.toString(), running.pid(), begun);
            }
        } catch (IOException closed) {
            LOG.log(System.Logger.Level.DEBUG, "the log of worker " + id + " was cut", closed);
        } finally {
            printedAll.countDown();
        }
    }

    private void said(String line, long pid, int begun) {
        synchronized (lastWords) {
            if (begun == callsBegun) {
                lastWords.append(line).append('\n');
            }
            if (lastWords.length() > LAST_WORDS_CHARS) {
                lastWords.delete(0, lastWords.length() - LAST_WORDS_CHARS);
            }
        }
        Optional<RunningCall> call = dispatcher.running(this);
        Aftermath after = new Aftermath(dispatcher.listener);
        after.tell(l -> l.workerSaid(id, pid, call, line));
        after.run();
    }

    /**
     * A call begins, which may be of another client than those before: its end tells nothing of
     * what they have printed.
     */
    void forgetWords() {
        synchronized (lastWords) {
            callsBegun++;
            lastWords.setLength(0);
        }
    }

    String lastWords() {
        synchronized (lastWords) {
            return lastWords.toString();
        }
    }

    // Looking

    void lookAtMemory() {
        WorkerProcess running = process;
        if (running != null) {
            long bytes = running.residentBytes();
            if (bytes > 0) {
                residentSeen = bytes;
            }
        }
    }

    void lookAtCpu() {
        WorkerProcess running = process;
        if (running != null) {
            running.cpu().ifPresent(used -> cpuSeen = used);
        }
    }

    /** Under the lock. */
    PoolSnapshot.Worker snapshot(
            long now, Instant clock, Optional<PoolSnapshot.Exit> lastOfItsSlot) {
        Call head = inFlight.peek();
        return new PoolSnapshot.Worker(
                id,
                pid(),
                state.word(),
                state.reasonToLeave().or(() -> Optional.ofNullable(leaving)),
                clock.minus(Duration.ofNanos(now - stateSince)),
                clock.minus(Duration.ofNanos(now - startedAt)),
                spare,
                ended,
                inFlight.size(),
                holds.size(),
                head == null ? Optional.empty() : Optional.of(head.target().toString()),
                residentSeen,
                heapSeen,
                Optional.ofNullable(cpuSeen),
                lastOfItsSlot);
    }
}
