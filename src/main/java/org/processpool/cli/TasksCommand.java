package org.processpool.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what can be run. */
@Command(name = "tasks", header = "Lists the tasks, or shows one with its schemas.")
final class TasksCommand extends Subcommand {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "TASK",
            description = "The task to show; without it all are listed.")
    private @Nullable String task;

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        Server.Answer answer =
                server.get(task == null ? "/v1/tasks" : "/v1/tasks/" + Server.encoded(task));
        if (out.isJson()) {
            out.document(answer.body());
        } else if (task == null) {
            var table = Table.of("TASK", "TIME LIMIT", "SUMMARY");
            for (JsonNode each : answer.json().path("tasks")) {
                table.row(
                        Words.text(each.path("name")),
                        Words.millis(each.path("timeoutMillis")),
                        Words.text(each.path("summary")));
            }
            table.print(out);
        } else {
            show(answer.json(), out);
        }
        return ExitCode.OK;
    }

    private static void show(JsonNode task, Output out) {
        var table =
                new Table()
                        .row("task", Words.text(task.path("name")))
                        .row("summary", Words.text(task.path("summary")))
                        .row("time limit", Words.millis(task.path("timeoutMillis")))
                        .row("input", task.path("inputSchema"))
                        .row("result", task.path("outputSchema"));
        JsonNode example = task.path("example");
        if (!example.isMissingNode() && !example.isNull()) {
            table.row(
                    "try",
                    "process-pool apply %s '%s'"
                            .formatted(
                                    Words.text(task.path("name")),
                                    example.toString().replace("'", "'\\''")));
        }
        table.print(out);
    }
}
