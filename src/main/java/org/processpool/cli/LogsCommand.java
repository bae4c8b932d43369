package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.util.Locale;
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

    /** Prints the line that each server-sent event has. */
    private void follow(BufferedReader events, Output out) throws IOException {
        var data = new StringBuilder();
        String type = "";
        for (String line; (line = events.readLine()) != null; ) {
            if (line.isEmpty()) {
                show(type, data.toString(), out);
                data.setLength(0);
                type = "";
            } else if (line.startsWith("data:")) {
                data.append(value(line));
            } else if (line.startsWith("event:")) {
                type = value(line);
            }
        }
    }

    private void show(String type, String data, Output out) {
        switch (type) {
            case "log" -> {
                if (out.isJson()) {
                    out.line(data);
                } else {
                    out.line(
                            Json.read(data.getBytes(UTF_8))
                                    .map(line -> line.path("text").asText())
                                    .orElse(data));
                }
                out.flush(); // somebody is waiting for it
            }
            case "gap" -> note("some lines are lost: they came faster than they were read");
            default -> {
                // a comment, the end, or something newer than this client
            }
        }
    }

    private static String value(String line) {
        String value = line.substring(line.indexOf(':') + 1);
        return value.startsWith(" ") ? value.substring(1) : value;
    }
}
