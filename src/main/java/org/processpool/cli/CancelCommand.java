package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Cancels a job. */
@Command(
        name = "cancel",
        header = "Cancels a job.",
        description = "One that waits is taken out of the queue, one that runs is asked to end.")
final class CancelCommand extends Subcommand {

    @Parameters(index = "0", paramLabel = "ID", description = "The job.")
    private String id = "";

    @Option(names = "--kill", description = "Do not ask: kill the worker that runs it.")
    private boolean kill;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            converter = Patience.class,
            description = "How long it may take to end before it is killed, such as 2 or 500ms.")
    private @Nullable Duration grace;

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        ObjectNode how = Json.MAPPER.createObjectNode().put("mode", kill ? "kill" : "soft");
        if (grace != null) {
            how.put("graceMillis", grace.toMillis());
        }
        Server.Answer answer =
                server.send(
                        server.post(
                                "/v1/jobs/%s:cancel".formatted(Server.encoded(id)),
                                how.toString().getBytes(UTF_8)));
        if (out.isJson()) {
            out.document(answer.body());
        } else {
            JsonNode job = answer.json();
            new Table()
                    .row(Words.text(job.path("id")), Style.state(Words.text(job.path("state"))))
                    .print(out);
        }
        return ExitCode.OK;
    }
}
