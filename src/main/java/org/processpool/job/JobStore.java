package org.processpool.job;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.processpool.pool.Progress;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/**
 * Where jobs are written down. What a method that changes something returns is durable: it survives
 * the end of this process at any moment. Methods block; they are called from virtual threads, any
 * number at once. Everything is done in one transaction per method, and concurrent changes may
 * share one.
 *
 * <p>A run of a job carries an epoch, a number that grows with every start of it (of a map: of the
 * chunk). Whoever writes with an epoch that is not the last one is refused: another has taken over.
 *
 * <p>All methods throw {@link StoreException} if the store cannot do its work now.
 */
public interface JobStore extends AutoCloseable {

    // ---- what clients do

    /**
     * Takes a job: with its input, labels and callbacks, and due in the {@link JobQueue} as soon as
     * this returns. A map without items is accepted and has succeeded.
     */
    Submission submit(NewJob job);

    /** What became of a submission. */
    sealed interface Submission {
        /** It was taken. */
        record Accepted(Job job) implements Submission {}

        /** It had been taken before, under the same key. */
        record Replayed(Job job) implements Submission {}

        /** The key was used for another request. */
        record KeyReused(JobId by) implements Submission {}
    }

    /** The job, if there is one. */
    Optional<Job> find(String tenant, JobId id);

    /** The job, whosever it is. */
    Optional<Job> find(JobId id);

    /** The job that was submitted under a key which is still remembered, and its fingerprint. */
    Optional<Keyed> findKey(String tenant, String key);

    /** A job and the fingerprint of the request that made it. */
    record Keyed(Job job, String fingerprint) {}

    /** Jobs by the time of their making. */
    List<Job> list(Filter filter);

    /**
     * Which jobs.
     *
     * @param tenant whose
     * @param states in any of these states; empty is any
     * @param task of this task
     * @param pool in this pool
     * @param labels with all of these labels
     * @param createdAfter made then or later
     * @param createdBefore made before
     * @param oldestFirst whether to begin with the oldest
     * @param beyond only those behind this one, in that order
     * @param limit at most so many
     */
    record Filter(
            String tenant,
            Set<JobState> states,
            Optional<TaskName> task,
            Optional<String> pool,
            Map<String, String> labels,
            Optional<Instant> createdAfter,
            Optional<Instant> createdBefore,
            boolean oldestFirst,
            Optional<JobId> beyond,
            int limit) {}

    /**
     * How many jobs of the same pool are queued and will be started before this one.
     *
     * @return 0 if it is the next or not queued; at most {@code bound}
     */
    long queuePosition(Job job, int bound);

    /** The input of an apply, or of all chunks of a map, to submit the same again. */
    Optional<NewJob.Input> input(JobId id);

    /** The callbacks of a job, to submit the same again. */
    List<NewJob.Callback> callbacks(JobId id);

    /** The result of an apply; empty if there is none (any more). */
    Optional<Payload> result(JobId id);

    /**
     * The ended chunks of a map in order, results and errors.
     *
     * @param from number of the first chunk
     * @param limit most chunks at once
     */
    List<ChunkResult> chunkResults(JobId id, int from, int limit);

    /** The number of the chunk that holds an item; empty if the map has no such item. */
    Optional<Integer> chunkOf(JobId id, long item);

    /**
     * A chunk and its items.
     *
     * @param number its number in the map, from 0
     * @param firstItem index of its first item in the map
     * @param count its number of items
     * @param state how it is: QUEUED, RUNNING, SUCCEEDED (then single items may have failed),
     *     FAILED (all items have failed with {@code error}), CANCELLED
     * @param outputs one JSON value per line and item, null for a failed one; empty unless it
     *     succeeded and the result has not expired
     * @param failures the failed items
     * @param error why all of them failed: a problem as JSON
     */
    record ChunkResult(
            int number,
            long firstItem,
            int count,
            JobState state,
            Optional<Payload> outputs,
            List<ItemError> failures,
            Optional<String> error) {}

    /**
     * A failed item of a chunk.
     *
     * @param index its place in the chunk, from 0
     * @param problem why: a problem as JSON
     */
    record ItemError(int index, String problem) {}

    /**
     * Writes down that a job is to end. Queued: it is cancelled at once, and not due any more. A
     * map: its waiting chunks are cancelled at once, and so is the map if none runs. Running:
     * CANCELLING; whoever runs it has to end it. Final: nothing.
     *
     * @return the job as it is then, and whether this changed it; empty if there is none
     */
    Optional<Changed> cancel(String tenant, JobId id);

    /** A job, and whether it is so because of this call. */
    record Changed(Job job, boolean changed) {}

    /**
     * Forgets a job that has ended, and everything of it.
     *
     * @return the job as it was; it is gone only if it had ended; empty if there is none
     */
    Optional<Job> delete(String tenant, JobId id);

    // ---- what those who run jobs do

    /**
     * Begins a run of an apply: state RUNNING, next epoch, next attempt, and who has it. Only a job
     * that is queued, or that was running and whose runner is known to be gone, is begun. Of those
     * that were lost while running: one with {@link NewJob.OnLost#FAIL}, or that was lost more than
     * {@code mostLosses} times, fails with {@code lostProblem}; one that was CANCELLING is
     * cancelled.
     *
     * @param owner the replica that runs it
     * @return what to run, or empty if there is nothing to run (any more)
     */
    Optional<Run> start(JobId id, String owner, int mostLosses, String lostProblem);

    /** As {@link #start}, for a chunk of a map; the first one starts the map. */
    Optional<Run> startChunk(JobId id, int chunk, String owner, int mostLosses, String lostProblem);

    /**
     * A run.
     *
     * @param job the job, which is RUNNING
     * @param epoch the number to write with
     * @param attempt number of this attempt, from 1; of a map, of the chunk
     * @param chunk the chunk's number; -1 for an apply
     * @param count items in the chunk; 1 for an apply
     * @param star whether the items are arrays of positional arguments
     * @param input the input, or the items
     */
    record Run(
            Job job, long epoch, int attempt, int chunk, int count, boolean star, Payload input) {}

    /**
     * Writes down how a run ended; a final state also makes due its webhooks.
     *
     * @return the job as it is then; empty if the epoch is not the last one or the run is over:
     *     then nothing was written
     */
    Optional<Job> end(Run run, End end, Facts facts);

    /** How a run ended. */
    sealed interface End {
        /** With a result. */
        record Succeeded(Payload result) implements End {}

        /**
         * A chunk, item by item.
         *
         * @param outputs one JSON value per line and item, null for a failed one
         * @param failures the failed items by ascending index
         */
        record ChunkEnded(Payload outputs, List<ItemError> failures) implements End {}

        /**
         * Without one. Of a chunk: all of its items failed.
         *
         * @param problem why, as JSON
         */
        record Failed(String problem) implements End {}

        /** On request. */
        record Cancelled() implements End {}

        /**
         * It is to be run again: queued, and due at that time.
         *
         * @param at when
         * @param counts whether this attempt counts
         */
        record Again(Instant at, boolean counts) implements End {}
    }

    /**
     * What was seen of a run.
     *
     * @param worker where it ran
     * @param pid in which process
     * @param run how long
     * @param cpu processor time it took
     * @param maxRssBytes most resident memory
     */
    record Facts(
            Optional<String> worker,
            OptionalLong pid,
            Optional<Duration> run,
            Optional<Duration> cpu,
            OptionalLong maxRssBytes) {
        /** Nothing was seen. */
        public static final Facts NONE =
                new Facts(
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalLong.empty());
    }

    /** Writes down where runs are and how far they say they are, unless they are over. */
    void progress(List<Progressed> all);

    /**
     * How far a run is.
     *
     * @param worker where it runs
     * @param pid in which process
     */
    record Progressed(
            JobId job, Optional<Progress> progress, Optional<String> worker, OptionalLong pid) {}

    /** Jobs that are queued longer than they wish to be, the longest first. */
    List<Job> overdue(Instant now, int limit);

    /**
     * Ends a job that is queued: FAILED.
     *
     * @return the job as it is then; empty if it was not queued
     */
    Optional<Job> fail(JobId id, String problem);

    /** Queued jobs of pools that are none of these. */
    List<Job> ofOtherPools(Set<String> pools, int limit);

    /** Replaces what a job has printed; both as the client reads them. Nothing if it is gone. */
    void writeLog(JobId id, byte[] log);

    /** What a job has printed, as written last; empty if nothing was. */
    Optional<byte[]> log(JobId id);

    // ---- webhooks

    /** The deliveries of a job, in the order of their making. */
    List<Delivery> deliveries(JobId id);

    /** One delivery, by the key the {@link JobQueue} has for it. */
    Optional<Delivery> delivery(long key);

    /**
     * A webhook to be sent or that was.
     *
     * @param key its key in the store
     * @param job whose
     * @param number its number among the job's, from 1
     * @param url where to
     * @param secret name of the secret to sign with
     * @param event such as {@code job.succeeded}
     * @param state whether it waits, was delivered or was given up
     * @param createdAt when it was made
     * @param nextAt when it is tried next, while it waits
     * @param attempts what was tried, in order
     */
    record Delivery(
            long key,
            JobId job,
            int number,
            String url,
            Optional<String> secret,
            String event,
            DeliveryState state,
            Instant createdAt,
            Optional<Instant> nextAt,
            List<Attempt> attempts) {}

    /** How a delivery is. */
    enum DeliveryState {
        /** It will be tried, perhaps again. */
        PENDING,
        /** The other side has it. */
        DELIVERED,
        /** Nobody tries any more. */
        FAILED
    }

    /**
     * One try.
     *
     * @param at when
     * @param status HTTP status; 0 if there was no answer
     * @param took how long
     * @param error what went wrong
     */
    record Attempt(Instant at, int status, Duration took, Optional<String> error) {}

    /**
     * Writes down a try, and the state that follows.
     *
     * @param nextAt when to try again, if it is still to be
     */
    void attempted(long key, Attempt attempt, DeliveryState state, Optional<Instant> nextAt);

    /** Makes a delivery due again, whatever its state; empty if there is none. */
    Optional<Delivery> redeliver(JobId id, int number);

    // ---- housekeeping

    /** How many there are. */
    List<Count> counts();

    /**
     * How many jobs of a pool are in a state.
     *
     * @param oldest when the oldest of them was made
     */
    record Count(String pool, JobState state, long jobs, Instant oldest) {}

    /** How many jobs are queued, by tenant; those that have none are left out. */
    Map<String, Long> queuedByTenant();

    /** Forgets results whose time has come. @return how many */
    int expireResults(Instant now, int limit);

    /** Forgets jobs that ended before. @return how many */
    int purge(Instant endedBefore, int limit);

    /** Forgets idempotency keys made before. @return how many */
    int forgetKeys(Instant madeBefore, int limit);

    /** Whether the store can be reached and written to now. */
    boolean isReachable();

    @Override
    void close();
}
