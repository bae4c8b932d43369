package org.processpool.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobState;
import org.processpool.job.JobStore.Submission;
import org.processpool.job.NewJob;
import org.processpool.job.NewJob.Apply;
import org.processpool.job.NewJob.Idempotency;
import org.processpool.job.NewJob.MapItems;
import org.processpool.task.Payload.Encoding;

/** Takes jobs. */
final class Submissions {

    private static final String INSERT =
            "insert into job (id, tenant, kind, task, pool, state, revision, epoch, attempt,"
                    + " losses, created_at, finished_at, overdue_at, items_total, items_done,"
                    + " items_failed, chunks_open, input_encoding, star, on_error,"
                    + " result_encoding, result_bytes, expires_at, expired, timeout_millis,"
                    + " queue_timeout_millis, memory_bytes, retries, priority, on_lost,"
                    + " result_ttl_millis, labels, callbacks, retry_of, trace, idem_key,"
                    + " fingerprint) values (?, ?, ?, ?, ?, ?, 1, 0, 0, 0, ?, ?, ?, ?, 0, 0, ?, ?,"
                    + " ?, ?, ?, 0, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    + " on conflict (tenant, idem_key) where idem_key is not null do nothing";

    private final Endings endings;

    Submissions(Endings endings) {
        this.endings = endings;
    }

    Submission take(Session session, NewJob job, Instant now) throws SQLException {
        MapItems map = job.input() instanceof MapItems items ? items : null;
        boolean ended = map != null && map.chunks().isEmpty();
        if (!inserted(session, job, map, ended, now)) {
            return known(session, job, job.idempotency().orElseThrow());
        }
        for (Map.Entry<String, String> label : job.labels().entrySet()) {
            session.update(
                    "insert into job_label (job_id, name, value) values (?, ?, ?)",
                    job.id(),
                    label.getKey(),
                    label.getValue());
        }
        int place = 0;
        for (NewJob.Callback callback : job.callbacks()) {
            session.update(
                    "insert into job_callback (job_id, place, url, events, secret)"
                            + " values (?, ?, ?, ?, ?)",
                    job.id(),
                    place++,
                    callback.url(),
                    String.join(" ", callback.events()),
                    callback.secret().orElse(null));
        }
        store(session, job, now.toEpochMilli());
        Job taken = taken(job, map, ended, now);
        if (ended) {
            endings.announce(session, taken, job.callbacks().size());
        }
        return new Submission.Accepted(taken);
    }

    private static boolean inserted(
            Session session, NewJob job, @Nullable MapItems map, boolean ended, Instant now)
            throws SQLException {
        long millis = now.toEpochMilli();
        NewJob.Treatment how = job.treatment();
        long patience = how.queueTimeout().toMillis();
        return session.update(
                        INSERT,
                        job.id(),
                        job.tenant(),
                        map == null ? Job.Kind.APPLY : Job.Kind.MAP,
                        job.task(),
                        job.pool(),
                        ended ? JobState.SUCCEEDED : JobState.QUEUED,
                        millis,
                        ended ? millis : null,
                        ended || patience == 0 ? null : millis + patience,
                        total(map),
                        map == null ? 0 : map.chunks().size(),
                        job.input() instanceof Apply apply ? apply.payload().encoding() : null,
                        map != null && map.star() ? 1 : 0,
                        map == null ? null : map.onError(),
                        ended ? Encoding.JSON : null,
                        ended ? millis + how.resultTtl().toMillis() : null,
                        how.timeout().toMillis(),
                        patience,
                        how.memoryBytes(),
                        how.retries(),
                        how.priority(),
                        how.onLost(),
                        how.resultTtl().toMillis(),
                        job.labels().size(),
                        job.callbacks().size(),
                        job.retryOf().orElse(null),
                        job.trace().orElse(null),
                        job.idempotency().map(Idempotency::key).orElse(null),
                        job.idempotency().map(Idempotency::fingerprint).orElse(null))
                == 1;
    }

    private static void store(Session session, NewJob job, long now) throws SQLException {
        int priority = job.treatment().priority();
        switch (job.input()) {
            case Apply(var payload) -> {
                Blobs.write(session, job.id(), Blobs.Kind.INPUT, Blobs.WHOLE, payload.bytes());
                Schedule.add(
                        session, Schedule.jobs(job.pool()), job.id().toString(), now, priority);
            }
            case MapItems(var chunks, var _, var _) -> {
                long item = 0;
                int number = 0;
                for (NewJob.ChunkInput chunk : chunks) {
                    session.update(
                            "insert into job_chunk (job_id, chunk, first_item, items, state,"
                                    + " epoch, attempt, losses, input_encoding, failed)"
                                    + " values (?, ?, ?, ?, 'QUEUED', 0, 0, 0, ?, 0)",
                            job.id(),
                            number,
                            item,
                            chunk.count(),
                            chunk.items().encoding());
                    Blobs.write(session, job.id(), Blobs.Kind.ITEMS, number, chunk.items().bytes());
                    Schedule.add(
                            session,
                            Schedule.chunks(job.pool()),
                            Schedule.chunk(job.id(), number),
                            now,
                            priority);
                    item += chunk.count();
                    number++;
                }
            }
        }
    }

    private static Submission known(Session session, NewJob job, Idempotency idempotency)
            throws SQLException {
        Rows.Stored before =
                Rows.first(
                                session,
                                "tenant = ? and idem_key = ? and idem_key is not null",
                                job.tenant(),
                                idempotency.key())
                        .orElseThrow();
        JobId id = before.job().id();
        return before.fingerprint().orElseThrow().equals(idempotency.fingerprint())
                ? new Submission.Replayed(before.job())
                : new Submission.KeyReused(id);
    }

    private static long total(@Nullable MapItems map) {
        return map == null ? 1 : map.total();
    }

    /** As reading it would show it. */
    private static Job taken(NewJob job, @Nullable MapItems map, boolean ended, Instant now) {
        Instant at = Instant.ofEpochMilli(now.toEpochMilli());
        NewJob.Treatment how = job.treatment();
        return new Job(
                job.id(),
                job.tenant(),
                map == null ? Job.Kind.APPLY : Job.Kind.MAP,
                job.task(),
                job.pool(),
                ended ? JobState.SUCCEEDED : JobState.QUEUED,
                1,
                at,
                Optional.empty(),
                ended ? Optional.of(at) : Optional.empty(),
                0,
                Optional.empty(),
                OptionalLong.empty(),
                new Job.Items(total(map), 0, 0),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                ended
                        ? Optional.of(
                                new Job.Result(
                                        Encoding.JSON,
                                        0,
                                        at.plusMillis(how.resultTtl().toMillis()),
                                        false))
                        : Optional.empty(),
                new NewJob.Treatment(
                        whole(how.timeout()),
                        whole(how.queueTimeout()),
                        how.memoryBytes(),
                        how.retries(),
                        how.priority(),
                        how.onLost(),
                        whole(how.resultTtl())),
                job.labels(),
                job.retryOf(),
                job.trace());
    }

    private static Duration whole(Duration of) {
        return Duration.ofMillis(of.toMillis());
    }
}
