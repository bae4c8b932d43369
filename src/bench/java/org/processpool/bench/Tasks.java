package org.processpool.bench;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the workers run: the same as in bench.py. */
public final class Tasks {

    private Tasks() {}

    /** Does nothing. */
    public static @Nullable Object noop() {
        return null;
    }

    /** One more. */
    public static int increment(int number) {
        return number + 1;
    }

    /** Gives back what it got. */
    public static byte[] echo(byte[] data) {
        return data;
    }

    /** Keeps its worker for longer than any benchmark runs. */
    public static int hold(byte[] data) throws InterruptedException {
        Thread.sleep(Duration.ofHours(1));
        return data.length;
    }

    /** Keeps a core busy for about 1 ms. */
    public static int burn(int seed) {
        int state = seed;
        for (int i = 0; i < 800_000; i++) {
            state = state * 1_103_515_245 + 12_345;
        }
        return state;
    }
}
