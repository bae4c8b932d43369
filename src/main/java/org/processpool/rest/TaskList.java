package org.processpool.rest;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.processpool.pool.ProcessPool;
import org.processpool.task.TaskName;
import org.processpool.wire.TaskDescription;

/** The tasks that can be called over REST: those a pool's workers offer, as the pool remembers. */
@Singleton
class TaskList {

    /** How long a client waits for the first worker after a start. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * All of them, by name.
     *
     * @throws ProblemException if no worker has come up to say
     */
    List<TaskDescription> all(ProcessPool pool) throws InterruptedException {
        try {
            return pool.tasks(PATIENCE).stream()
                    .filter(task -> !task.conversation())
                    .sorted(Comparator.comparing(TaskDescription::name))
                    .toList();
        } catch (TimeoutException nobody) {
            throw new ProblemException(
                    new Problem(
                            ProblemType.NO_WORKERS,
                            Phrase.NO_WORKER_READY,
                            Problems.words(PATIENCE)));
        }
    }

    /**
     * One of them.
     *
     * @throws ProblemException with similar names if there is none of that name
     */
    TaskDescription named(ProcessPool pool, String name) throws InterruptedException {
        try {
            for (TaskDescription task : pool.tasks(PATIENCE)) {
                if (task.name().value().equals(name) && !task.conversation()) {
                    return task;
                }
            }
        } catch (TimeoutException nobody) {
            // all() says what that means
        }
        throw unknown(name, all(pool));
    }

    /** The media type of a task's bytes; that of any bytes if the task is no more. */
    String produces(ProcessPool pool, TaskName name) throws InterruptedException {
        return all(pool).stream()
                .filter(task -> task.name().equals(name))
                .map(TaskDescription::produces)
                .findAny()
                .orElse("application/octet-stream");
    }

    private static ProblemException unknown(String name, List<TaskDescription> all) {
        List<String> names = all.stream().map(task -> task.name().value()).toList();
        return new ProblemException(
                new Problem(ProblemType.TASK_NOT_FOUND, Phrase.NO_TASK, name)
                        .with("suggestions", NearestNames.like(name, names)));
    }
}
