package org.processpool.worker;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.Channel;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;
import org.processpool.wire.SpinPolicy;

/**
 * Waits for messages, beginning with a short spin as long as that is worth it. Each message costs
 * at most one spin, so an idle worker costs nothing. Not safe for use by several threads.
 */
final class Spinning {

    private final SpinPolicy policy = new SpinPolicy();
    private long nanos;

    /**
     * @param spinNanos how long one spin may take; 0 for none
     */
    void allow(long spinNanos) {
        nanos = spinNanos;
    }

    /** As {@link Channel#receive}. */
    @Nullable ToWorker receive(Channel<ToParent, ToWorker> channel) throws IOException {
        if (nanos > 0 && !channel.buffered() && policy.isWorthTrying()) {
            if (channel.ready(nanos)) {
                policy.hit();
            } else {
                policy.missed();
            }
        }
        return channel.receive();
    }
}
