package org.processpool.rest;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.ProcessPool;
import org.processpool.wire.TaskDescription;

/** The tasks that can be called over REST: those the default pool's workers offer. */
@Singleton
class TaskList {

    /** How long a client waits for the first worker after a start. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ProcessPool pool;

    /** Null until a worker has told; what it told holds as long as the service runs. */
    private volatile @Nullable List<TaskDescription> known;

    TaskList(ProcessPool pool) {
        this.pool = pool;
    }

    /**
     * All of them, by name.
     *
     * @throws ProblemException if no worker has come up to say
     */
    List<TaskDescription> all() throws InterruptedException {
        List<TaskDescription> told = known;
        if (told == null) {
            told = ask(); // a race asks twice
            known = told;
        }
        return told;
    }

    /**
     * One of them.
     *
     * @throws ProblemException with similar names if there is none of that name
     */
    TaskDescription named(String name) throws InterruptedException {
        List<TaskDescription> all = all();
        return all.stream()
                .filter(task -> task.name().value().equals(name))
                .findAny()
                .orElseThrow(() -> unknown(name, all));
    }

    private List<TaskDescription> ask() throws InterruptedException {
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

    private static ProblemException unknown(String name, List<TaskDescription> all) {
        List<String> names = all.stream().map(task -> task.name().value()).toList();
        return new ProblemException(
                new Problem(ProblemType.TASK_NOT_FOUND, Phrase.NO_TASK, name)
                        .with("suggestions", NearestNames.like(name, names)));
    }
}
