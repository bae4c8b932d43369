package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what a job has printed. */
@Command(name = "logs", header = "Prints what a job's task has printed.")
final class LogsCommand extends Subcommand {

    /** Where a task can print to. */
    enum Stream {
        STDOUT,
        STDERR
    }

    @Parameters(index = "0", paramLabel = "ID", description = "The job.")
    private String id = "";

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what it prints until it ends.")
    private boolean follow;

    @Option(
            names = "--stream",
            paramLabel = "stdout|stderr",
            description = "Only what it printed there.")
    private @Nullable Stream stream;

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        String query = stream == null ? "" : "?stream=" + stream.name().toLowerCase(Locale.ROOT);
        HttpRequest.Builder request =
                server.request("/v1/jobs/%s/logs%s".formatted(Server.encoded(id), query))
                        .setHeader(Server.ACCEPT, follow ? "text/event-stream" : "text/plain");
        try (InputStream log = server.open(request).body()) {
            if (follow) {
                follow(new BufferedReader(new InputStreamReader(log, UTF_8)), out);
            } else {
                out.copy(log);
            }
        } catch (IOException broken) {
            throw server.lost(broken);
        }
        return ExitCode.OK;
    }

    /** Prints the data of each server-sent event. */
    private void follow(BufferedReader events, Output out) throws IOException {
        var data = new StringJoiner("\n").setEmptyValue("");
        boolean any = false;
        String type = "";
        for (String line; (line = events.readLine()) != null; ) {
            if (line.isEmpty()) {
                if (type.equals("gap")) {
                    note("some lines are lost: they came faster than they were read");
                } else if (any) {
                    out.line(data.toString());
                    out.flush();
                }
                data = new StringJoiner("\n").setEmptyValue("");
                any = false;
                type = "";
            } else if (line.startsWith("data:")) {
                data.add(value(line));
                any = true;
            } else if (line.startsWith("event:")) {
                type = value(line);
            }
        }
    }

    private static String value(String line) {
        String value = line.substring(line.indexOf(':') + 1);
        return value.startsWith(" ") ? value.substring(1) : value;
    }
}
