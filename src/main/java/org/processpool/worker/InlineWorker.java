package org.processpool.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.processpool.wire.ProtocolException;
import org.processpool.wire.StreamChannel;
import org.processpool.wire.WorkerSide;

/** A worker in a thread of the calling process. Made by {@link java.util.ServiceLoader}. */
public final class InlineWorker implements WorkerSide {

    private static final Host NO_PROCESS =
            new Host() {
                @Override
                public void abandoned(End end) {
                    // the loop ends by itself
                }

                @Override
                public void largePayload() {
                    // memory is as wide as it is
                }

                @Override
                public Optional<ProcessHandle> parent() {
                    return Optional.empty();
                }
            };

    @Override
    public void serve(InputStream in, OutputStream out) throws IOException {
        var channel = StreamChannel.workerSide(in, out, WorkerMain.HELLO_LIMIT);
        End end = new WorkerLoop(channel, NO_PROCESS).run();
        if (end == End.BROKEN) {
            throw new ProtocolException(
                    "the parent's bytes were no message, or not one that may come now");
        }
    }
}
