package org.processpool.store;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobState;
import org.processpool.job.JobStore.End;
import org.processpool.job.JobStore.Facts;
import org.processpool.job.JobStore.ItemError;
import org.processpool.job.JobStore.Progressed;
import org.processpool.job.JobStore.Run;
import org.processpool.job.NewJob.OnLost;
import org.processpool.store.Rows.Stored;
import org.processpool.task.Payload;

/**
 * Begins runs and writes down how they end. Who begins one has been handed it by the queue, so
 * whoever had it before is gone; should it not be, its epoch is old and it is not listened to.
 */
final class Runs {

    private static final byte[] LATER = {};

    private final Endings endings;

    Runs(Endings endings) {
        this.endings = endings;
    }

    /** Begins a run; its input is to be read by the caller. */
    Optional<Run> start(Session session, JobId id, String owner, int mostLosses, String lostProblem)
            throws SQLException {
        Stored stored = endings.locked(session, id).orElse(null);
        if (stored == null) {
            return Optional.empty();
        }
        if (stored.job().kind() != Job.Kind.APPLY) {
            throw new IllegalStateException(id + " is a map and is started chunk by chunk");
        }
        int losses = stored.losses();
        switch (stored.job().state()) {
            case QUEUED -> {}
            case RUNNING -> {
                losses++;
                if (isTooMuch(stored, losses, mostLosses)) {
                    var _ =
                            endings.apply(
                                    session,
                                    stored,
                                    JobState.FAILED,
                                    null,
                                    lostProblem,
                                    Facts.NONE);
                    return Optional.empty();
                }
            }
            case CANCELLING -> {
                var _ = endings.apply(session, stored, JobState.CANCELLED, null, null, Facts.NONE);
                return Optional.empty();
            }
            case SUCCEEDED, FAILED, CANCELLED -> {
                return Optional.empty();
            }
        }
        session.update(
                "update job set state = 'RUNNING', epoch = epoch + 1, attempt = attempt + 1,"
                        + " losses = ?, owner = ?, started_at = coalesce(started_at, ?),"
                        + " overdue_at = null, revision = revision + 1 where id = ?",
                losses,
                owner,
                endings.now(),
                id);
        Job job = endings.again(session, id).job();
        Payload input = new Payload(stored.input().orElseThrow(), LATER);
        return Optional.of(
                new Run(job, stored.epoch() + 1, job.attempt(), Blobs.WHOLE, 1, false, input));
    }

    private static boolean isTooMuch(Stored stored, int losses, int mostLosses) {
        return stored.job().treatment().onLost() == OnLost.FAIL || losses > mostLosses;
    }

    /** A chunk's row. */
    private record Chunk(
            int items,
            JobState state,
            long epoch,
            int attempt,
            int losses,
            Payload.Encoding encoding) {}

    private static Optional<Chunk> chunk(Session session, JobId id, int number)
            throws SQLException {
        return session.first(
                "select items, state, epoch, attempt, losses, input_encoding from job_chunk"
                        + " where job_id = ? and chunk = ?",
                row ->
                        new Chunk(
                                row.getInt(1),
                                JobState.valueOf(row.getString(2)),
                                row.getLong(3),
                                row.getInt(4),
                                row.getInt(5),
                                Payload.Encoding.valueOf(row.getString(6))),
                id,
                number);
    }

    Optional<Run> startChunk(
            Session session, JobId id, int number, String owner, int mostLosses, String lostProblem)
            throws SQLException {
        Stored stored = endings.locked(session, id).orElse(null);
        Chunk chunk = stored == null ? null : chunk(session, id, number).orElse(null);
        if (stored == null || chunk == null || stored.job().state().done()) {
            return Optional.empty();
        }
        int losses = chunk.losses();
        if (chunk.state() == JobState.RUNNING) {
            losses++;
            if (stored.job().state() == JobState.CANCELLING) {
                cancelled(session, id, number);
                var _ = endings.settle(session, id);
                return Optional.empty();
            }
            if (isTooMuch(stored, losses, mostLosses)) {
                failed(session, stored, number, chunk.items(), lostProblem);
                var _ = endings.settle(session, id);
                return Optional.empty();
            }
        } else if (chunk.state() != JobState.QUEUED) {
            return Optional.empty();
        }
        session.update(
                "update job_chunk set state = 'RUNNING', epoch = epoch + 1,"
                        + " attempt = attempt + 1, losses = ?, owner = ?"
                        + " where job_id = ? and chunk = ?",
                losses,
                owner,
                id,
                number);
        if (stored.job().state() == JobState.QUEUED) {
            session.update(
                    "update job set state = 'RUNNING', attempt = 1, started_at = ?,"
                            + " overdue_at = null, revision = revision + 1 where id = ?",
                    endings.now(),
                    id);
        }
        return Optional.of(
                new Run(
                        endings.again(session, id).job(),
                        chunk.epoch() + 1,
                        chunk.attempt() + 1,
                        number,
                        chunk.items(),
                        stored.star(),
                        new Payload(chunk.encoding(), LATER)));
    }

    Optional<Job> end(Session session, Run run, End end, Facts facts) throws SQLException {
        Stored stored = endings.locked(session, run.job().id()).orElse(null);
        if (stored == null || stored.job().state().done()) {
            return Optional.empty();
        }
        return run.chunk() == Blobs.WHOLE
                ? endApply(session, stored, run, end, facts)
                : endChunk(session, stored, run, end, facts);
    }

    private Optional<Job> endApply(Session session, Stored stored, Run run, End end, Facts facts)
            throws SQLException {
        JobState now = stored.job().state();
        if (stored.epoch() != run.epoch() || now == JobState.QUEUED) {
            return Optional.empty();
        }
        JobState state;
        Payload result = null;
        String problem = null;
        switch (end) {
            case End.Succeeded(var payload) -> {
                state = JobState.SUCCEEDED;
                result = payload;
            }
            case End.Failed(var why) -> {
                state = JobState.FAILED;
                problem = why;
            }
            case End.Cancelled() -> state = JobState.CANCELLED;
            case End.Again again -> {
                if (now != JobState.CANCELLING) {
                    return Optional.of(requeued(session, stored.job(), again, facts));
                }
                state = JobState.CANCELLED;
            }
            case End.ChunkEnded _ ->
                    throw new IllegalStateException(
                            "%s is an apply and has no items".formatted(stored.job().id()));
        }
        return Optional.of(endings.apply(session, stored, state, result, problem, facts));
    }

    private Job requeued(Session session, Job job, End.Again again, Facts facts)
            throws SQLException {
        endings.seen(session, job.id(), facts);
        session.update(
                "update job set state = 'QUEUED', attempt = attempt - ?, owner = null,"
                        + " revision = revision + 1 where id = ?",
                again.counts() ? 0 : 1,
                job.id());
        Schedule.move(
                session, Schedule.jobs(job.pool()), job.id().toString(), again.at().toEpochMilli());
        return endings.again(session, job.id()).job();
    }

    private Optional<Job> endChunk(Session session, Stored stored, Run run, End end, Facts facts)
            throws SQLException {
        JobId id = stored.job().id();
        Chunk chunk = chunk(session, id, run.chunk()).orElse(null);
        if (chunk == null || chunk.epoch() != run.epoch() || chunk.state() != JobState.RUNNING) {
            return Optional.empty();
        }
        endings.seen(session, id, facts);
        switch (end) {
            case End.ChunkEnded(var outputs, var failures) ->
                    ended(session, stored, run.chunk(), chunk.items(), outputs, failures);
            case End.Failed(var problem) ->
                    failed(session, stored, run.chunk(), chunk.items(), problem);
            case End.Cancelled() -> cancelled(session, id, run.chunk());
            case End.Again again -> {
                boolean stopping =
                        stored.job().state() == JobState.CANCELLING
                                || (stored.stops() && stored.job().items().failed() > 0);
                if (stopping) {
                    cancelled(session, id, run.chunk());
                } else {
                    requeuedChunk(session, stored.job(), run.chunk(), again);
                }
            }
            case End.Succeeded _ ->
                    throw new IllegalStateException(
                            "%s is a map and its chunks have items".formatted(id));
        }
        return Optional.of(endings.settle(session, id));
    }

    private static void requeuedChunk(Session session, Job job, int number, End.Again again)
            throws SQLException {
        session.update(
                "update job_chunk set state = 'QUEUED', attempt = attempt - ?, owner = null"
                        + " where job_id = ? and chunk = ?",
                again.counts() ? 0 : 1,
                job.id(),
                number);
        session.update("update job set revision = revision + 1 where id = ?", job.id());
        Schedule.move(
                session,
                Schedule.chunks(job.pool()),
                Schedule.chunk(job.id(), number),
                again.at().toEpochMilli());
    }

    private void ended(
            Session session,
            Stored stored,
            int number,
            int items,
            Payload outputs,
            List<ItemError> failures)
            throws SQLException {
        JobId id = stored.job().id();
        session.update(
                "update job_chunk set state = 'SUCCEEDED', output_encoding = ?, failed = ?,"
                        + " first_problem = ? where job_id = ? and chunk = ?",
                outputs.encoding(),
                failures.size(),
                failures.isEmpty() ? null : failures.getFirst().problem(),
                id,
                number);
        Blobs.write(session, id, Blobs.Kind.OUTPUTS, number, outputs.bytes());
        if (!failures.isEmpty()) {
            Blobs.write(session, id, Blobs.Kind.FAILURES, number, Blobs.encoded(failures));
        }
        counted(session, stored, items, failures.size(), outputs.size());
    }

    private void failed(Session session, Stored stored, int number, int items, String problem)
            throws SQLException {
        session.update(
                "update job_chunk set state = 'FAILED', failed = items, first_problem = ?,"
                        + " error = ? where job_id = ? and chunk = ?",
                problem,
                problem,
                stored.job().id(),
                number);
        counted(session, stored, items, items, 0);
    }

    private void counted(Session session, Stored stored, int items, int failed, int bytes)
            throws SQLException {
        session.update(
                "update job set chunks_open = chunks_open - 1, items_done = items_done + ?,"
                        + " items_failed = items_failed + ?, result_bytes = result_bytes + ?,"
                        + " revision = revision + 1 where id = ?",
                items,
                failed,
                bytes,
                stored.job().id());
        if (failed > 0 && stored.stops()) {
            var _ = endings.cancelWaiting(session, stored.job());
        }
    }

    private static void cancelled(Session session, JobId id, int number) throws SQLException {
        session.update(
                "update job_chunk set state = 'CANCELLED' where job_id = ? and chunk = ?",
                id,
                number);
        session.update(
                "update job set chunks_open = chunks_open - 1, revision = revision + 1"
                        + " where id = ?",
                id);
    }

    static void progress(Session session, List<Progressed> all) throws SQLException {
        for (Progressed each : all) {
            boolean told = each.progress().isPresent();
            session.update(
                    "update job set progress_done = coalesce(?, progress_done),"
                            + " progress_total = coalesce(?, progress_total),"
                            + " progress_message = case when ? = 1 then ? else progress_message"
                            + " end, worker = coalesce(?, worker), pid = coalesce(?, pid),"
                            + " revision = revision + 1"
                            + " where id = ? and state in ('RUNNING', 'CANCELLING')",
                    told ? each.progress().get().done() : null,
                    told ? each.progress().get().total() : null,
                    told ? 1 : 0,
                    told ? each.progress().get().message() : null,
                    each.worker().orElse(null),
                    number(each.pid()),
                    each.job());
        }
    }

    private static @Nullable Long number(OptionalLong of) {
        return of.isPresent() ? of.getAsLong() : null;
    }
}
