package org.processpool.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;

/** Shows for whom the service takes the one who asks. */
@Command(
        name = "whoami",
        header = "Shows who you are to the service, and what you may do.",
        description = {
            "The role read looks, submit also has tasks run and chats, operate may do everything."
        })
final class WhoamiCommand extends Subcommand {

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        Server.Answer answer = server.get("/v1/whoami");
        if (out.isJson()) {
            out.document(answer.body());
            return ExitCode.OK;
        }
        JsonNode me = answer.json();
        var table =
                new Table()
                        .row("name", Words.text(me.path("name")))
                        .row("role", Words.text(me.path("role")));
        if (!me.path("tenant").asText().isEmpty()) {
            table.row("tenant", Words.text(me.path("tenant")));
        }
        table.row(
                        "authentication",
                        me.path("authentication").asBoolean() ? "on" : "off: anybody may do this")
                .print(out);
        return ExitCode.OK;
    }
}
