package org.processpool.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows the worker processes. */
@Command(name = "workers", header = "Lists the worker processes of a pool, or of all.")
final class WorkersCommand extends Subcommand {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "POOL",
            description = "The pool; without it those of all are listed.")
    private @Nullable String pool;

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        ObjectNode page = Json.MAPPER.createObjectNode();
        ArrayNode workers = page.putArray("workers");
        if (pool == null) {
            server.get("/v1/pools")
                    .json()
                    .path("pools")
                    .forEach(each -> each.path("workers").forEach(workers::add));
        } else {
            server.get("/v1/pools/%s/workers".formatted(Server.encoded(pool)))
                    .json()
                    .path("workers")
                    .forEach(workers::add);
        }
        if (out.isJson()) {
            out.json(page);
        } else {
            print(workers, out);
        }
        return ExitCode.OK;
    }

    private static void print(ArrayNode workers, Output out) {
        var table = Table.of("WORKER", "PID", "STATE", "TASK", "CALLS", "AGE", "MEMORY", "LEAVES");
        for (JsonNode worker : workers) {
            table.row(
                    Words.text(worker.path("id")),
                    Words.text(worker.path("pid")),
                    Style.state(Words.text(worker.path("state"))),
                    Words.text(worker.path("currentTask")),
                    Words.text(worker.path("tasksDone")),
                    Words.millis(worker.path("ageMillis")),
                    Words.bytes(worker.path("residentBytes")),
                    Words.text(worker.path("why")));
        }
        table.print(out);
    }
}
