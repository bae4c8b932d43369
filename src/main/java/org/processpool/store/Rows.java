package org.processpool.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobState;
import org.processpool.job.NewJob;
import org.processpool.job.NewJob.OnError;
import org.processpool.job.NewJob.OnLost;
import org.processpool.pool.Progress;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/** Reads jobs from their rows. */
final class Rows {

    /** A job and what only the store knows of it. */
    record Stored(
            Job job,
            long epoch,
            int losses,
            int chunksOpen,
            int callbacks,
            boolean star,
            Optional<OnError> onError,
            Optional<Payload.Encoding> input,
            Optional<String> fingerprint,
            int labels) {

        boolean stops() {
            return onError.isPresent() && onError.get() == OnError.STOP;
        }

        Stored with(Map<String, String> labels) {
            Job it = job;
            Job labelled =
                    new Job(
                            it.id(),
                            it.tenant(),
                            it.kind(),
                            it.task(),
                            it.pool(),
                            it.state(),
                            it.revision(),
                            it.createdAt(),
                            it.startedAt(),
                            it.finishedAt(),
                            it.attempt(),
                            it.worker(),
                            it.pid(),
                            it.items(),
                            it.progress(),
                            it.run(),
                            it.cpu(),
                            it.maxRssBytes(),
                            it.error(),
                            it.result(),
                            it.treatment(),
                            labels,
                            it.retryOf(),
                            it.trace());
            return new Stored(
                    labelled,
                    epoch,
                    losses,
                    chunksOpen,
                    callbacks,
                    star,
                    onError,
                    input,
                    fingerprint,
                    labels.size());
        }
    }

    private Rows() {}

    /** Jobs with their labels. */
    static List<Stored> list(Session session, String where, @Nullable Object... arguments)
            throws SQLException {
        List<Stored> found =
                session.list("select * from job where " + where, Rows::stored, arguments);
        List<String> labelled =
                found.stream()
                        .filter(each -> each.labels > 0)
                        .map(each -> each.job.id().toString())
                        .toList();
        if (labelled.isEmpty()) {
            return found;
        }
        record Label(String id, String name, String value) {}
        Map<String, Map<String, String>> labels = new HashMap<>();
        session.list(
                        "select job_id, name, value from job_label where job_id in ("
                                + marks(labelled.size())
                                + ")",
                        row -> new Label(row.getString(1), row.getString(2), row.getString(3)),
                        labelled.toArray())
                .forEach(each ->
                        labels.computeIfAbsent(each.id, _ -> new HashMap<>())
                                .put(each.name, each.value));
        List<Stored> all = new ArrayList<>(found.size());
        for (Stored each : found) {
            all.add(each.with(labels.getOrDefault(each.job.id().toString(), Map.of())));
        }
        return all;
    }

    static Optional<Stored> first(Session session, String where, @Nullable Object... arguments)
            throws SQLException {
        return list(session, where, arguments).stream().findFirst();
    }

    /** Question marks for a list of values. */
    static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    private static Stored stored(ResultSet row) throws SQLException {
        return new Stored(
                job(row),
                row.getLong("epoch"),
                row.getInt("losses"),
                row.getInt("chunks_open"),
                row.getInt("callbacks"),
                row.getInt("star") == 1,
                text(row, "on_error").map(OnError::valueOf),
                text(row, "input_encoding").map(Payload.Encoding::valueOf),
                text(row, "fingerprint"),
                row.getInt("labels"));
    }

    private static Job job(ResultSet row) throws SQLException {
        return new Job(
                id(row, "id"),
                row.getString("tenant"),
                Job.Kind.valueOf(row.getString("kind")),
                new TaskName(row.getString("task")),
                row.getString("pool"),
                JobState.valueOf(row.getString("state")),
                row.getLong("revision"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                instant(row, "started_at"),
                instant(row, "finished_at"),
                row.getInt("attempt"),
                text(row, "worker"),
                Session.optional(row, "pid"),
                new Job.Items(
                        row.getLong("items_total"),
                        row.getLong("items_done"),
                        row.getLong("items_failed")),
                progress(row),
                nanos(row, "run_nanos"),
                nanos(row, "cpu_nanos"),
                Session.optional(row, "max_rss"),
                text(row, "error"),
                result(row),
                new NewJob.Treatment(
                        Duration.ofMillis(row.getLong("timeout_millis")),
                        Duration.ofMillis(row.getLong("queue_timeout_millis")),
                        row.getLong("memory_bytes"),
                        row.getInt("retries"),
                        row.getInt("priority"),
                        OnLost.valueOf(row.getString("on_lost")),
                        Duration.ofMillis(row.getLong("result_ttl_millis"))),
                Map.of(),
                text(row, "retry_of").map(UUID::fromString).map(JobId::new),
                text(row, "trace"));
    }

    private static Optional<Progress> progress(ResultSet row) throws SQLException {
        OptionalLong done = Session.optional(row, "progress_done");
        return done.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Progress(
                                done.getAsLong(),
                                row.getLong("progress_total"),
                                row.getString("progress_message")));
    }

    private static Optional<Job.Result> result(ResultSet row) throws SQLException {
        Optional<String> encoding = text(row, "result_encoding");
        return encoding.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Job.Result(
                                Payload.Encoding.valueOf(encoding.get()),
                                row.getLong("result_bytes"),
                                Instant.ofEpochMilli(row.getLong("expires_at")),
                                row.getInt("expired") == 1));
    }

    static JobId id(ResultSet row, String column) throws SQLException {
        return new JobId(UUID.fromString(row.getString(column)));
    }

    static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        OptionalLong millis = Session.optional(row, column);
        return millis.isEmpty()
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(millis.getAsLong()));
    }

    private static Optional<Duration> nanos(ResultSet row, String column) throws SQLException {
        OptionalLong nanos = Session.optional(row, column);
        return nanos.isEmpty()
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(nanos.getAsLong()));
    }
}
