package org.processpool.pool;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for the pool's own work. They are platform threads, since the few threads that carry
 * virtual ones can all be kept busy by callbacks of users that compute.
 */
final class Threads {

    private static final ExecutorService SHORT =
            new ThreadPoolExecutor(
                    0,
                    Integer.MAX_VALUE,
                    1,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    Thread.ofPlatform().daemon().name("process-pool-writer-", 0).factory());

    private Threads() {}

    /** A thread for one long job. */
    static Thread own(String name, Runnable job) {
        return Thread.ofPlatform().daemon().name(name).start(job);
    }

    /** Some thread for a short job. */
    static void lend(Runnable job) {
        SHORT.execute(job);
    }
}
