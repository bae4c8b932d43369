package org.processpool.sample;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Starts processes of its own ({@code sleep 1000}) that nobody waits for and that keep the worker's
 * standard error open. Their ids are sent ahead as one part and are the result too.
 */
@TaskDefinition(
        name = "grandchild",
        summary = "Starts processes that outlive the call",
        example = "{\"count\": 2, \"detached\": true, \"then\": \"return\"}",
        trouble = true)
public final class Grandchild implements Task<Grandchild.Input, List<Long>> {

    /**
     * What to start.
     *
     * @param count number of processes; at least 1
     * @param detached whether they get a session of their own and lose their parent at once, so
     *     that neither the process group nor the process tree leads to them
     * @param then {@code return}, {@code crash} (by SIGKILL) or {@code hang}
     */
    public record Input(int count, boolean detached, String then) {
        public Input {
            if (count < 1) {
                throw new IllegalArgumentException(
                        "grandchildren must be at least 1, was %d".formatted(count));
            }
            if (!List.of("return", "crash", "hang").contains(then)) {
                throw new IllegalArgumentException(
                        "then must be return, crash or hang, was '%s'".formatted(then));
            }
        }
    }

    @Override
    public List<Long> run(Input input, TaskContext context)
            throws IOException, InterruptedException {
        var pids = new ArrayList<Long>();
        for (int i = 0; i < input.count(); i++) {
            pids.add(input.detached() ? detached() : attached());
        }
        context.emit(pids);
        if (input.then().equals("crash")) {
            throw Crash.die("KILL");
        }
        if (input.then().equals("hang")) {
            new Hang().run(new Hang.Input(false), context);
        }
        return pids;
    }

    private static long attached() throws IOException {
        return new ProcessBuilder("sleep", "1000")
                .redirectOutput(Redirect.INHERIT)
                .redirectError(Redirect.INHERIT)
                .start()
                .pid();
    }

    private static long detached() throws IOException {
        var shell =
                new ProcessBuilder("sh", "-c", "setsid sleep 1000 >&2 & echo $!")
                        .redirectError(Redirect.INHERIT)
                        .start();
        try (var pid = shell.getInputStream()) {
            return Long.parseLong(new String(pid.readAllBytes(), US_ASCII).strip());
        }
    }
}
