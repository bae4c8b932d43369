package org.processpool.chat;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Does one thing after the other, in the order in which it was asked, on a virtual thread that is
 * there while there is something to do. What is touched by its tasks alone needs no lock.
 *
 * <p>Invariant: {@code size} counts what was asked and not yet done; whoever raises it from 0
 * starts the thread, which ends when it has brought it back to 0. So there is never more than one.
 */
final class Mailbox implements Executor {

    private static final Logger LOG = Logger.getLogger(Mailbox.class);

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final String name;

    /**
     * An empty one.
     *
     * @param name what its thread is called
     */
    Mailbox(String name) {
        this.name = name;
    }

    /** Asks for something to be done; returns at once. What it throws is logged as a bug. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (size.getAndIncrement() == 0) {
            Thread.ofVirtual().name(name).start(this::work);
        }
    }

    private void work() {
        do {
            Runnable task = tasks.remove();
            try {
                task.run();
            } catch (RuntimeException | Error bug) {
                LOG.errorf(bug, "%s could not do what it had to", name);
            }
        } while (size.decrementAndGet() > 0);
    }
}
