package org.processpool.sample;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.execution.LocalExecutionControlProvider;
import org.jspecify.annotations.Nullable;

/**
 * A Java shell with its memory. Snippets run in this very process, since it is the container. For
 * one thread at a time; only {@link #stop} and what goes to {@link #prints} may come from others.
 */
final class ShellSession implements AutoCloseable {

    /** What every shell can say without an import. */
    private static final List<String> STARTUP = List.of("import module java.base;");

    /** Most characters that wait for their end. */
    private static final int LONGEST_PENDING = 64 << 10;

    private final PrintStream prints;
    private final JShell shell;
    private final ShellWords words;

    /** The start of a snippet whose end has not been said. */
    private String pending = "";

    private boolean starting = true;
    private int snippets;
    private int rejected;
    private volatile boolean stopped;
    private volatile @Nullable ShellAnswer current;

    /**
     * @param log where what is printed between two turns goes
     */
    ShellSession(PrintStream log) {
        prints = new PrintStream(new ToCurrent(log), true, StandardCharsets.UTF_8);
        shell =
                JShell.builder()
                        .executionEngine(new LocalExecutionControlProvider(), Map.of())
                        .idGenerator((snippet, _) -> id(snippet))
                        .tempVariableNameGenerator(() -> "$" + (snippets + 1))
                        .out(prints)
                        .err(prints)
                        .build();
        words = new ShellWords(shell);
        for (String line : STARTUP) {
            shell.eval(line);
        }
        starting = false;
    }

    /** Those that were accepted are numbered from 1, as in their stack traces. */
    private String id(Snippet snippet) {
        if (starting) {
            return "s" + snippet.source().hashCode();
        }
        return shell.status(snippet).isActive() ? "" + ++snippets : "e" + ++rejected;
    }

    /** What snippets are to print to. */
    PrintStream prints() {
        return prints;
    }

    /** A turn begins: what is printed is part of the answer. */
    ShellAnswer begin() {
        stopped = false;
        ShellAnswer answer = new ShellAnswer();
        current = answer;
        return answer;
    }

    /** The turn is over. */
    void end() {
        current = null;
    }

    /** Evaluates the snippets of a message one after the other, up to the first that fails. */
    void evaluate(String message, ShellAnswer answer) {
        if (message.isBlank()) {
            String given = pending;
            pending = "";
            if (!given.isEmpty()) {
                boolean _ = evaluateOne(given, answer); // which tells what it lacks
            }
            return;
        }
        if (pending.isEmpty() && isCommand(message)) {
            answer.say("|  Commands such as /help are not known here, only Java is.");
            return;
        }
        String rest = pending.isEmpty() ? message : pending + "\n" + message;
        pending = "";
        while (!stopped) {
            Next next = next(rest);
            switch (next.completeness()) {
                case EMPTY -> {
                    return;
                }
                case CONSIDERED_INCOMPLETE, DEFINITELY_INCOMPLETE -> {
                    keep(rest, answer);
                    return;
                }
                case COMPLETE, COMPLETE_WITH_SEMI, UNKNOWN -> {
                    if (!evaluateOne(next.source().stripTrailing(), answer)) {
                        return;
                    }
                    rest = next.remaining();
                }
            }
        }
    }

    /** The first of several snippets, and what follows it. */
    private record Next(Completeness completeness, String source, String remaining) {
        static Next of(CompletionInfo info) {
            return new Next(info.completeness(), info.source(), info.remaining());
        }
    }

    /**
     * Where lines make no sense together, such as two statements without semicolons, as few as
     * possible of the last are left for later, as if each had been typed by itself.
     */
    private Next next(String rest) {
        SourceCodeAnalysis analysis = shell.sourceCodeAnalysis();
        Next whole = Next.of(analysis.analyzeCompletion(rest));
        if (makesSense(whole)) {
            return whole;
        }
        for (int end = rest.lastIndexOf('\n');
                end > 0 && !stopped;
                end = rest.lastIndexOf('\n', end - 1)) {
            Next part = Next.of(analysis.analyzeCompletion(rest.substring(0, end)));
            if (part.completeness().isComplete() && makesSense(part)) {
                return new Next(
                        part.completeness(), part.source(), part.remaining() + rest.substring(end));
            }
        }
        return whole;
    }

    private boolean makesSense(Next next) {
        return !next.completeness().isComplete()
                || next.source().strip().indexOf('\n') < 0
                || shell.sourceCodeAnalysis().sourceToSnippets(next.source()).stream()
                        .noneMatch(snippet -> snippet.kind() == Snippet.Kind.ERRONEOUS);
    }

    private static boolean isCommand(String message) {
        String text = message.strip();
        return text.startsWith("/") && !text.startsWith("//") && !text.startsWith("/*");
    }

    private void keep(String incomplete, ShellAnswer answer) {
        if (incomplete.length() > LONGEST_PENDING) {
            answer.say(
                    "|  Dropped: incomplete after more than %,d characters."
                            .formatted(LONGEST_PENDING));
        } else {
            pending = incomplete;
            answer.say(
                    "|  Incomplete: it goes on with the next message, an empty one tells what is"
                            + " missing.");
        }
    }

    private boolean evaluateOne(String source, ShellAnswer answer) {
        boolean well = true;
        for (SnippetEvent event : shell.eval(source)) {
            if (event.causeSnippet() == null && !stopped) {
                words.of(event).forEach(answer::say);
                well &= event.status() != Snippet.Status.REJECTED && event.exception() == null;
            }
        }
        return well;
    }

    /** Stops the snippet that runs, if it heeds that, and has none follow in this turn. */
    void stop() {
        stopped = true;
        shell.stop();
    }

    @Override
    public void close() {
        shell.close();
    }

    /** Leads what is printed to the turn that runs, or to the log. */
    private final class ToCurrent extends OutputStream {
        private final OutputStream log;

        ToCurrent(OutputStream log) {
            this.log = log;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            ShellAnswer answer = current;
            if (answer != null) {
                answer.print(bytes, from, length);
            } else {
                log.write(bytes, from, length);
            }
        }
    }
}
