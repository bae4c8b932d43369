package org.processpool.sample;

import java.time.Duration;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Works in steps, tells how far it is, prints a line for each, and returns how many it did. Stands
 * for long work that people watch.
 */
@TaskDefinition(
        name = "steps",
        summary = "Works in steps, with progress and a printed line for each",
        example = "{\"count\":5,\"millis\":200}")
public final class Steps implements Task<Steps.Plan, Integer> {

    private static final int MOST = 1_000_000;

    /**
     * What to do.
     *
     * @param count number of steps, 0 to 1,000,000
     * @param millis how long each takes, at least 0
     */
    public record Plan(int count, long millis) {
        public Plan {
            if (count < 0 || count > MOST) {
                throw new IllegalArgumentException(
                        "count must be from 0 to %d, was %d".formatted(MOST, count));
            }
            if (millis < 0) {
                throw new IllegalArgumentException("millis must be at least 0, was " + millis);
            }
        }
    }

    @Override
    public Integer run(Plan plan, TaskContext context) throws InterruptedException {
        for (int step = 1; step <= plan.count(); step++) {
            context.checkCancelled();
            Thread.sleep(Duration.ofMillis(plan.millis()));
            System.out.println("step " + step + " of " + plan.count());
            context.progress(step, plan.count(), "step " + step);
        }
        if (plan.count() == 0) {
            System.err.println("there was nothing to do");
        }
        return plan.count();
    }
}
