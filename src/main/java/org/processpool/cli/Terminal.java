package org.processpool.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command reads and writes; bytes, as everything is UTF-8 whatever the locale.
 *
 * @param in standard input
 * @param out standard output; throws {@link ReaderGone} or {@link NotWritten} if it cannot write
 * @param err standard error
 * @param inIsTerminal whether a person types what comes from {@code in}
 * @param outIsTerminal whether a person sees what is written to {@code out}
 * @param errIsTerminal whether a person sees what is written to {@code err}
 * @param environment the variables
 */
record Terminal(
        InputStream in,
        OutputStream out,
        OutputStream err,
        boolean inIsTerminal,
        boolean outIsTerminal,
        boolean errIsTerminal,
        Map<String, String> environment) {

    private static final int IN = 0;
    private static final int OUT = 1;
    private static final int ERR = 2;
    private static final char NOT_DECODED = '\uFFFD';

    /** That of this process. */
    static Terminal ofProcess() {
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                new StandardOutput(new FileOutputStream(FileDescriptor.out)),
                new FileOutputStream(FileDescriptor.err),
                isTerminal(IN),
                isTerminal(OUT),
                isTerminal(ERR),
                System.getenv());
    }

    boolean showsColours() {
        return outIsTerminal && isCapable() && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    boolean showsProgress() {
        return errIsTerminal && isCapable();
    }

    private boolean isCapable() {
        return !"dumb".equals(environment.get("TERM"));
    }

    /**
     * The arguments as they were typed. The JVM decodes them by the locale; in {@code POSIX}
     * whatever is not ASCII is lost, but Linux still has the bytes.
     */
    static String[] decoded(String... args) {
        Path commandLine = Path.of("/proc/self/cmdline");
        boolean lost = Arrays.stream(args).anyMatch(arg -> arg.indexOf(NOT_DECODED) >= 0);
        if (!lost || !Files.isReadable(commandLine)) {
            return args;
        }
        try {
            String all = Files.readString(commandLine, StandardCharsets.UTF_8);
            List<String> words = List.of(all.split("\0", -1)); // the last is empty
            int first = words.size() - 1 - args.length;
            return first < 1 ? args : words.subList(first, words.size() - 1).toArray(String[]::new);
        } catch (IOException notText) {
            return args; // not UTF-8 either, so they stay what the JVM made of them
        }
    }

    /**
     * Java only tells whether both input and output are terminals, so Linux is asked. Elsewhere it
     * must do.
     */
    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        if (!Files.isSymbolicLink(link)) {
            return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        }
        try {
            String file = Files.readSymbolicLink(link).toString();
            return file.startsWith("/dev/pts/")
                    || file.startsWith("/dev/tty")
                    || file.equals("/dev/console");
        } catch (IOException unknown) {
            return false; // then nothing is written that only a person could want
        }
    }

    /** Whoever read the output has gone away. */
    static final class ReaderGone extends UncheckedIOException {

        private static final long serialVersionUID = 1L;

        ReaderGone(IOException cause) {
            super(cause);
        }
    }

    /** The output cannot be written, perhaps because a disk is full. */
    static final class NotWritten extends UncheckedIOException {

        private static final long serialVersionUID = 1L;

        NotWritten(IOException cause) {
            super("cannot write the output: " + cause.getMessage(), cause);
        }
    }

    /** Standard output, whose failures end the command from wherever it writes. */
    static final class StandardOutput extends OutputStream {

        private final OutputStream out;

        StandardOutput(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                out.write(bytes, offset, length);
            } catch (IOException failed) {
                throw of(failed);
            }
        }

        @Override
        public void flush() {
            try {
                out.flush();
            } catch (IOException failed) {
                throw of(failed);
            }
        }

        private static UncheckedIOException of(IOException failed) {
            String why = String.valueOf(failed.getMessage());
            return why.contains("Broken pipe") || why.contains("pipe is being closed")
                    ? new ReaderGone(failed)
                    : new NotWritten(failed);
        }
    }
}
