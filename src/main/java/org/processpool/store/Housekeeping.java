package org.processpool.store;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.store.Rows.Stored;

/** Forgets, little by little, so that others get their turn in between. */
final class Housekeeping {

    /** Most jobs that are forgotten in one transaction. */
    private static final int MOST = 20;

    private final GroupWriter writer;
    private final Reader reader;
    private final Endings endings;

    Housekeeping(GroupWriter writer, Reader reader, Endings endings) {
        this.writer = writer;
        this.reader = reader;
        this.endings = endings;
    }

    Optional<Job> delete(String tenant, JobId id) {
        Optional<Job> deleted =
                writer.write(session -> {
                    Optional<Job> job =
                            endings.locked(session, id)
                                    .map(Stored::job)
                                    .filter(it -> it.tenant().equals(tenant));
                    if (job.isPresent() && job.get().state().done()) {
                        forget(session, job.get());
                    }
                    return job;
                });
        sweep();
        return deleted;
    }

    int purge(Instant endedBefore, int limit) {
        int all = 0;
        while (all < limit) {
            int most = Math.min(MOST, limit - all);
            int some = writer.write(session -> purgeSome(session, endedBefore, most));
            all += some;
            if (some < most) {
                break;
            }
        }
        sweep();
        return all;
    }

    private int purgeSome(Session session, Instant endedBefore, int most) throws SQLException {
        List<Stored> old =
                Rows.list(
                        session,
                        "finished_at < ? order by finished_at limit " + most,
                        endedBefore.toEpochMilli());
        for (Stored each : old) {
            forget(session, each.job());
        }
        return old.size();
    }

    private static void forget(Session session, Job job) throws SQLException {
        JobId id = job.id();
        session.update("delete from job where id = ?", id);
        session.update("delete from job_label where job_id = ?", id);
        session.update("delete from job_callback where job_id = ?", id);
        session.update("delete from job_chunk where job_id = ?", id);
        Deliveries.forget(session, id);
        if (job.kind() == Job.Kind.MAP) {
            Schedule.removeChunks(session, job.pool(), id);
        } else {
            Schedule.remove(session, Schedule.jobs(job.pool()), id.toString());
        }
        if (!Blobs.deleteSome(session, id)) {
            session.update("insert into forgotten (job_id) values (?)", id);
        }
    }

    /** Deletes what large jobs have left behind, also those before a restart. */
    private void sweep() {
        while (true) {
            Optional<JobId> next =
                    reader.read(session ->
                            session.first(
                                    "select job_id from forgotten", row -> Rows.id(row, "job_id")));
            if (next.isEmpty()) {
                return;
            }
            var _ =
                    writer.write(session -> {
                        boolean all = Blobs.deleteSome(session, next.get());
                        if (all) {
                            session.update("delete from forgotten where job_id = ?", next.get());
                        }
                        return all;
                    });
        }
    }

    int expireResults(Instant now, int limit) {
        int all = 0;
        while (all < limit) {
            Optional<JobId> next = writer.write(session -> expireOne(session, now));
            if (next.isEmpty()) {
                break;
            }
            all++;
            boolean more = true;
            while (more) {
                more = !writer.write(session -> Blobs.deleteSomeResults(session, next.get()));
            }
        }
        return all;
    }

    private static Optional<JobId> expireOne(Session session, Instant now) throws SQLException {
        Optional<JobId> next =
                session.first(
                        "select id from job where expires_at <= ? and expired = 0"
                                + " order by expires_at limit 1",
                        row -> Rows.id(row, "id"),
                        now.toEpochMilli());
        if (next.isPresent()) {
            session.update(
                    "update job set expired = 1, revision = revision + 1 where id = ?", next.get());
        }
        return next;
    }

    int forgetKeys(Instant madeBefore, int limit) {
        return writer.write(session ->
                session.update(
                        "update job set idem_key = null, fingerprint = null where id in"
                                + " (select id from job where idem_key is not null and"
                                + " created_at < ? order by created_at limit "
                                + limit
                                + ")",
                        madeBefore.toEpochMilli()));
    }
}
