package org.processpool.worker;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What user code finds as standard output or error: everything goes to the log and to the {@link
 * Transcript} of a call, if there is one. Lines go at once, so that they survive a sudden death.
 * User code cannot close it.
 */
final class Printer extends PrintStream {

    private static final int BUFFER = 8 << 10;

    private final boolean error;
    private final Supplier<@Nullable Transcript> transcript;

    private Printer(OutputStream out, boolean error, Supplier<@Nullable Transcript> transcript) {
        super(out, true, StandardCharsets.UTF_8);
        this.error = error;
        this.transcript = transcript;
    }

    /**
     * One for all threads.
     *
     * @param transcript of which call is to be kept now
     */
    static Printer shared(
            OutputStream log, boolean error, Supplier<@Nullable Transcript> transcript) {
        return new Printer(
                new BufferedOutputStream(new Tee(log, error, transcript), BUFFER),
                error,
                transcript);
    }

    /**
     * One that asks on the thread that prints, so it keeps nothing back.
     *
     * @param transcript of which call is to be kept for what the asking thread prints
     */
    static Printer perThread(
            OutputStream log, boolean error, Supplier<@Nullable Transcript> transcript) {
        return new Printer(new Tee(log, error, transcript), error, transcript);
    }

    @Override
    public void flush() {
        super.flush();
        Transcript kept = transcript.get();
        if (kept != null) {
            kept.flush(error);
        }
    }

    @Override
    public void close() {
        flush();
    }

    private static final class Tee extends OutputStream {
        private final OutputStream log;
        private final boolean error;
        private final Supplier<@Nullable Transcript> transcript;

        Tee(OutputStream log, boolean error, Supplier<@Nullable Transcript> transcript) {
            this.log = log;
            this.error = error;
            this.transcript = transcript;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            log.write(bytes, from, length);
            Transcript kept = transcript.get();
            if (kept != null) {
                kept.add(error, bytes, from, length);
            }
        }

        @Override
        public void flush() throws IOException {
            log.flush();
        }
    }
}
