package org.processpool.store;

import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobState;
import org.processpool.job.JobStore.Facts;
import org.processpool.job.NewJob;
import org.processpool.store.Rows.Stored;
import org.processpool.task.Payload;

/** Gives jobs their final states, and makes due what follows from them. */
final class Endings {

    private final Dialect dialect;
    private final Clock clock;

    Endings(Dialect dialect, Clock clock) {
        this.dialect = dialect;
        this.clock = clock;
    }

    long now() {
        return clock.millis();
    }

    /** The job as it is, and nobody else's until the transaction is over. */
    Optional<Stored> locked(Session session, JobId id) throws SQLException {
        return Rows.first(session, "id = ?" + dialect.locking(), id);
    }

    Stored again(Session session, JobId id) throws SQLException {
        return Rows.first(session, "id = ?", id).orElseThrow();
    }

    /** Ends an apply. */
    Job apply(
            Session session,
            Stored stored,
            JobState state,
            @Nullable Payload result,
            @Nullable String problem,
            Facts facts)
            throws SQLException {
        JobId id = stored.job().id();
        if (result != null) {
            Blobs.write(session, id, Blobs.Kind.RESULT, Blobs.WHOLE, result.bytes());
        }
        boolean done = state != JobState.CANCELLED;
        seen(session, id, facts);
        return finish(
                session,
                stored,
                state,
                result == null ? null : result.encoding(),
                result == null ? 0 : result.size(),
                problem,
                done ? 1 : 0,
                state == JobState.FAILED ? 1 : 0);
    }

    /** Ends a map if none of its chunks is open any more. @return the map as it is then */
    Job settle(Session session, JobId id) throws SQLException {
        Stored stored = again(session, id);
        Job job = stored.job();
        if (stored.chunksOpen() > 0 || job.state().done()) {
            return job;
        }
        JobState state;
        String problem = null;
        if (job.items().failed() > 0) {
            state = JobState.FAILED;
            problem =
                    session.first(
                                    "select first_problem from job_chunk where job_id = ?"
                                            + " and failed > 0 order by chunk limit 1",
                                    row -> row.getString(1),
                                    id)
                            .orElseThrow();
        } else if (job.items().done() < job.items().total()) {
            state = JobState.CANCELLED;
        } else {
            state = JobState.SUCCEEDED;
        }
        return finishMap(session, stored, state, problem);
    }

    private Job finishMap(Session session, Stored stored, JobState state, @Nullable String problem)
            throws SQLException {
        long bytes = session.number("select result_bytes from job where id = ?", stored.job().id());
        return finish(
                session,
                stored,
                state,
                Payload.Encoding.JSON,
                bytes,
                problem,
                stored.job().items().done(),
                stored.job().items().failed());
    }

    /** Ends a job of which nothing runs. */
    Job idle(Session session, Stored stored, JobState state, @Nullable String problem)
            throws SQLException {
        Job job = stored.job();
        if (job.kind() == Job.Kind.MAP) {
            cancelWaiting(session, job);
            return finishMap(session, again(session, job.id()), state, problem);
        }
        Schedule.remove(session, Schedule.jobs(job.pool()), job.id().toString());
        return apply(session, stored, state, null, problem, Facts.NONE);
    }

    /** Cancels the chunks of a map that wait. @return whether there were any */
    boolean cancelWaiting(Session session, Job job) throws SQLException {
        Schedule.removeWaitingChunks(session, job.pool(), job.id());
        int waiting =
                session.update(
                        "update job_chunk set state = 'CANCELLED' where job_id = ?"
                                + " and state = 'QUEUED'",
                        job.id());
        if (waiting > 0) {
            session.update(
                    "update job set chunks_open = chunks_open - ? where id = ?", waiting, job.id());
        }
        return waiting > 0;
    }

    private Job finish(
            Session session,
            Stored stored,
            JobState state,
            Payload.@Nullable Encoding encoding,
            long bytes,
            @Nullable String problem,
            long done,
            long failed)
            throws SQLException {
        JobId id = stored.job().id();
        long now = now();
        session.update(
                "update job set state = ?, error = ?, finished_at = ?, overdue_at = null,"
                        + " result_encoding = ?, result_bytes = ?, expires_at = ?,"
                        + " items_done = ?, items_failed = ?, revision = revision + 1"
                        + " where id = ?",
                state,
                problem,
                now,
                encoding,
                bytes,
                encoding == null ? null : now + stored.job().treatment().resultTtl().toMillis(),
                done,
                failed,
                id);
        Job ended = again(session, id).job();
        announce(session, ended, stored.callbacks());
        return ended;
    }

    /** What was seen of a run; what was not seen stays as it was. */
    void seen(Session session, JobId id, Facts facts) throws SQLException {
        if (facts.equals(Facts.NONE)) {
            return;
        }
        session.update(
                "update job set worker = coalesce(?, worker), pid = coalesce(?, pid),"
                        + " run_nanos = coalesce(?, run_nanos),"
                        + " cpu_nanos = coalesce(?, cpu_nanos), max_rss = coalesce(?, max_rss)"
                        + " where id = ?",
                facts.worker().orElse(null),
                facts.pid().isPresent() ? facts.pid().getAsLong() : null,
                facts.run().isPresent() ? facts.run().get().toNanos() : null,
                facts.cpu().isPresent() ? facts.cpu().get().toNanos() : null,
                facts.maxRssBytes().isPresent() ? facts.maxRssBytes().getAsLong() : null,
                id);
    }

    /** Makes due the webhooks that are to tell of a final state. */
    void announce(Session session, Job ended, int callbacks) throws SQLException {
        if (callbacks == 0) {
            return;
        }
        String event =
                switch (ended.state()) {
                    case SUCCEEDED -> "job.succeeded";
                    case FAILED -> "job.failed";
                    case CANCELLED -> "job.cancelled";
                    case QUEUED, RUNNING, CANCELLING ->
                            throw new IllegalStateException(ended + " has not ended");
                };
        long now = now();
        int place = 1;
        for (NewJob.Callback callback : callbacks(session, ended.id())) {
            if (callback.events().contains(event)) {
                long key =
                        session.number(
                                "insert into webhook_outbox (job_id, place, url, secret, event,"
                                        + " state, created_at, next_at) values"
                                        + " (?, ?, ?, ?, ?, 'PENDING', ?, ?) returning delivery",
                                ended.id(),
                                place++,
                                callback.url(),
                                callback.secret().orElse(null),
                                event,
                                now,
                                now);
                Schedule.add(session, Schedule.WEBHOOKS, Long.toString(key), now, 0);
            }
        }
    }

    static List<NewJob.Callback> callbacks(Session session, JobId id) throws SQLException {
        return session.list(
                "select url, events, secret from job_callback where job_id = ? order by place",
                row ->
                        new NewJob.Callback(
                                row.getString(1),
                                row.getString(2).isEmpty()
                                        ? List.of()
                                        : List.of(row.getString(2).split(" ")),
                                Rows.text(row, "secret")),
                id);
    }
}
