package org.processpool.job;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.Progress;

/**
 * What is known of a job only here, while runs of it are under way in this process. Safe for use by
 * any number of threads; never blocks.
 */
final class LiveJob {

    final JobLog log;

    /** Held while the log is written to the store. */
    final Object saving = new Object();

    // guarded by this
    private final Set<AsyncResult<?>> calls = new HashSet<>();
    private @Nullable Ending ending;
    private @Nullable Progress progress;
    private @Nullable String worker;
    private long pid = -1;
    private boolean dirty;
    private boolean progressed;
    private long lastReported;
    private @Nullable List<NewJob.Callback> callbacks;

    /** Runs that are under way or about to be; guarded by the map this stands in. */
    int runs;

    /** How it is to be ended. */
    private record Ending(AsyncResult.CancelMode mode, Optional<Duration> grace) {}

    LiveJob(JobLog log) {
        this.log = log;
    }

    /** A run has begun; if somebody has wished the end of the job, it is cancelled at once. */
    void began(AsyncResult<?> call) {
        Ending wish;
        synchronized (this) {
            calls.add(call);
            wish = ending;
        }
        if (wish != null) {
            cancel(call, wish);
        }
    }

    /** A run is over. */
    synchronized void ended(AsyncResult<?> call) {
        calls.remove(call);
    }

    /** Ends every run there is and will be. */
    void cancel(AsyncResult.CancelMode mode, Optional<Duration> grace) {
        Ending wish = new Ending(mode, grace);
        Set<AsyncResult<?>> now;
        synchronized (this) {
            ending = wish;
            now = Set.copyOf(calls);
        }
        now.forEach(call -> cancel(call, wish));
    }

    private static void cancel(AsyncResult<?> call, Ending wish) {
        if (wish.grace().isPresent()) {
            call.cancel(wish.mode(), wish.grace().get());
        } else {
            call.cancel(wish.mode());
        }
    }

    /** Whether somebody has wished its end. */
    synchronized boolean isCancelled() {
        return ending != null;
    }

    synchronized void startedIn(String where, long process) {
        worker = where;
        pid = process;
        dirty = true;
    }

    synchronized void reached(Progress now) {
        progress = now;
        dirty = true;
        progressed = true;
    }

    synchronized Optional<Progress> progress() {
        return Optional.ofNullable(progress);
    }

    /** The job with what is known here and not yet in the store. */
    synchronized Job.Seen seen() {
        return new Job.Seen(
                Optional.ofNullable(worker),
                pid < 0 ? OptionalLong.empty() : OptionalLong.of(pid),
                Optional.ofNullable(progress));
    }

    /** What has changed since the last time this was asked; empty if nothing has. */
    synchronized Optional<Job.Seen> news() {
        if (!dirty) {
            return Optional.empty();
        }
        dirty = false;
        progressed = false;
        return Optional.of(seen());
    }

    /** What the task has told since the last time this or {@link #news} was asked. */
    synchronized Optional<Job.Seen> lastProgress() {
        return progressed ? news() : Optional.empty();
    }

    /** The job's callbacks, once they were asked for. */
    synchronized Optional<List<NewJob.Callback>> callbacks() {
        return Optional.ofNullable(callbacks);
    }

    synchronized void remember(List<NewJob.Callback> asked) {
        callbacks = asked;
    }

    /** Whether so long has passed since this was last true. */
    synchronized boolean mayReport(long now, long gapNanos) {
        if (lastReported != 0 && now - lastReported < gapNanos) {
            return false;
        }
        lastReported = now;
        return true;
    }
}
