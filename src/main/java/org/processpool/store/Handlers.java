package org.processpool.store;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The threads inside a handler. Only there are they interrupted, never while they write down what
 * came of it: a driver may answer an interrupt by closing its connection.
 */
final class Handlers {

    /** Guarded by this. */
    private final Set<Thread> inside = new HashSet<>();

    /** Guarded by this: whether whoever comes in is interrupted as well. */
    private boolean interrupting;

    /** Runs a handler's method; the thread is not interrupted when this returns or throws. */
    <T> T run(Supplier<T> deed) {
        enter();
        try {
            return deed.get();
        } finally {
            leave();
        }
    }

    private synchronized void enter() {
        inside.add(Thread.currentThread());
        if (interrupting) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void leave() {
        inside.remove(Thread.currentThread());
        var _ = Thread.interrupted();
    }

    synchronized void interrupt() {
        interrupting = true;
        inside.forEach(Thread::interrupt);
    }
}
