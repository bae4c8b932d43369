package org.processpool.worker;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.Channel;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;

/**
 * Waits for messages, beginning with a short spin while messages come fast. After some spins in
 * vain it sleeps at once, until a message has come so soon that a spin would have caught it. Each
 * message costs at most one spin, so an idle worker costs nothing. Not safe for use by several
 * threads.
 */
final class Spinning {

    private static final int MOST_MISSES = 4;

    /** A gap seen by a sleeper is longer than it was by two wake-ups, the parent's and its own. */
    private static final long WAKE_UPS = 200_000;

    private long nanos;
    private int misses;

    /**
     * @param spinNanos how long one spin may take; 0 for none
     */
    void allow(long spinNanos) {
        nanos = spinNanos;
    }

    /** As {@link Channel#receive}. */
    @Nullable ToWorker receive(Channel<ToParent, ToWorker> channel) throws IOException {
        if (nanos == 0 || channel.buffered()) {
            return channel.receive();
        }
        long start = System.nanoTime();
        boolean hit = misses < MOST_MISSES && channel.ready(nanos);
        ToWorker message = channel.receive();
        if (hit || System.nanoTime() - start < nanos + WAKE_UPS) {
            misses = 0;
        } else if (misses < MOST_MISSES) {
            misses++;
        }
        return message;
    }
}
