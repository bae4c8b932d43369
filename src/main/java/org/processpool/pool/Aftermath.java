package org.processpool.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What has to be done once the dispatcher's lock is released: ends told, messages written,
 * listeners called. Filled under the lock by one thread, run by the same thread without it.
 */
final class Aftermath {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    private final PoolListener listener;
    private final List<Runnable> deeds = new ArrayList<>(2);
    private final List<WorkerHandle> outboxes = new ArrayList<>(2);
    private @Nullable List<Runnable> first;
    private boolean inOrder;

    Aftermath(PoolListener listener) {
        this.listener = listener;
    }

    /** Something to do. */
    void then(Runnable deed) {
        deeds.add(deed);
    }

    /** Something to do before what is heard later from the same worker. */
    void thenInOrder(Runnable deed) {
        inOrder = true;
        deeds.add(deed);
    }

    /** Something to do before anything is written: short, and must not wait for anybody. */
    void beforeWriting(Runnable deed) {
        if (first == null) {
            first = new ArrayList<>(2);
        }
        first.add(deed);
    }

    /** Whether it must be done before anything else is heard from the worker. */
    boolean isToBeHeardInOrder() {
        return inOrder;
    }

    /** A worker has something in its outbox. */
    void flush(WorkerHandle worker) {
        if (!outboxes.contains(worker)) {
            outboxes.add(worker);
        }
    }

    /** A listener has something to hear. */
    @SuppressWarnings("ReferenceEquality") // SILENT is the one that hears nothing
    void tell(Consumer<PoolListener> news) {
        if (listener != PoolListener.SILENT) {
            deeds.add(() -> {
                try {
                    news.accept(listener);
                } catch (RuntimeException | Error thrown) {
                    LOG.log(System.Logger.Level.WARNING, "a pool listener threw", thrown);
                }
            });
        }
    }

    /** A call has ended. */
    void ended(Call call, Outcome outcome, Duration waited, Duration ran) {
        if (call.audience != null) {
            call.audience.ends(call, waited, ran, this);
        }
        deeds.add(() -> call.ending.ended(call, outcome));
        tell(l -> l.callEnded(call.target(), outcome, waited, ran));
    }

    /**
     * Does it all, writing on this thread: for a thread that may wait for its worker. With several
     * workers to write to none waits for another.
     */
    void run() {
        runFirst();
        boolean one = outboxes.size() == 1;
        for (WorkerHandle worker : outboxes) {
            if (one) {
                worker.flush();
                worker.wakeReader();
            } else {
                flushLittle(worker);
            }
        }
        runDeeds();
    }

    private static void flushLittle(WorkerHandle worker) {
        if (worker.flushLittle()) {
            worker.wakeReader();
        } else {
            flushElsewhere(worker);
        }
    }

    private void runFirst() {
        if (first != null) {
            runAll(first);
        }
    }

    private void runDeeds() {
        runAll(deeds);
    }

    /** Each deed is done whatever happens to the others: they may be other calls' ends. */
    private static void runAll(List<Runnable> deeds) {
        for (Runnable deed : deeds) {
            try {
                deed.run();
            } catch (RuntimeException | Error thrown) {
                LOG.log(System.Logger.Level.ERROR, "the pool could not do all it had to", thrown);
            }
        }
    }

    /**
     * As {@link #run}, for a thread that reads from a worker. It must not wait for another worker,
     * nor for its own while that one waits for what it writes to be read; a little always fits into
     * the pipe.
     */
    void runOnReaderOf(WorkerHandle reading) {
        runFirst();
        for (WorkerHandle worker : outboxes) {
            if (worker == reading) {
                flushLittle(worker);
            } else {
                flushElsewhere(worker);
            }
        }
        runDeeds();
    }

    private static void flushElsewhere(WorkerHandle worker) {
        Threads.lend(() -> {
            worker.flush();
            worker.wakeReader();
        });
    }

    /** As {@link #run}, for a thread that reads the answer itself right afterwards. */
    void runAsReader() {
        runFirst();
        outboxes.forEach(WorkerHandle::flush);
        runDeeds();
    }

    /**
     * Does it all, writing on threads of their own: for a thread that must never wait for a worker.
     */
    void runWithoutWriting() {
        runFirst();
        outboxes.forEach(Aftermath::flushElsewhere);
        runDeeds();
    }
}
