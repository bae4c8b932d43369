package org.processpool.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one job, or its result. */
@Command(name = "job", header = "Shows a job, waits for its end or prints its result.")
final class JobCommand extends Subcommand {

    @Parameters(index = "0", paramLabel = "ID", description = "The job.")
    private String id = "";

    @Option(
            names = "--wait",
            arity = "0..1",
            paramLabel = "TIME",
            fallbackValue = Patience.FOR_EVER,
            preprocessor = Patience.Attached.class,
            converter = Patience.class,
            description =
                    "Wait for its end, at most so long, such as 30, 500ms or 2m; the exit code is"
                            + " then the job's.")
    private @Nullable Duration wait;

    @Option(names = "--result", description = "Print the result alone.")
    private boolean result;

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        var job = new JobView(server, id);
        if (!result) {
            if (wait != null) {
                return job.showEnd(wait, out);
            }
            job.show(out);
            return ExitCode.OK;
        }
        if (wait != null) {
            job.awaitEnd(wait);
        }
        job.printResult(out);
        return ExitCode.OK;
    }
}
