package org.processpool.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskContext;
import org.processpool.wire.ProtocolException;
import org.processpool.wire.StreamChannel;
import org.processpool.wire.WorkerSide;

/** A worker in a thread of the calling process. Made by {@link java.util.ServiceLoader}. */
public final class InlineWorker implements WorkerSide {

    private static final class NoProcess implements Host {
        @Override
        public void abandoned(End end) {
            // the loop ends by itself
        }

        @Override
        public void largePayload() {
            // memory is as wide as it is
        }

        @Override
        public void callBegins() {
            // it has no log, and when it dies there is nobody left to be told
        }

        @Override
        public void transcribe(@Nullable Transcript transcript) {
            if (transcript != null) {
                Prints.wanted();
            } else {
                Prints.unwanted();
            }
        }

        @Override
        public Optional<ProcessHandle> parent() {
            return Optional.empty();
        }
    }

    /**
     * Standard output and error of this process, which belong to others: they are replaced only
     * while a call is overheard, and what is printed counts as the call's if it is printed by the
     * thread that runs it.
     */
    private static final class Prints {

        // guarded by the class
        private static int calls;
        private static PrintStream out = System.out;
        private static PrintStream err = System.err;
        private static PrintStream ourOut = System.out;
        private static PrintStream ourErr = System.err;

        private Prints() {}

        static synchronized void wanted() {
            if (calls++ == 0) {
                out = System.out;
                err = System.err;
                ourOut = Printer.perThread(out, false, Prints::ofThisThread);
                ourErr = Printer.perThread(err, true, Prints::ofThisThread);
                System.setOut(ourOut);
                System.setErr(ourErr);
            }
        }

        @SuppressWarnings("ReferenceEquality") // what others have set meanwhile is theirs
        static synchronized void unwanted() {
            if (--calls == 0) {
                if (System.out == ourOut) {
                    System.setOut(out);
                }
                if (System.err == ourErr) {
                    System.setErr(err);
                }
            }
        }

        private static @Nullable Transcript ofThisThread() {
            return TaskContext.CURRENT.isBound()
                            && TaskContext.CURRENT.get() instanceof CallContext call
                    ? call.transcript()
                    : null;
        }
    }

    @Override
    public void serve(InputStream in, OutputStream out) throws IOException {
        var channel = StreamChannel.workerSide(in, out, WorkerMain.HELLO_LIMIT);
        End end = new WorkerLoop(channel, new NoProcess()).run();
        if (end == End.BROKEN) {
            throw new ProtocolException(
                    "the parent's bytes were no message, or not one that may come now");
        }
    }
}
