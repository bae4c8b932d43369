package org.processpool.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/** Leaves a line in a file at each start, so that starts can be counted whatever dies. */
@TaskDefinition(name = "tally", summary = "Notes that it was started, works and says so")
public final class Tally implements Task<Tally.Entry, String> {

    /**
     * What to note.
     *
     * @param file where
     * @param text what
     * @param millis how long to work
     */
    public record Entry(String file, String text, long millis) {}

    @Override
    public String run(Entry entry, TaskContext context) throws IOException, InterruptedException {
        Files.writeString(
                Path.of(entry.file()),
                entry.text() + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        Thread.sleep(Duration.ofMillis(entry.millis()));
        return entry.text();
    }

    /** A folder that registers this task, for the class path of workers. */
    static Path registration(Path below) throws IOException {
        Path services = below.resolve("META-INF/services");
        Files.createDirectories(services);
        Files.writeString(services.resolve(Task.class.getName()), Tally.class.getName() + "\n");
        return below;
    }
}
