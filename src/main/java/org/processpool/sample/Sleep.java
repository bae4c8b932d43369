package org.processpool.sample;

import java.time.Duration;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Sleeps for a number of milliseconds and returns how many it slept. A cancelled call is
 * interrupted, so it wakes at once and its worker lives on.
 *
 * <p>Stands for work that waits for others and holds its worker all the while.
 */
@TaskDefinition(name = "sleep", summary = "Sleeps for some milliseconds", example = "500")
public final class Sleep implements Task<Long, Long> {

    @Override
    public Long run(Long millis, TaskContext context) throws InterruptedException {
        if (millis < 0) {
            throw new IllegalArgumentException(
                    "milliseconds to sleep must be at least 0, was %d".formatted(millis));
        }
        long start = System.nanoTime();
        Thread.sleep(Duration.ofMillis(millis));
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }
}
