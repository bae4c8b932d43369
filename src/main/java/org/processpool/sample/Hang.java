package org.processpool.sample;

import java.time.Duration;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/** Never returns, and heeds neither cancellation nor interrupts: only killing its process helps. */
@TaskDefinition(
        name = "hang",
        summary = "Never returns",
        example = "{\"busy\": false}",
        trouble = true)
public final class Hang implements Task<Hang.Input, Void> {

    /**
     * How to hang.
     *
     * @param busy whether to burn a processor meanwhile
     */
    public record Input(boolean busy) {}

    @Override
    public Void run(Input how, TaskContext context) {
        while (true) {
            if (how.busy()) {
                Thread.onSpinWait();
            } else {
                sleepOn();
            }
        }
    }

    private static void sleepOn() {
        try {
            Thread.sleep(Duration.ofHours(1));
        } catch (InterruptedException unheeded) {
            // not to listen is what this task is for
        }
    }
}
