package org.processpool.worker;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.Message.Said;
import org.processpool.wire.ProcessTree;
import org.processpool.wire.StreamChannel;

/**
 * A worker process.
 *
 * <p>It speaks the protocol of {@link org.processpool.wire.Message} over its standard input and
 * output, or over the two descriptors the system property {@code process-pool.fds} names, such as
 * {@code 3,4}; then descriptors 0 and 1 are nothing and the log already, for native code too. User
 * code finds an empty {@code System.in}, and what it prints goes to standard error.
 *
 * <p>The system property {@code process-pool.pid} says by which number the parent knows this
 * process, where that is another than its own.
 *
 * <p>Large payloads go through files in the directory that {@code process-pool.shelves} names.
 *
 * <p>Exit codes: 0 told to stop, 70 the initializer failed, 71 the parent broke the protocol, 72
 * the parent is gone.
 */
public final class WorkerMain {

    /**
     * Most bytes of a payload in the parent's first message, which sets the limit of all others.
     */
    static final int HELLO_LIMIT = 1 << 30;

    /** How long hooks of user code may delay an exit, in milliseconds. */
    private static final long HOOKS_MAY_TAKE = 1000;

    private WorkerMain() {}

    /**
     * Works until the parent says stop or is gone; does not return.
     *
     * @param args {@code --train} to run a representative session without a parent, for an AOT
     *     cache; else system properties ({@code -Dkey=value}) and whatever shall be seen in a list
     *     of processes. A native executable takes properties and options such as {@code -Xmx64m}
     *     away before; on a JVM such options have no meaning here and are left alone
     * @throws IOException the protocol's descriptors cannot be opened
     */
    public static void main(String[] args) throws IOException {
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (arg.startsWith("-D") && equals > 2) {
                System.setProperty(arg.substring(2, equals), arg.substring(equals + 1));
            }
        }
        OwnProcess host = new OwnProcess();
        host.takePrints();
        if (args.length > 0 && args[0].equals("--train")) {
            leave(Training.run(host));
            return;
        }
        InputStream in;
        OutputStream out;
        String descriptors = System.getProperty("process-pool.fds");
        if (descriptors == null) {
            in = new FileInputStream(FileDescriptor.in);
            out = new FileOutputStream(FileDescriptor.out);
        } else {
            int comma = descriptors.indexOf(',');
            in = new FileInputStream("/dev/fd/" + descriptors.substring(0, comma));
            out = new FileOutputStream("/dev/fd/" + descriptors.substring(comma + 1));
        }
        System.setIn(InputStream.nullInputStream());
        String shelves = System.getProperty("process-pool.shelves");
        var channel =
                StreamChannel.workerSide(
                        in, out, HELLO_LIMIT, shelves == null ? null : Path.of(shelves));
        leave(new WorkerLoop(channel, host).run());
    }

    private static void leave(End end) {
        switch (end) {
            case STOPPED, INIT_FAILED -> {
                haltAfter(HOOKS_MAY_TAKE, end);
                System.exit(end.exitCode());
            }
            case BROKEN, ABANDONED -> abandon(end);
        }
    }

    /** Takes all processes of this worker along, at once and without asking anybody. */
    private static void abandon(End end) {
        haltAfter(2 * HOOKS_MAY_TAKE - 200, end);
        try {
            String token = System.getenv(ProcessTree.TOKEN);
            ProcessTree.of(ProcessHandle.current().pid(), token == null ? "" : token).kill();
        } finally {
            Runtime.getRuntime().halt(end.exitCode());
        }
    }

    private static void haltAfter(long millis, End end) {
        Thread watchdog =
                new Thread(
                        () -> {
                            try {
                                Thread.sleep(millis);
                            } catch (InterruptedException hurried) {
                                // then at once
                            }
                            Runtime.getRuntime().halt(end.exitCode());
                        },
                        "process-pool-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    private static final class OwnProcess implements Host {
        private final WidePipes pipes = new WidePipes();
        private final Log log = new Log();
        private volatile @Nullable Transcript transcript;

        /** From now on what user code prints comes here: to descriptor 2 in any case. */
        void takePrints() {
            System.setOut(Printer.shared(log, false, () -> transcript));
            System.setErr(Printer.shared(log, true, () -> transcript));
        }

        @Override
        public void callBegins() {
            log.mark();
        }

        @Override
        public void transcribe(@Nullable Transcript wanted) {
            transcript = wanted;
        }

        @Override
        public void largePayload() {
            pipes.wanted();
        }

        @Override
        public void abandoned(End end) {
            abandon(end);
        }

        @Override
        public Optional<ProcessHandle> parent() {
            return ProcessHandle.current().parent();
        }
    }

    /** Descriptor 2, with a mark between what different calls have printed. */
    private static final class Log extends FileOutputStream {
        private volatile boolean printed;

        Log() {
            super(FileDescriptor.err);
        }

        @Override
        public void write(int value) throws IOException {
            printed = true;
            super.write(value);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            printed = true;
            super.write(bytes, from, length);
        }

        /** To be called when all that was printed has been written. */
        void mark() {
            if (printed) {
                printed = false;
                try {
                    super.write(Said.ANOTHER_CALL);
                } catch (IOException torn) {
                    printed = true; // nobody reads it any more
                }
            }
        }
    }
}
