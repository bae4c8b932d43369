package org.processpool.job;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/**
 * A job as it is asked for. Whoever makes one has checked it: the task exists and the input fits.
 *
 * @param id its id
 * @param tenant whose it is; empty if there is only one
 * @param task what to run
 * @param pool in which pool
 * @param input the input
 * @param treatment how to run it
 * @param labels names and values of the client's choice
 * @param callbacks whom to tell of its end
 * @param retryOf the job it repeats
 * @param idempotency by which a second submission is known
 * @param trace a W3C {@code traceparent}
 */
public record NewJob(
        JobId id,
        String tenant,
        TaskName task,
        String pool,
        Input input,
        Treatment treatment,
        Map<String, String> labels,
        List<Callback> callbacks,
        Optional<JobId> retryOf,
        Optional<Idempotency> idempotency,
        Optional<String> trace) {

    public NewJob {
        Objects.requireNonNull(id);
        labels = Map.copyOf(labels);
        callbacks = List.copyOf(callbacks);
    }

    /** What goes in. */
    public sealed interface Input {}

    /**
     * One call.
     *
     * @param payload its input
     */
    public record Apply(Payload payload) implements Input {}

    /**
     * A call per chunk of items.
     *
     * @param chunks the items, cut into chunks; none is a map that has ended already
     * @param star whether each item is an array of positional arguments
     * @param onError whether the other items are still run after one failed
     */
    public record MapItems(List<ChunkInput> chunks, boolean star, OnError onError)
            implements Input {
        public MapItems {
            chunks = List.copyOf(chunks);
        }

        /** All items. */
        public long total() {
            return chunks.stream().mapToLong(ChunkInput::count).sum();
        }
    }

    /**
     * Some items of a map.
     *
     * @param count how many, at least 1
     * @param items JSON values, each on a line of its own
     */
    public record ChunkInput(int count, Payload items) {}

    /** What a failed item means for the others. */
    public enum OnError {
        /** They are run all the same. */
        CONTINUE,
        /** Those not started are not run any more. */
        STOP
    }

    /** What happens to a job whose service died while it ran. */
    public enum OnLost {
        /** It is run again: at least once. */
        RETRY,
        /** It ends as failed: at most once. */
        FAIL
    }

    /**
     * How a job is run.
     *
     * @param timeout longest run of one call; zero is no limit
     * @param queueTimeout longest time from the submission to the start; zero is no limit
     * @param memoryBytes most resident memory of its worker while it runs; 0 is the pool's limit
     * @param retries how often a call whose worker died is run again; 0 to 100
     * @param priority 0 to 9, 9 first
     * @param onLost what happens if the service dies meanwhile
     * @param resultTtl how long its result is kept after its end
     */
    public record Treatment(
            Duration timeout,
            Duration queueTimeout,
            long memoryBytes,
            int retries,
            int priority,
            OnLost onLost,
            Duration resultTtl) {}

    /**
     * A webhook.
     *
     * @param url where to post to
     * @param events which events, such as {@code job.failed}
     * @param secret name of the secret to sign with
     */
    public record Callback(String url, List<String> events, Optional<String> secret) {
        public Callback {
            events = List.copyOf(events);
        }
    }

    /**
     * What makes a second submission the same as the first.
     *
     * @param key the client's key
     * @param fingerprint hash of the request; another one under the same key is a mistake
     */
    public record Idempotency(String key, String fingerprint) {}
}
