package org.processpool.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.processpool.pool.Progress;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/**
 * A job at one moment, as the store has it.
 *
 * @param id its id
 * @param tenant whose it is
 * @param kind whether it is one call or a map
 * @param task what it runs
 * @param pool in which pool
 * @param state how it is
 * @param revision grows with every change that is stored
 * @param createdAt when it was accepted
 * @param startedAt when it was first started
 * @param finishedAt when it ended
 * @param attempt how often it was started
 * @param worker the worker that has or had it last
 * @param pid that worker's process
 * @param items items of a map in all, ended, and failed; of an apply 1 in all
 * @param progress what the task itself told last
 * @param run how long the last call ran
 * @param cpu processor time of the last call
 * @param maxRssBytes most resident memory during the last call
 * @param error why it failed: a problem as JSON
 * @param result what is known of its result, once there is one; of a map that ended always
 * @param treatment how it is run
 * @param labels the client's labels
 * @param retryOf the job it repeats
 * @param trace a W3C {@code traceparent}
 */
public record Job(
        JobId id,
        String tenant,
        Kind kind,
        TaskName task,
        String pool,
        JobState state,
        long revision,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        int attempt,
        Optional<String> worker,
        OptionalLong pid,
        Items items,
        Optional<Progress> progress,
        Optional<Duration> run,
        Optional<Duration> cpu,
        OptionalLong maxRssBytes,
        Optional<String> error,
        Optional<Result> result,
        NewJob.Treatment treatment,
        Map<String, String> labels,
        Optional<JobId> retryOf,
        Optional<String> trace) {

    /** What kind of job. */
    public enum Kind {
        /** One call. */
        APPLY,
        /** One call per chunk of items. */
        MAP
    }

    /**
     * Where the items of a job are.
     *
     * @param total all
     * @param done those that ended, the failed ones included
     * @param failed those that failed
     */
    public record Items(long total, long done, long failed) {}

    /**
     * What is known of a result without reading it.
     *
     * @param encoding what its bytes are
     * @param bytes how many
     * @param expiresAt when it is forgotten
     * @param expired whether it was
     */
    public record Result(
            Payload.Encoding encoding, long bytes, Instant expiresAt, boolean expired) {}

    /**
     * What is known of a run that is under way.
     *
     * @param worker where it runs
     * @param pid in which process
     * @param progress what the task told last
     */
    public record Seen(Optional<String> worker, OptionalLong pid, Optional<Progress> progress) {}

    /** The same job with what is known of its run; nothing replaces what is unknown. */
    Job with(Seen seen) {
        return new Job(
                id,
                tenant,
                kind,
                task,
                pool,
                state,
                revision,
                createdAt,
                startedAt,
                finishedAt,
                attempt,
                seen.worker().or(() -> worker),
                seen.pid().isPresent() ? seen.pid() : pid,
                items,
                seen.progress().or(() -> progress),
                run,
                cpu,
                maxRssBytes,
                error,
                result,
                treatment,
                labels,
                retryOf,
                trace);
    }
}
