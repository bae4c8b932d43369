package org.processpool.job;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.processpool.pool.Progress;

/**
 * Something that happened.
 *
 * @param number grows by one with each event of this process
 * @param at when
 * @param what what
 */
public record JobEvent(long number, Instant at, What what) {

    /** What happened. */
    public sealed interface What {

        /** Its name for clients, such as {@code job.succeeded}. */
        String type();

        /** The job it is about, if it is about one. */
        default Optional<JobId> job() {
            return Optional.empty();
        }

        /** Whose it is, so that others are not told; empty if it is everybody's. */
        default Optional<String> tenant() {
            return Optional.empty();
        }
    }

    /**
     * A job is in another state, or a chunk of a map has ended.
     *
     * @param now the job as it is since
     */
    public record JobChanged(Job now) implements What {
        @Override
        public String type() {
            return switch (now.state()) {
                case RUNNING -> now.items().done() > 0 ? "job.progress" : "job.started";
                case QUEUED, CANCELLING, SUCCEEDED, FAILED, CANCELLED ->
                        "job." + now.state().name().toLowerCase(Locale.ROOT);
            };
        }

        @Override
        public Optional<JobId> job() {
            return Optional.of(now.id());
        }

        @Override
        public Optional<String> tenant() {
            return Optional.of(now.tenant());
        }
    }

    /**
     * A task told how far it is.
     *
     * @param owner the job's tenant
     * @param id its job
     * @param progress how far
     */
    public record JobProgressed(String owner, JobId id, Progress progress) implements What {
        @Override
        public String type() {
            return "job.progress";
        }

        @Override
        public Optional<JobId> job() {
            return Optional.of(id);
        }

        @Override
        public Optional<String> tenant() {
            return Optional.of(owner);
        }
    }

    /**
     * A job was forgotten on request.
     *
     * @param owner the job's tenant
     * @param id its id
     */
    public record JobDeleted(String owner, JobId id) implements What {
        @Override
        public String type() {
            return "job.deleted";
        }

        @Override
        public Optional<JobId> job() {
            return Optional.of(id);
        }

        @Override
        public Optional<String> tenant() {
            return Optional.of(owner);
        }
    }

    /**
     * A worker came, is ready or has gone.
     *
     * @param type {@code worker.started}, {@code worker.ready} or {@code worker.gone}
     * @param pool its pool
     * @param worker its slot
     * @param pid its process
     * @param reason why it has gone
     */
    public record WorkerChanged(
            String type, String pool, String worker, OptionalLong pid, Optional<String> reason)
            implements What {}

    /**
     * A pool is in another state.
     *
     * @param pool its name
     * @param state the state
     * @param why why, or empty
     */
    public record PoolChanged(String pool, String state, String why) implements What {
        @Override
        public String type() {
            return "pool.state";
        }
    }
}
