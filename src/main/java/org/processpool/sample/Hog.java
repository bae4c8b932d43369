package org.processpool.sample;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Takes memory and never gives it back, also after the call: the worker stays as large as it
 * became.
 *
 * <p>Heap ends in an {@link OutOfMemoryError} at the limit of the JVM. Native memory has no such
 * limit ({@code -XX:MaxDirectMemorySize} does not hold for it), so only the pool's watch or the
 * kernel ends it; the bytes are zeroed and so really in use.
 */
@TaskDefinition(
        name = "hog",
        summary = "Takes memory and keeps it",
        example = "{\"kind\": \"native\", \"mebibytes\": 512, \"hold\": true}",
        trouble = true)
public final class Hog implements Task<Hog.Input, Long> {

    private static final int BLOCK = 1 << 16;
    private static final int BLOCKS_PER_MEBIBYTE = (1 << 20) / BLOCK;

    private final List<Object> kept = new ArrayList<>();

    /**
     * What to take.
     *
     * @param kind {@code heap} or {@code native}
     * @param mebibytes how much; at least 1, for heap also 0, which means until there is no more
     * @param hold whether to keep the call open afterwards, until it is cancelled or killed
     */
    public record Input(String kind, long mebibytes, boolean hold) {
        public Input {
            if (!kind.equals("heap") && !kind.equals("native")) {
                throw new IllegalArgumentException(
                        "kind of memory must be heap or native, was '%s'".formatted(kind));
            }
            if (mebibytes < (kind.equals("heap") ? 0 : 1)) {
                throw new IllegalArgumentException(
                        "%d MiB of %s memory cannot be taken".formatted(mebibytes, kind));
            }
        }
    }

    /** Returns the mebibytes taken by this call. */
    @Override
    public Long run(Input input, TaskContext context) throws InterruptedException {
        long taken = 0;
        while (input.mebibytes() == 0 || taken < input.mebibytes()) {
            context.checkCancelled();
            for (int block = 0; block < BLOCKS_PER_MEBIBYTE; block++) {
                kept.add(
                        input.kind().equals("heap")
                                ? new byte[BLOCK]
                                : Arena.global().allocate(BLOCK));
            }
            taken++;
            context.progress(taken, input.mebibytes(), null);
        }
        if (input.hold()) {
            Thread.sleep(Duration.ofDays(1));
        }
        return taken;
    }
}
