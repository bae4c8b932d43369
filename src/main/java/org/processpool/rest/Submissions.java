package org.processpool.rest;

import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobState;
import org.processpool.job.JobStore;
import org.processpool.job.NewJob;
import org.processpool.pool.ProcessPool;
import org.processpool.task.Payload;
import org.processpool.wire.SequenceWriter;
import org.processpool.wire.TaskDescription;

/** Makes jobs of requests: everything is checked before anything is stored. */
@Singleton
class Submissions {

    /** A map has at least as many chunks, if it has the items, so that little is done twice. */
    private static final int CHUNKS = 200;

    private static final int MOST_CHUNKS = 10_000;

    /** A chunk is closed when it has so many bytes, whatever its number of items. */
    private static final int CHUNK_BYTES = 4 << 20;

    private final Jobs jobs;
    private final Pools pools;
    private final TaskList tasks;
    private final TaskSchemas schemas;
    private final CallbackPolicy callbacks;
    private final RateLimits rates;
    private final CallLimits limits;
    private final JobSettings settings;

    Submissions(
            Jobs jobs,
            Pools pools,
            TaskList tasks,
            TaskSchemas schemas,
            CallbackPolicy callbacks,
            RateLimits rates,
            CallLimits limits,
            JobSettings settings) {
        this.jobs = jobs;
        this.pools = pools;
        this.tasks = tasks;
        this.schemas = schemas;
        this.callbacks = callbacks;
        this.rates = rates;
        this.limits = limits;
        this.settings = settings;
    }

    /** A job in full form. */
    Response submit(JobRequest request, byte[] body, RoutingContext exchange)
            throws InterruptedException {
        ProcessPool pool = pool(request.pool().orElse(Pools.DEFAULT));
        rates.admit(pool, exchange);
        Violations violations = new Violations();
        if (request.resultTtlMillis().isPresent()
                && request.resultTtlMillis().getAsLong() > settings.longestResultTtl().toMillis()) {
            violations.add(
                    "/resultTtlMillis",
                    Phrase.AT_MOST,
                    settings.longestResultTtl().toMillis(),
                    request.resultTtlMillis().getAsLong());
        }
        violations.throwIfAny();
        TaskDescription task = tasks.named(pool, request.task());
        List<byte[]> items = request.items();
        NewJob.Input input =
                items == null
                        ? new NewJob.Apply(
                                schemas.forArguments(task, request.args(), request.kwargs())
                                        .orRefuse(task))
                        : map(
                                pool,
                                task,
                                items,
                                request.chunkSize(),
                                request.star(),
                                request.onError(),
                                "/items");
        request.callbacks().forEach(c -> callbacks.check(c.url(), c.secret().orElse(null)));
        NewJob.Treatment treatment =
                new NewJob.Treatment(
                        request.timeoutMillis().isPresent()
                                ? Duration.ofMillis(request.timeoutMillis().getAsLong())
                                : timeout(task),
                        Duration.ofMillis(request.queueTimeoutMillis().orElse(0)),
                        (long) request.memoryMiB().orElse(0) << 20,
                        request.retries().orElse(0),
                        request.priority().orElse(5),
                        request.onLost(),
                        request.resultTtlMillis().isPresent()
                                ? Duration.ofMillis(request.resultTtlMillis().getAsLong())
                                : settings.resultTtl());
        return submit(
                pool,
                task,
                input,
                treatment,
                request.labels(),
                request.callbacks(),
                body,
                exchange);
    }

    /** A call that is to be a job: one with the service's treatment. */
    Response submitApply(
            ProcessPool pool,
            TaskDescription task,
            Payload input,
            byte[] body,
            RoutingContext exchange)
            throws InterruptedException {
        return submit(
                pool,
                task,
                new NewJob.Apply(input),
                treatment(task),
                Map.of(),
                List.of(),
                body,
                exchange);
    }

    /**
     * A map that is stored. If it ends while the client prefers to wait, the answer is the array of
     * its results.
     */
    Response submitMap(
            ProcessPool pool,
            TaskDescription task,
            List<byte[]> items,
            MapQuery query,
            RoutingContext exchange)
            throws InterruptedException {
        NewJob.MapItems input =
                map(
                        pool,
                        task,
                        items,
                        query.chunkGiven() ? OptionalInt.of(query.chunk()) : OptionalInt.empty(),
                        query.star(),
                        query.stops() ? NewJob.OnError.STOP : NewJob.OnError.CONTINUE,
                        "");
        var body = new ByteArrayOutputStream();
        for (byte[] item : items) {
            body.writeBytes(item);
            body.write('\n');
        }
        Preferences prefer = Preferences.of(exchange.request().headers().getAll("Prefer"));
        Jobs.Taken taken =
                jobs.take(
                        newJob(
                                pool,
                                task,
                                input,
                                treatment(task),
                                Map.of(),
                                List.of(),
                                body.toByteArray(),
                                exchange),
                        prefer,
                        limits.longestWait());
        if (!taken.inTime()) {
            return jobs.answer(taken, prefer);
        }
        Job job = taken.job();
        if (job.state() != JobState.SUCCEEDED) {
            throw new ProblemException(jobs.problem(job));
        }
        Response.ResponseBuilder answer =
                Response.ok(
                                new MapAnswer(jobs.service().store(), job).array(),
                                MediaType.APPLICATION_JSON)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header(HttpHeaders.VARY, "Prefer, Accept")
                        .header(HttpHeaders.LOCATION, JobView.path(job))
                        .header(HttpHeaders.CONTENT_LOCATION, JobView.path(job) + "/result");
        prefer.applied(taken.waited())
                .ifPresent(applied -> answer.header("Preference-Applied", applied));
        if (taken.replayed()) {
            answer.header("Idempotency-Replayed", "true");
        }
        return answer.build();
    }

    /**
     * A call under a key: a job that is waited for, so that the same request finds its result. One
     * that does not end in time goes on.
     *
     * @throws ProblemException idempotency-in-progress, wait-exceeded, or why it failed
     */
    Response.ResponseBuilder applyOnce(
            ProcessPool pool,
            TaskDescription task,
            Payload input,
            byte[] body,
            RoutingContext exchange,
            Duration patience)
            throws InterruptedException {
        JobStore.Submission submission =
                jobs.service()
                        .submit(
                                newJob(
                                        pool,
                                        task,
                                        new NewJob.Apply(input),
                                        treatment(task, limits.timeout()),
                                        Map.of(),
                                        List.of(),
                                        body,
                                        exchange));
        boolean replayed = submission instanceof JobStore.Submission.Replayed;
        Job job = Jobs.job(submission);
        String path = JobView.path(job);
        if (replayed && !job.state().done()) {
            throw new ProblemException(
                    new Problem(ProblemType.IDEMPOTENCY_IN_PROGRESS, Phrase.STILL_UNDER_WAY)
                            .with("instance", path));
        }
        Job ended =
                jobs.service()
                        .await(job.tenant(), job.id(), now -> now.state().done(), patience)
                        .orElseThrow(() -> Jobs.noJob(job.id().toString()));
        if (!ended.state().done()) {
            throw new ProblemException(
                    new Problem(
                                    ProblemType.WAIT_EXCEEDED,
                                    Phrase.KEPT_ON_WAITING,
                                    Problems.words(patience))
                            .with("waitedMillis", patience.toMillis())
                            .with("instance", path));
        }
        if (ended.state() != JobState.SUCCEEDED) {
            throw new ProblemException(jobs.problem(ended));
        }
        if (Jobs.isExpired(ended)) {
            throw jobs.expired(ended);
        }
        Payload result =
                jobs.service().store().result(ended.id()).orElseThrow(() -> jobs.expired(ended));
        return CallAnswer.of(result, task.produces())
                .header(HttpHeaders.CONTENT_LOCATION, path + "/result")
                .header("Idempotency-Replayed", replayed ? "true" : null);
    }

    private Response submit(
            ProcessPool pool,
            TaskDescription task,
            NewJob.Input input,
            NewJob.Treatment treatment,
            Map<String, String> labels,
            List<NewJob.Callback> told,
            byte[] body,
            RoutingContext exchange)
            throws InterruptedException {
        return jobs.submit(
                newJob(pool, task, input, treatment, labels, told, body, exchange),
                Preferences.of(exchange.request().headers().getAll("Prefer")),
                limits.longestWait());
    }

    /** The job a request asks for; not submitted yet. */
    NewJob newJob(
            ProcessPool pool,
            TaskDescription task,
            NewJob.Input input,
            NewJob.Treatment treatment,
            Map<String, String> labels,
            List<NewJob.Callback> told,
            byte[] body,
            RoutingContext exchange) {
        return new NewJob(
                JobId.next(),
                jobs.tenant(),
                task.name(),
                pool.name(),
                input,
                treatment,
                labels,
                told,
                Optional.empty(),
                idempotency(exchange, body),
                Optional.ofNullable(exchange.request().getHeader("traceparent")));
    }

    /** How a job is treated that says nothing of it. */
    NewJob.Treatment treatment(TaskDescription task) {
        return treatment(task, settings.timeout());
    }

    private NewJob.Treatment treatment(TaskDescription task, Duration otherwise) {
        return new NewJob.Treatment(
                task.timeout().isEmpty() ? otherwise : Duration.parse(task.timeout()),
                Duration.ZERO,
                0,
                0,
                5,
                NewJob.OnLost.RETRY,
                settings.resultTtl());
    }

    private Duration timeout(TaskDescription task) {
        return task.timeout().isEmpty() ? settings.timeout() : Duration.parse(task.timeout());
    }

    /**
     * The items of a map, checked and cut into chunks.
     *
     * @param at where they stand in the body
     */
    NewJob.MapItems map(
            ProcessPool pool,
            TaskDescription task,
            List<byte[]> items,
            OptionalInt chunkSize,
            boolean star,
            NewJob.OnError onError,
            String at) {
        int pieces = Math.max(CHUNKS, 4 * pool.snapshot().processes());
        int size = chunkSize.orElse(Math.max(1, Math.ceilDiv(items.size(), pieces)));
        if (Math.ceilDiv(items.size(), size) > MOST_CHUNKS) {
            Violations violations = new Violations();
            violations.add(
                    at.isEmpty() ? "chunk" : "/chunkSize",
                    Phrase.CHUNK_TOO_SMALL,
                    Math.ceilDiv(items.size(), MOST_CHUNKS),
                    items.size(),
                    MOST_CHUNKS);
            violations.throwIfAny();
        }
        List<NewJob.ChunkInput> chunks = new ArrayList<>();
        List<Violation> misfits = new ArrayList<>();
        SequenceWriter writer = new SequenceWriter(Payload.Encoding.JSON, 1 << 10);
        long bytes = 0;
        for (int i = 0; i < items.size(); i++) {
            byte[] item = items.get(i);
            Payload input = input(task, item, star, at + "/" + i, misfits);
            writer.addJson(input.bytes());
            bytes += input.size();
            if (writer.count() == size || bytes >= CHUNK_BYTES) {
                chunks.add(new NewJob.ChunkInput(writer.count(), writer.payload()));
                writer = new SequenceWriter(Payload.Encoding.JSON, 1 << 10);
                bytes = 0;
            }
        }
        if (writer.count() > 0) {
            chunks.add(new NewJob.ChunkInput(writer.count(), writer.payload()));
        }
        if (!misfits.isEmpty()) {
            new TaskSchemas.Verdict.Misfit(misfits).orRefuse(task);
        }
        return new NewJob.MapItems(chunks, star, onError);
    }

    private Payload input(
            TaskDescription task, byte[] item, boolean star, String at, List<Violation> misfits) {
        if (star) {
            return switch (schemas.forArguments(task, item, null)) {
                case TaskSchemas.Verdict.Fit(Payload input) -> input;
                case TaskSchemas.Verdict.Misfit(List<Violation> violations) -> {
                    note(misfits, violations, "/args", at);
                    yield Payload.json(item);
                }
            };
        }
        note(misfits, schemas.violations(task, item), "", at);
        return Payload.json(item);
    }

    private static void note(List<Violation> all, List<Violation> found, String prefix, String at) {
        for (Violation violation : found) {
            if (all.size() < 20) {
                String pointer = violation.pointer();
                all.add(
                        violation.at(
                                at
                                        + (pointer.startsWith(prefix)
                                                ? pointer.substring(prefix.length())
                                                : pointer)));
            }
        }
    }

    /** Counts a request that asks for work in that pool, if it is still there. */
    void admit(String pool, RoutingContext exchange) {
        rates.admit(pool(pool), exchange);
    }

    /** Most items of a map that is stored. */
    int maxItems() {
        return settings.maxItems();
    }

    /** The pool of that name. */
    ProcessPool pool(String name) {
        return pools.named(name)
                .orElseThrow(() ->
                        new ProblemException(
                                new Problem(ProblemType.POOL_NOT_FOUND, Phrase.NO_POOL, name)));
    }

    /** By what the request is known if it comes again. */
    Optional<NewJob.Idempotency> idempotency(RoutingContext exchange, byte[] body) {
        return IdempotencyKey.of(exchange.request().headers().getAll(IdempotencyKey.HEADER))
                .map(key ->
                        Jobs.idempotency(
                                key.value(),
                                exchange.request().method() + " " + exchange.request().uri(),
                                body));
    }
}
