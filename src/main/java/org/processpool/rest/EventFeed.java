package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobEvent;
import org.processpool.job.JobEvents;
import org.processpool.job.JobId;

/**
 * What happens, for those who listen over HTTP. Ids of events are the start of this service and a
 * number, so that an id from before a restart is known to be one.
 */
@Singleton
class EventFeed {

    /** The id of a job's last event: whoever has that needs nothing more. */
    static final String END = "end";

    private static final Duration STATS = Duration.ofSeconds(1);

    private final String boot = Long.toString(System.currentTimeMillis(), 36);
    private final Jobs jobs;

    EventFeed(Jobs jobs) {
        this.jobs = jobs;
    }

    private JobEvents events() {
        return jobs.service().events();
    }

    private String id(long number) {
        return boot + "-" + number;
    }

    /** The number in an id of this service's; empty for any other text. */
    private Optional<Long> number(String id) {
        int dash = id.indexOf('-');
        if (dash < 0 || !id.substring(0, dash).equals(boot)) {
            return Optional.empty();
        }
        String digits = id.substring(dash + 1);
        return digits.matches("\\d{1,18}") ? Optional.of(Long.valueOf(digits)) : Optional.empty();
    }

    /**
     * Writes what happens to a job, from the state it has now to its end.
     *
     * @param lastId what the client has, or null
     */
    void writeJob(ServerSentEvents to, Job first, @Nullable String lastId)
            throws IOException, InterruptedException {
        JobId id = first.id();
        String tenant = first.tenant();
        Optional<Long> after = lastId == null ? Optional.empty() : number(lastId);
        long cursor = after.orElseGet(() -> events().last());
        if (after.isEmpty()) {
            if (lastId != null) {
                gap(to);
            }
            if (snapshot(to, tenant, id, cursor)) {
                return;
            }
        }
        Predicate<JobEvent.What> wanted = what -> what.job().filter(id::equals).isPresent();
        while (true) {
            JobEvents.Batch batch = events().read(cursor, wanted, ServerSentEvents.HEARTBEAT);
            cursor = batch.last();
            if (batch.gap()) {
                gap(to);
                if (snapshot(to, tenant, id, cursor)) {
                    return;
                }
                continue;
            }
            for (JobEvent event : batch.events()) {
                boolean end = isEnd(event.what());
                to.event(event.what().type(), end ? END : id(event.number()), data(event));
                if (end) {
                    return;
                }
            }
            if (batch.closed()) {
                return;
            }
            if (batch.events().isEmpty()) {
                // of a shared store, another process may have ended it
                Optional<Job> now = jobs.service().find(tenant, id);
                if (now.isEmpty() || now.get().state().done()) {
                    snapshot(to, tenant, id, cursor);
                    return;
                }
                to.comment("still here");
            }
        }
    }

    /** Writes the job as it is; whether nothing can follow. */
    private boolean snapshot(ServerSentEvents to, String tenant, JobId id, long cursor)
            throws IOException {
        Job now = jobs.service().find(tenant, id).orElse(null);
        if (now == null) {
            to.event("job.deleted", END, "{\"id\":\"%s\"}".formatted(id));
            return true;
        }
        boolean done = now.state().done();
        String type = new JobEvent.JobChanged(now).type();
        to.event(type, done ? END : id(cursor), new String(jobs.json(now), UTF_8));
        return done;
    }

    private static boolean isEnd(JobEvent.What what) {
        return switch (what) {
            case JobEvent.JobChanged(Job now) -> now.state().done();
            case JobEvent.JobDeleted _ -> true;
            case JobEvent.JobProgressed _, JobEvent.WorkerChanged _, JobEvent.PoolChanged _ ->
                    false;
        };
    }

    /**
     * Writes whatever happens, of jobs only to those of one tenant.
     *
     * @param tenant whose
     * @param wanted types of events
     * @param stats how the service is, written every second; null for not at all
     * @param lastId what the client has, or null
     */
    void writeAll(
            ServerSentEvents to,
            String tenant,
            Predicate<String> wanted,
            @Nullable Supplier<String> stats,
            @Nullable String lastId)
            throws IOException, InterruptedException {
        Optional<Long> after = lastId == null ? Optional.empty() : number(lastId);
        if (lastId != null && after.isEmpty()) {
            gap(to);
        }
        long cursor = after.orElseGet(() -> events().last());
        long heard = System.nanoTime();
        Duration patience = stats == null ? ServerSentEvents.HEARTBEAT : STATS;
        while (true) {
            JobEvents.Batch batch =
                    events().read(
                                    cursor,
                                    what ->
                                            wanted.test(what.type())
                                                    && what.tenant()
                                                            .map(tenant::equals)
                                                            .orElse(true),
                                    patience);
            cursor = batch.last();
            if (batch.gap()) {
                gap(to);
            }
            for (JobEvent event : batch.events()) {
                to.event(event.what().type(), id(event.number()), data(event));
            }
            if (batch.closed()) {
                return;
            }
            if (batch.events().isEmpty()) {
                if (stats == null) {
                    to.comment("still here");
                }
            }
            if (stats != null && System.nanoTime() - heard >= STATS.toNanos()) {
                to.event("stats", null, stats.get());
                heard = System.nanoTime();
            }
        }
    }

    private static void gap(ServerSentEvents to) throws IOException {
        to.event("gap", null, "{\"reason\":\"events were missed\"}");
    }

    private String data(JobEvent event) {
        Map<String, Object> data = new LinkedHashMap<>();
        switch (event.what()) {
            case JobEvent.JobChanged(Job now) -> {
                return new String(
                        now.state().done() ? jobs.json(now) : Jobs.write(jobs.view(now, false)),
                        UTF_8);
            }
            case JobEvent.JobProgressed(_, JobId id, var progress) -> {
                data.put("id", id.toString());
                data.put(
                        "progress",
                        new JobView.JobProgress(
                                progress.total(), progress.done(), 0, progress.message()));
            }
            case JobEvent.JobDeleted(_, JobId id) -> data.put("id", id.toString());
            case JobEvent.WorkerChanged worker -> {
                data.put("pool", worker.pool());
                data.put("worker", worker.worker());
                data.put("pid", worker.pid().isPresent() ? worker.pid().getAsLong() : null);
                data.put("reason", worker.reason().orElse(null));
            }
            case JobEvent.PoolChanged pool -> {
                data.put("pool", pool.pool());
                data.put("state", pool.state());
                data.put("why", pool.why());
            }
        }
        data.put("at", Times.text(event.at()));
        return new String(Jobs.write(data), UTF_8);
    }
}
