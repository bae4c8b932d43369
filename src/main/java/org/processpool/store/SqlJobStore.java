package org.processpool.store;

import static java.lang.System.Logger.Level.WARNING;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobState;
import org.processpool.job.JobStore;
import org.processpool.job.NewJob;
import org.processpool.job.StoreException;
import org.processpool.store.Rows.Stored;
import org.processpool.task.Payload;

/**
 * Jobs in SQL, the same for both databases. What changes something goes through the one {@link
 * GroupWriter}; what only reads goes past it.
 */
final class SqlJobStore implements JobStore {

    private static final System.Logger LOG = System.getLogger(SqlJobStore.class.getName());

    private final GroupWriter writer;
    private final Reader reader;
    private final Clock clock;
    private final Endings endings;
    private final Submissions submissions;
    private final Runs runs;
    private final Housekeeping housekeeping;

    SqlJobStore(Dialect dialect, GroupWriter writer, Reader reader, Clock clock) {
        this.writer = writer;
        this.reader = reader;
        this.clock = clock;
        this.endings = new Endings(dialect, clock);
        this.submissions = new Submissions(endings);
        this.runs = new Runs(endings);
        this.housekeeping = new Housekeeping(writer, reader, endings);
    }

    @Override
    public Submission submit(NewJob job) {
        return writer.write(session -> submissions.take(session, job, clock.instant()));
    }

    @Override
    public Optional<Job> find(String tenant, JobId id) {
        return find(id).filter(job -> job.tenant().equals(tenant));
    }

    @Override
    public Optional<Job> find(JobId id) {
        return reader.read(session -> Rows.first(session, "id = ?", id)).map(Stored::job);
    }

    @Override
    public Optional<Keyed> findKey(String tenant, String key) {
        return reader.read(session ->
                        Rows.first(
                                session,
                                "tenant = ? and idem_key = ? and idem_key is not null",
                                tenant,
                                key))
                .map(found -> new Keyed(found.job(), found.fingerprint().orElseThrow()));
    }

    @Override
    public List<Job> list(Filter filter) {
        StringBuilder where = new StringBuilder("tenant = ?");
        List<@Nullable Object> arguments = new ArrayList<>();
        arguments.add(filter.tenant());
        if (!filter.states().isEmpty()) {
            where.append(" and state in (").append(Rows.marks(filter.states().size())).append(")");
            arguments.addAll(filter.states());
        }
        filter.task().ifPresent(task -> add(where, arguments, " and task = ?", task));
        filter.pool().ifPresent(pool -> add(where, arguments, " and pool = ?", pool));
        for (Map.Entry<String, String> label : filter.labels().entrySet()) {
            add(
                    where,
                    arguments,
                    " and exists (select 1 from job_label l where l.job_id = job.id"
                            + " and l.name = ?",
                    label.getKey());
            add(where, arguments, " and l.value = ?)", label.getValue());
        }
        filter.createdAfter()
                .ifPresent(at -> add(where, arguments, " and created_at >= ?", at.toEpochMilli()));
        filter.createdBefore()
                .ifPresent(at -> add(where, arguments, " and created_at < ?", at.toEpochMilli()));
        boolean up = filter.oldestFirst();
        filter.beyond()
                .ifPresent(id -> add(where, arguments, up ? " and id > ?" : " and id < ?", id));
        where.append(" order by id ").append(up ? "asc" : "desc");
        where.append(" limit ").append(filter.limit());
        return jobs(where.toString(), arguments.toArray());
    }

    private static void add(
            StringBuilder where, List<@Nullable Object> arguments, String text, Object argument) {
        where.append(text);
        arguments.add(argument);
    }

    private List<Job> jobs(String where, @Nullable Object... arguments) {
        return reader.read(session -> Rows.list(session, where, arguments)).stream()
                .map(Stored::job)
                .toList();
    }

    @Override
    public long queuePosition(Job job, int bound) {
        if (job.state() != JobState.QUEUED) {
            return 0;
        }
        int priority = job.treatment().priority();
        return reader.read(session ->
                session.number(
                        "select count(*) from (select 1 from job where pool = ? and"
                                + " state = 'QUEUED' and priority > ? union all"
                                + " select 1 from job where pool = ? and"
                                + " state = 'QUEUED' and priority = ? and id < ?"
                                + " limit ?) as before",
                        job.pool(),
                        priority,
                        job.pool(),
                        priority,
                        job.id(),
                        bound));
    }

    @Override
    public Optional<NewJob.Input> input(JobId id) {
        return reader.read(session -> {
            Optional<Stored> stored = Rows.first(session, "id = ?", id);
            return stored.isEmpty() ? Optional.empty() : input(session, stored.get());
        });
    }

    private static Optional<NewJob.Input> input(Session session, Stored stored)
            throws SQLException {
        JobId id = stored.job().id();
        if (stored.job().kind() == Job.Kind.APPLY) {
            return Blobs.read(session, id, Blobs.Kind.INPUT, Blobs.WHOLE)
                    .map(bytes -> new Payload(stored.input().orElseThrow(), bytes))
                    .map(NewJob.Apply::new);
        }
        record Head(int chunk, int items, Payload.Encoding encoding) {}
        List<Head> heads =
                session.list(
                        "select chunk, items, input_encoding from job_chunk where job_id = ?"
                                + " order by chunk",
                        row ->
                                new Head(
                                        row.getInt(1),
                                        row.getInt(2),
                                        Payload.Encoding.valueOf(row.getString(3))),
                        id);
        Map<Integer, byte[]> bytes = Blobs.read(session, id, Blobs.Kind.ITEMS, 0, heads.size());
        if (bytes.size() < heads.size()) {
            return Optional.empty(); // it is being forgotten
        }
        List<NewJob.ChunkInput> chunks = new ArrayList<>(heads.size());
        for (Head head : heads) {
            byte[] items = bytes.get(head.chunk);
            if (items == null) {
                return Optional.empty();
            }
            chunks.add(new NewJob.ChunkInput(head.items, new Payload(head.encoding, items)));
        }
        return Optional.of(
                new NewJob.MapItems(chunks, stored.star(), stored.onError().orElseThrow()));
    }

    @Override
    public List<NewJob.Callback> callbacks(JobId id) {
        return reader.read(session -> Endings.callbacks(session, id));
    }

    @Override
    public Optional<Payload> result(JobId id) {
        return reader.read(session -> {
            Optional<Job.Result> known =
                    Rows.first(session, "id = ? and kind = 'APPLY'", id)
                            .flatMap(stored -> stored.job().result());
            if (known.isEmpty() || known.get().expired()) {
                return Optional.empty();
            }
            return Blobs.read(session, id, Blobs.Kind.RESULT, Blobs.WHOLE)
                    .filter(bytes -> bytes.length == known.get().bytes())
                    .map(bytes -> new Payload(known.get().encoding(), bytes));
        });
    }

    @Override
    public List<ChunkResult> chunkResults(JobId id, int from, int limit) {
        return reader.read(session -> chunkResults(session, id, from, limit));
    }

    private static List<ChunkResult> chunkResults(Session session, JobId id, int from, int limit)
            throws SQLException {
        record Head(
                int chunk,
                long firstItem,
                int items,
                JobState state,
                Optional<String> encoding,
                Optional<String> error) {}
        List<Head> heads =
                session.list(
                        "select c.chunk, c.first_item, c.items, c.state, c.error,"
                                + " case when j.expired = 0 then c.output_encoding end as encoding"
                                + " from job_chunk c join job j on j.id = c.job_id"
                                + " where c.job_id = ? and c.chunk >= ? order by c.chunk limit ?",
                        row ->
                                new Head(
                                        row.getInt("chunk"),
                                        row.getLong("first_item"),
                                        row.getInt("items"),
                                        JobState.valueOf(row.getString("state")),
                                        Rows.text(row, "encoding"),
                                        Rows.text(row, "error")),
                        id,
                        from,
                        limit);
        if (heads.isEmpty()) {
            return List.of();
        }
        int to = heads.getLast().chunk + 1;
        Map<Integer, byte[]> outputs = Blobs.read(session, id, Blobs.Kind.OUTPUTS, from, to);
        Map<Integer, byte[]> failures = Blobs.read(session, id, Blobs.Kind.FAILURES, from, to);
        List<ChunkResult> all = new ArrayList<>(heads.size());
        for (Head head : heads) {
            byte[] output = outputs.get(head.chunk);
            byte[] failed = failures.get(head.chunk);
            all.add(
                    new ChunkResult(
                            head.chunk,
                            head.firstItem,
                            head.items,
                            head.state,
                            output == null || head.encoding.isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(
                                            new Payload(
                                                    Payload.Encoding.valueOf(head.encoding.get()),
                                                    output)),
                            failed == null ? List.of() : Blobs.decoded(failed),
                            head.error));
        }
        return all;
    }

    @Override
    public Optional<Integer> chunkOf(JobId id, long item) {
        return reader.read(session ->
                session.first(
                        "select chunk from job_chunk where job_id = ? and first_item <= ?"
                                + " and first_item + items > ?",
                        row -> row.getInt(1),
                        id,
                        item,
                        item));
    }

    @Override
    public Optional<Changed> cancel(String tenant, JobId id) {
        return writer.write(session -> {
            Optional<Stored> stored =
                    endings.locked(session, id)
                            .filter(found -> found.job().tenant().equals(tenant));
            return stored.isEmpty() ? Optional.empty() : Optional.of(cancel(session, stored.get()));
        });
    }

    private Changed cancel(Session session, Stored stored) throws SQLException {
        Job job = stored.job();
        return switch (job.state()) {
            case SUCCEEDED, FAILED, CANCELLED, CANCELLING -> new Changed(job, false);
            case QUEUED ->
                    new Changed(endings.idle(session, stored, JobState.CANCELLED, null), true);
            case RUNNING -> {
                if (job.kind() == Job.Kind.MAP) {
                    endings.cancelWaiting(session, job);
                    Job settled = endings.settle(session, job.id());
                    if (settled.state().done()) {
                        yield new Changed(settled, true);
                    }
                }
                session.update(
                        "update job set state = 'CANCELLING', revision = revision + 1"
                                + " where id = ?",
                        job.id());
                yield new Changed(endings.again(session, job.id()).job(), true);
            }
        };
    }

    @Override
    public Optional<Job> delete(String tenant, JobId id) {
        return housekeeping.delete(tenant, id);
    }

    @Override
    public Optional<Run> start(JobId id, String owner, int mostLosses, String lostProblem) {
        Optional<byte[]> input = inputOf(id, Blobs.Kind.INPUT, Blobs.WHOLE);
        return withInput(
                writer.write(session -> runs.start(session, id, owner, mostLosses, lostProblem)),
                input);
    }

    @Override
    public Optional<Run> startChunk(
            JobId id, int chunk, String owner, int mostLosses, String lostProblem) {
        Optional<byte[]> input = inputOf(id, Blobs.Kind.ITEMS, chunk);
        return withInput(
                writer.write(session ->
                        runs.startChunk(session, id, chunk, owner, mostLosses, lostProblem)),
                input);
    }

    /**
     * Inputs may be large and never change, so nobody who writes has to wait while one is read. It
     * is read before the run begins: a run that had begun and could not be read would be lost.
     */
    private Optional<byte[]> inputOf(JobId id, Blobs.Kind kind, int chunk) {
        return reader.read(session -> Blobs.read(session, id, kind, chunk));
    }

    private static Optional<Run> withInput(Optional<Run> begun, Optional<byte[]> input) {
        return begun.map(run -> {
            byte[] bytes =
                    input.orElseThrow(() ->
                            new IllegalStateException(
                                    "the input of %s is missing".formatted(run.job().id())));
            return new Run(
                    run.job(),
                    run.epoch(),
                    run.attempt(),
                    run.chunk(),
                    run.count(),
                    run.star(),
                    new Payload(run.input().encoding(), bytes));
        });
    }

    @Override
    public Optional<Job> end(Run run, End end, Facts facts) {
        return writer.write(session -> runs.end(session, run, end, facts));
    }

    @Override
    public void progress(List<Progressed> all) {
        if (all.isEmpty()) {
            return;
        }
        var _ =
                writer.write(session -> {
                    Runs.progress(session, all);
                    return true;
                });
    }

    @Override
    public List<Job> overdue(Instant now, int limit) {
        return jobs(
                "overdue_at <= ? and state = 'QUEUED' order by overdue_at limit " + limit,
                now.toEpochMilli());
    }

    @Override
    public Optional<Job> fail(JobId id, String problem) {
        return writer.write(session -> {
            Optional<Stored> queued =
                    endings.locked(session, id).filter(it -> it.job().state() == JobState.QUEUED);
            return queued.isEmpty()
                    ? Optional.empty()
                    : Optional.of(endings.idle(session, queued.get(), JobState.FAILED, problem));
        });
    }

    @Override
    public List<Job> ofOtherPools(Set<String> pools, int limit) {
        String others =
                pools.isEmpty() ? "" : " and pool not in (" + Rows.marks(pools.size()) + ")";
        return jobs("state = 'QUEUED'" + others + " order by id limit " + limit, pools.toArray());
    }

    @Override
    public void writeLog(JobId id, byte[] log) {
        var _ =
                writer.write(session -> {
                    boolean there = endings.locked(session, id).isPresent();
                    if (there) {
                        Blobs.delete(session, id, Blobs.Kind.LOG);
                        Blobs.write(session, id, Blobs.Kind.LOG, Blobs.WHOLE, log);
                    }
                    return there;
                });
    }

    @Override
    public Optional<byte[]> log(JobId id) {
        return reader.read(session -> Blobs.read(session, id, Blobs.Kind.LOG, Blobs.WHOLE));
    }

    @Override
    public List<Delivery> deliveries(JobId id) {
        return reader.read(session -> Deliveries.list(session, "job_id = ?", id));
    }

    @Override
    public Optional<Delivery> delivery(long key) {
        return reader.read(session -> Deliveries.list(session, "delivery = ?", key)).stream()
                .findFirst();
    }

    @Override
    public void attempted(
            long key, Attempt attempt, DeliveryState state, Optional<Instant> nextAt) {
        var _ =
                writer.write(session -> {
                    Deliveries.attempted(session, key, attempt, state, nextAt);
                    return true;
                });
    }

    @Override
    public Optional<Delivery> redeliver(JobId id, int number) {
        return writer.write(session -> Deliveries.redeliver(session, id, number, clock.millis()));
    }

    @Override
    public List<Count> counts() {
        return reader.read(session ->
                session.list(
                        "select pool, state, count(*), min(created_at) from job"
                                + " group by pool, state order by pool, state",
                        row ->
                                new Count(
                                        row.getString(1),
                                        JobState.valueOf(row.getString(2)),
                                        row.getLong(3),
                                        Instant.ofEpochMilli(row.getLong(4)))));
    }

    @Override
    public Map<String, Long> queuedByTenant() {
        record Queued(String tenant, long jobs) {}
        return reader
                .read(session ->
                        session.list(
                                "select tenant, count(*) from job where state = 'QUEUED'"
                                        + " group by tenant",
                                row -> new Queued(row.getString(1), row.getLong(2))))
                .stream()
                .collect(Collectors.toMap(Queued::tenant, Queued::jobs));
    }

    @Override
    public int expireResults(Instant now, int limit) {
        return housekeeping.expireResults(now, limit);
    }

    @Override
    public int purge(Instant endedBefore, int limit) {
        return housekeeping.purge(endedBefore, limit);
    }

    @Override
    public int forgetKeys(Instant madeBefore, int limit) {
        return housekeeping.forgetKeys(madeBefore, limit);
    }

    @Override
    public boolean isReachable() {
        try {
            return writer.write(session ->
                    session.update("update pulse set beat_at = ? where id = 1", clock.millis())
                            == 1);
        } catch (StoreException not) {
            LOG.log(WARNING, "the store cannot be written to: {0}", not.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        writer.close();
    }
}
