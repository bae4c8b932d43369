package org.processpool.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows the pools. */
@Command(name = "pools", header = "Lists the pools, or shows one.")
final class PoolsCommand extends Subcommand {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "POOL",
            description = "The pool to show; without it all are listed.")
    private @Nullable String pool;

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        Server.Answer answer =
                server.get(pool == null ? "/v1/pools" : "/v1/pools/" + Server.encoded(pool));
        if (out.isJson()) {
            out.document(answer.body());
        } else if (pool == null) {
            var table = Table.of("POOL", "STATE", "SIZE", "BUSY", "IDLE", "QUEUED", "ENDED");
            for (JsonNode each : answer.json().path("pools")) {
                table.row(
                        Words.text(each.path("name")),
                        Style.state(Words.text(each.path("state"))),
                        Words.text(each.path("size")),
                        Words.text(each.path("busy")),
                        Words.text(each.path("idle")),
                        Words.text(each.path("queued")),
                        Words.pairs(each.path("ended")));
            }
            table.print(out);
        } else {
            show(answer.json(), out);
        }
        return ExitCode.OK;
    }

    private static void show(JsonNode pool, Output out) {
        var table =
                new Table()
                        .row("pool", Words.text(pool.path("name")))
                        .row("state", Style.state(Words.text(pool.path("state"))));
        if (pool.hasNonNull("cause")) {
            table.row("cause", Words.text(pool.path("cause")));
        }
        table.row(
                        "size",
                        "%s (at least %s)"
                                .formatted(
                                        Words.text(pool.path("size")),
                                        Words.text(pool.path("minProcesses"))))
                .row(
                        "workers",
                        "%s busy, %s idle"
                                .formatted(
                                        Words.text(pool.path("busy")),
                                        Words.text(pool.path("idle"))))
                .row(
                        "queue",
                        "%s of %s, the oldest waits %s"
                                .formatted(
                                        Words.text(pool.path("queued")),
                                        Words.text(pool.path("queueLimit")),
                                        Words.millis(pool.path("oldestQueuedMillis"))))
                .row("ended", Words.pairs(pool.path("ended")))
                .row("rejected", Words.text(pool.path("rejected")))
                .row("exits", Words.pairs(pool.path("exits")))
                .print(out);
    }
}
