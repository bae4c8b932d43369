package org.processpool.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has a task run for each line and shows the results as they come. */
@Command(
        name = "map",
        header = "Runs a task for each line of JSON and prints the results as they come.",
        description = {
            "Reads one JSON value a line and prints one line for each:",
            "  {\"index\":3,\"ok\":true,\"result\":2}",
            "  {\"index\":4,\"ok\":false,\"error\":{...}}",
            "Nothing is stored: to interrupt the command, or a lost connection, cancels what is"
                    + " left."
        })
final class MapCommand extends Subcommand {

    private static final int BUFFER = 1 << 15;

    /** What the server can do with the order of results. */
    enum Order {
        INPUT,
        COMPLETION
    }

    /** What follows an item that failed. */
    enum OnError {
        CONTINUE,
        STOP
    }

    @Parameters(index = "0", paramLabel = "TASK", description = "The task to run.")
    private String task = "";

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Read the lines from a file; - is standard input, as is no file.")
    private String file = CallInput.STDIN;

    @Option(
            names = "--order",
            paramLabel = "input|completion",
            description = "Results in the order of the input (the default) or as they end.")
    private @Nullable Order order;

    @Option(
            names = "--chunk",
            paramLabel = "N",
            description = "Items that a worker is given at once, 1 unless told.")
    private @Nullable Integer chunk;

    @Option(
            names = "--on-error",
            paramLabel = "continue|stop",
            description = "Go on after an item that failed (the default) or stop.")
    private @Nullable OnError onError;

    @Option(names = "--star", description = "Each line is an array of positional arguments.")
    private boolean star;

    @Option(
            names = "--results-only",
            description = "Print the bare results; what failed is told on standard error.")
    private boolean resultsOnly;

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        if (chunk != null && chunk < 1) {
            throw senseless("--chunk must be at least 1, was " + chunk);
        }
        // the progress needs the number of lines first, and a file that is none is told at once
        long total = terminal().showsProgress() ? lines() : Progress.UNKNOWN;
        var progress = new Progress(terminal(), total);
        try (InputStream items = CallInput.open(this, file);
                Duplex exchange =
                        server.duplex(
                                "/v1/tasks/%s:map%s".formatted(Server.encoded(task), query()),
                                Map.of(
                                        Server.CONTENT_TYPE,
                                        Server.NDJSON,
                                        Server.ACCEPT,
                                        Server.NDJSON))) {
            var unreadable = new AtomicReference<@Nullable IOException>();
            Thread.ofVirtual().name("items").start(() -> send(items, exchange, unreadable));
            try {
                return results(exchange, out, progress);
            } catch (IOException broken) {
                throw reason(unreadable.get(), server.lost(broken));
            }
        } catch (IOException notClosed) {
            throw server.lost(notClosed);
        } finally {
            progress.end();
        }
    }

    /** If the input could not be read, that is why the connection broke: we broke it. */
    private CommandFailed reason(@Nullable IOException unreadable, CommandFailed lost) {
        return unreadable == null
                ? lost
                : new CommandFailed(
                        ExitCode.FAILED,
                        new Problem(
                                "Input lost",
                                "cannot read on in %s: %s"
                                        .formatted(file, unreadable.getMessage())));
    }

    /** Sends what comes as soon as it comes. Runs beside the results. */
    private static void send(
            InputStream items, Duplex exchange, AtomicReference<@Nullable IOException> unreadable) {
        byte[] buffer = new byte[BUFFER];
        OutputStream body = exchange.body();
        try {
            while (true) {
                int length;
                try {
                    length = items.read(buffer);
                } catch (IOException failed) {
                    unreadable.set(failed);
                    exchange.close(); // half an input must not look like a whole one
                    return;
                }
                if (length < 0) {
                    body.close();
                    return;
                }
                body.write(buffer, 0, length);
            }
        } catch (IOException refused) {
            // The server reads no more: what it answers, or that it is gone, the reader learns.
        }
    }

    private int results(Duplex exchange, Output out, Progress progress)
            throws IOException, CommandFailed {
        Duplex.Answer answer = exchange.answer();
        if (answer.status() != 200) {
            throw new CommandFailed(
                    Problem.ofAnswer(answer.status(), answer.body().readAllBytes()));
        }
        var lines = new BufferedInputStream(answer.body(), BUFFER);
        for (byte[] line = line(lines); line.length > 0; line = line(lines)) {
            ItemLine item = ItemLine.of(line);
            progress.hide();
            if (item.end()) {
                return end(item, line, out, progress);
            }
            progress.count(item.ok());
            if (!resultsOnly) {
                out.document(line);
            } else if (item.ok()) {
                out.line(item.result());
            } else {
                out.flush();
                note("item %d: %s".formatted(item.index(), item.problem()));
            }
            if (lines.available() == 0) {
                out.flush(); // whoever reads should not wait for the next
            }
            progress.show();
        }
        throw new CommandFailed(
                ExitCode.TROUBLE,
                new Problem(
                        "Stream cut",
                        "the results ended after %d items and before their end"
                                .formatted(progress.done())));
    }

    private int end(ItemLine end, byte[] line, Output out, Progress progress) throws CommandFailed {
        if (out.isJson() && !resultsOnly) {
            out.document(line);
        }
        out.flush();
        Problem problem = end.problem();
        if (problem != null) {
            throw new CommandFailed(problem);
        }
        if (terminal().showsProgress() || root().isVerbose()) {
            note(progress.sum());
        }
        return progress.failed() == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    /** The next line without its end; empty at the end of the stream. */
    private static byte[] line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b; (b = in.read()) >= 0; ) {
            if (b != '\n') {
                line.write(b);
            } else if (line.size() > 0) {
                break; // an empty line is none
            }
        }
        return line.toByteArray();
    }

    private String query() {
        var query = new StringJoiner("&", "?", "").setEmptyValue("");
        if (order != null) {
            query.add("order=" + order.name().toLowerCase(Locale.ROOT));
        }
        if (chunk != null) {
            query.add("chunk=" + chunk);
        }
        if (onError != null) {
            query.add("onError=" + onError.name().toLowerCase(Locale.ROOT));
        }
        if (star) {
            query.add("star=true");
        }
        return query.toString();
    }

    /** How many items a file has: its lines that are not blank. */
    private long lines() {
        if (file.equals(CallInput.STDIN) || !Files.isRegularFile(Path.of(file))) {
            return Progress.UNKNOWN;
        }
        long lines = 0;
        boolean blank = true;
        try (InputStream in = new BufferedInputStream(CallInput.open(this, file), BUFFER)) {
            for (int b; (b = in.read()) >= 0; ) {
                if (b == '\n') {
                    lines += blank ? 0 : 1;
                    blank = true;
                } else if (!Character.isWhitespace(b)) {
                    blank = false;
                }
            }
        } catch (IOException unreadable) {
            throw senseless("cannot read %s: %s".formatted(file, unreadable.getMessage()));
        }
        return lines + (blank ? 0 : 1);
    }
}
