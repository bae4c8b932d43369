package org.processpool.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists jobs. */
@Command(name = "jobs", header = "Lists jobs, newest first.")
final class JobsCommand extends Subcommand {

    private static final int LARGEST_PAGE = 100;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description =
                    "Only those that are QUEUED, RUNNING, CANCELLING, SUCCEEDED, FAILED or"
                            + " CANCELLED.")
    private @Nullable String state;

    @Option(names = "--task", paramLabel = "TASK", description = "Only those of this task.")
    private @Nullable String task;

    @Option(
            names = "--label",
            paramLabel = "NAME=VALUE",
            description = "Only those with this label; may be repeated.")
    private List<String> labels = List.of();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "At most so many, ${DEFAULT-VALUE} unless told; 0 is all.")
    private int limit;

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        if (limit < 0) {
            throw senseless("--limit must be at least 0, was " + limit);
        }
        for (String label : labels) {
            if (label.indexOf('=') < 1) {
                throw senseless("--label must be NAME=VALUE, was '%s'".formatted(label));
            }
        }
        ObjectNode all = Json.MAPPER.createObjectNode();
        ArrayNode jobs = all.putArray("jobs");
        String next = "";
        do {
            JsonNode page = server.get("/v1/jobs" + query(jobs.size(), next)).json();
            page.path("jobs").forEach(jobs::add);
            next = page.path("nextPageToken").asText("");
        } while (!next.isEmpty() && wanted(jobs.size()) > 0);
        if (out.isJson()) {
            out.json(all.put("nextPageToken", next.isEmpty() ? null : next));
        } else {
            print(jobs, out);
            if (!next.isEmpty()) {
                out.flush();
                note("there are more; --limit 0 lists all");
            }
        }
        return ExitCode.OK;
    }

    private static void print(ArrayNode jobs, Output out) {
        var table = Table.of("JOB", "STATE", "TASK", "PROGRESS", "CREATED", "RAN", "LABELS");
        for (JsonNode job : jobs) {
            table.row(
                    Words.text(job.path("id")),
                    Style.state(Words.text(job.path("state"))),
                    Words.text(job.path("task")),
                    JobView.progress(job.path("progress")),
                    Words.time(job.path("createdAt")),
                    Words.millis(job.path("timing").path("runMillis")),
                    Words.pairs(job.path("labels")));
        }
        table.print(out);
    }

    /** How many more are to be asked for. */
    private int wanted(int got) {
        return limit == 0 ? LARGEST_PAGE : Math.min(LARGEST_PAGE, limit - got);
    }

    private String query(int got, String pageToken) {
        var query = new StringJoiner("&", "?", "");
        query.add("pageSize=" + wanted(got));
        if (state != null) {
            query.add("state=" + Server.encoded(state.toUpperCase(Locale.ROOT)));
        }
        if (task != null) {
            query.add("task=" + Server.encoded(task));
        }
        labels.forEach(label -> query.add("label=" + Server.encoded(label.replaceFirst("=", ":"))));
        if (!pageToken.isEmpty()) {
            query.add("pageToken=" + Server.encoded(pageToken));
        }
        return query.toString();
    }
}
