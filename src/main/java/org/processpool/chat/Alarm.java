package org.processpool.chat;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Time, and what is to be done later; in tests it is turned by hand. */
interface Alarm {

    /** As {@link System#nanoTime}. */
    long nanos();

    /**
     * Has something done later.
     *
     * @param deed must be short and not block
     * @return what calls it off
     */
    Runnable in(Duration delay, Runnable deed);

    /** The real one, on one thread, until it is closed. */
    final class Real implements Alarm, AutoCloseable {

        private final ScheduledThreadPoolExecutor thread;

        Real() {
            thread =
                    new ScheduledThreadPoolExecutor(
                            1,
                            Thread.ofPlatform().daemon().name("process-pool-chat-alarm").factory());
            thread.setRemoveOnCancelPolicy(true);
            thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public Runnable in(Duration delay, Runnable deed) {
            try {
                ScheduledFuture<?> set =
                        thread.schedule(deed, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> set.cancel(false);
            } catch (RejectedExecutionException ended) {
                return () -> {}; // the chat has ended, and all are sent away
            }
        }

        @Override
        public void close() {
            thread.shutdownNow();
        }
    }
}
