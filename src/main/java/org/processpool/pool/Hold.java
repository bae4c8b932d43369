package org.processpool.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's hold on a worker: a lease's or a conversation's. Over once it was released or its
 * worker has died, whichever is first.
 */
final class Hold {

    private final Dispatcher dispatcher;
    private final WorkerHandle worker;
    private final List<Runnable> mourners = new ArrayList<>();
    private boolean released;
    private boolean lost;

    Hold(Dispatcher dispatcher, WorkerHandle worker) {
        this.dispatcher = dispatcher;
        this.worker = worker;
    }

    WorkerHandle worker() {
        return worker;
    }

    synchronized boolean isOver() {
        return released || lost;
    }

    /**
     * Gives it back. Idempotent.
     *
     * @param last what the worker has to do before it serves others, or null
     */
    void release(@Nullable Call last) {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
            mourners.clear();
        }
        dispatcher.release(this, last);
    }

    /**
     * Its worker has died.
     *
     * @return who is to be told
     */
    synchronized List<Runnable> lose() {
        lost = true;
        List<Runnable> told = List.copyOf(mourners);
        mourners.clear();
        return told;
    }

    /** Has the listener run once if the worker dies before the release; at once if it has died. */
    void onLost(Runnable listener, Executor executor) {
        Runnable tell = () -> executor.execute(listener);
        synchronized (this) {
            if (released) {
                return;
            }
            if (!lost) {
                mourners.add(tell);
                return;
            }
        }
        tell.run();
    }
}
