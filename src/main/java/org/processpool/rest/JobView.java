package org.processpool.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobState;
import org.processpool.pool.Progress;

/**
 * A job as a client sees it.
 *
 * @param id its id, a UUID of version 7
 * @param kind apply or map
 * @param task what it runs
 * @param pool in which pool
 * @param state how it is
 * @param done whether that is final
 * @param createdAt when it was accepted
 * @param startedAt when it was first started, or null
 * @param finishedAt when it ended, or null
 * @param queuePosition how many jobs of its pool are started before it; 0 if it is the next or not
 *     queued
 * @param attempt how often it was started
 * @param priority 0 to 9, 9 is served first
 * @param worker the worker that has it or had it last, or null
 * @param progress how far it is
 * @param timing how long it waited and ran
 * @param result its result, if that is small and JSON; else null, and to be had at links.result
 * @param error why it failed: a problem, or null
 * @param resultExpiresAt when its result is forgotten, or null
 * @param labels names and values the client gave it
 * @param retryOf the job it repeats, or null
 * @param links where to go from here
 */
@Schema(name = "Job")
record JobView(
        @Schema(examples = "0199b8a2-6f3e-7c11-9d52-0a1b2c3d4e5f") String id,
        @Schema(enumeration = {"apply", "map"}) String kind,
        @Schema(examples = "fib") String task,
        @Schema(examples = "default") String pool,
        JobState state,
        boolean done,
        @Schema(format = "date-time") String createdAt,
        @Schema(format = "date-time") @Nullable String startedAt,
        @Schema(format = "date-time") @Nullable String finishedAt,
        long queuePosition,
        int attempt,
        int priority,
        @Nullable Worker worker,
        JobProgress progress,
        Timing timing,
        @Schema(implementation = Object.class, nullable = true) @JsonRawValue
                @Nullable String result,
        @Schema(implementation = Object.class, nullable = true) @JsonRawValue
                @Nullable String error,
        @Schema(format = "date-time") @Nullable String resultExpiresAt,
        Map<String, String> labels,
        @Nullable String retryOf,
        Links links) {

    /**
     * A worker.
     *
     * @param id its slot
     * @param pid its process, or null
     */
    @Schema(name = "JobWorker")
    record Worker(String id, @Nullable Long pid) {}

    /**
     * How far a job is: of a map its items, of an apply what its task told.
     *
     * @param total units in all; 0 if unknown
     * @param done units done, the failed ones included
     * @param failed units that failed
     * @param message what the task says, or null
     */
    record JobProgress(long total, long done, long failed, @Nullable String message) {}

    /**
     * Where its time went; null where it is not known yet.
     *
     * @param queuedMillis from its making to its first start
     * @param runMillis how long its last call ran
     * @param cpuMillis processor time of that call
     * @param maxRssBytes most memory of its worker during that call
     */
    record Timing(
            @Nullable Long queuedMillis,
            @Nullable Long runMillis,
            @Nullable Long cpuMillis,
            @Nullable Long maxRssBytes) {}

    /**
     * Where to go from a job.
     *
     * @param self the job
     * @param result its result alone
     * @param items the items of a map, or null
     * @param events what happens to it, as server-sent events
     * @param logs what it printed
     * @param deliveries its webhooks
     * @param cancel where to post to end it
     */
    @Schema(name = "JobLinks")
    record Links(
            String self,
            String result,
            @Nullable String items,
            String events,
            String logs,
            String deliveries,
            String cancel) {}

    static String path(Job job) {
        return "/v1/jobs/" + job.id();
    }

    /**
     * The view.
     *
     * @param queuePosition see the component
     * @param result the result as JSON text, if it is to be shown
     * @param error the problem as JSON text, as the client is to see it
     */
    static JobView of(
            Job job, long queuePosition, @Nullable String result, @Nullable String error) {
        String self = path(job);
        return new JobView(
                job.id().toString(),
                job.kind() == Job.Kind.MAP ? "map" : "apply",
                job.task().value(),
                job.pool(),
                job.state(),
                job.state().done(),
                Times.text(job.createdAt()),
                Times.text(job.startedAt()),
                Times.text(job.finishedAt()),
                queuePosition,
                job.attempt(),
                job.treatment().priority(),
                job.worker()
                        .map(worker ->
                                new Worker(
                                        worker,
                                        job.pid().isPresent() ? job.pid().getAsLong() : null))
                        .orElse(null),
                progress(job),
                new Timing(
                        job.startedAt()
                                .map(start ->
                                        Math.max(
                                                0,
                                                Duration.between(job.createdAt(), start)
                                                        .toMillis()))
                                .orElse(null),
                        job.run().map(Duration::toMillis).orElse(null),
                        job.cpu().map(Duration::toMillis).orElse(null),
                        job.maxRssBytes().isPresent() ? job.maxRssBytes().getAsLong() : null),
                result,
                error,
                job.result().map(kept -> Times.text(kept.expiresAt())).orElse(null),
                new TreeMap<>(job.labels()),
                job.retryOf().map(Object::toString).orElse(null),
                new Links(
                        self,
                        self + "/result",
                        job.kind() == Job.Kind.MAP ? self + "/items" : null,
                        self + "/events",
                        self + "/logs",
                        self + "/deliveries",
                        self + ":cancel"));
    }

    private static JobProgress progress(Job job) {
        Job.Items items = job.items();
        if (job.kind() == Job.Kind.MAP) {
            return new JobProgress(items.total(), items.done(), items.failed(), null);
        }
        if (job.state().done() || job.progress().isEmpty()) {
            String message = job.progress().map(Progress::message).orElse(null);
            return new JobProgress(items.total(), items.done(), items.failed(), message);
        }
        Progress told = job.progress().get();
        return new JobProgress(told.total(), told.done(), 0, told.message());
    }
}
