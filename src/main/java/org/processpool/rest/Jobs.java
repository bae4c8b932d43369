package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobService;
import org.processpool.job.JobState;
import org.processpool.job.JobStore;
import org.processpool.job.NewJob;
import org.processpool.task.Payload;

/** Jobs as answers. */
@Singleton
class Jobs {

    /** A result up to this size stands in the job itself. */
    private static final int INLINE_BYTES = 16 << 10;

    /** Nobody wants to know a place in line beyond this exactly. */
    private static final int FARTHEST = 1000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final JobService service;
    private final Callers callers;
    private final String problemBase;

    Jobs(JobService service, Callers callers, CallLimits limits) {
        this.service = service;
        this.callers = callers;
        problemBase = limits.problemBase().orElse("");
    }

    JobService service() {
        return service;
    }

    /** Whose jobs the request that this thread serves may see. */
    String tenant() {
        return callers.current().tenant();
    }

    /**
     * The job a path names, if it is one of the caller's tenant: of another's nothing is told, not
     * even that it is there.
     *
     * @throws ProblemException if there is none
     */
    Job named(String id) {
        return find(id).orElseThrow(() -> noJob(id));
    }

    private Optional<Job> find(String id) {
        return JobId.parse(id).flatMap(parsed -> service.find(tenant(), parsed));
    }

    static ProblemException noJob(String id) {
        return new ProblemException(new Problem(ProblemType.JOB_NOT_FOUND, Phrase.NO_JOB, id));
    }

    /** The job as JSON, with its result if that is small. */
    byte[] json(Job job) {
        return write(view(job, true));
    }

    JobView view(Job job, boolean withResult) {
        long position =
                job.state() == JobState.QUEUED ? service.store().queuePosition(job, FARTHEST) : 0;
        return JobView.of(job, position, withResult ? smallResult(job) : null, error(job));
    }

    static byte[] write(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a view is always JSON", impossible);
        }
    }

    private @Nullable String smallResult(Job job) {
        Job.Result kept = job.result().orElse(null);
        if (job.kind() == Job.Kind.MAP
                || job.state() != JobState.SUCCEEDED
                || kept == null
                || isExpired(job)
                || kept.bytes() > INLINE_BYTES
                || kept.encoding() == Payload.Encoding.BYTES) {
            return null;
        }
        return service.store()
                .result(job.id())
                .map(value -> new String(CallAnswer.json(value), UTF_8))
                .orElse(null);
    }

    /** Why a job failed, and which job it is. */
    @Nullable String error(Job job) {
        return job.error()
                .map(text -> withInstance(text, JobView.path(job)).toString())
                .orElse(null);
    }

    private ObjectNode withInstance(String problem, String path) {
        try {
            ObjectNode node = (ObjectNode) JSON.readTree(problem);
            node.put("type", problemBase + node.path("type").asText());
            node.put("instance", path);
            return node;
        } catch (JsonProcessingException broken) {
            throw new IllegalStateException("the store has a problem that is no JSON", broken);
        }
    }

    /** A hash of the representation, as a strong validator. */
    static EntityTags.Tag etag(byte[] body) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
            return EntityTags.Tag.strong(HexFormat.of().formatHex(hash, 0, 12));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /**
     * What makes two submissions the same: method, path and body.
     *
     * @param key the client's key
     */
    static NewJob.Idempotency idempotency(String key, String path, byte[] body) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            hash.update(path.getBytes(UTF_8));
            hash.update((byte) 0);
            hash.update(body);
            return new NewJob.Idempotency(key, HexFormat.of().formatHex(hash.digest()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** A job as an answer, open for more headers. */
    Response.ResponseBuilder answer(int status, Job job, byte[] body) {
        Response.ResponseBuilder answer =
                Response.status(status)
                        .entity(body)
                        .type(MediaType.APPLICATION_JSON_TYPE)
                        .header(HttpHeaders.ETAG, etag(body).toString())
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header(HttpHeaders.VARY, "Prefer, Accept");
        if (!job.state().done()) {
            answer.header(HttpHeaders.RETRY_AFTER, 1);
        }
        return answer;
    }

    /**
     * A job that was taken.
     *
     * @param job the job as it is now
     * @param replayed whether it had been taken before
     * @param waited how long was waited for it at most
     * @param inTime whether it has ended while it was waited for
     */
    record Taken(Job job, boolean replayed, Optional<Duration> waited, boolean inTime) {}

    /** Has a job taken and waits for its end as the client prefers. */
    Taken take(NewJob job, Preferences prefer, Duration longestWait) throws InterruptedException {
        JobStore.Submission submission = service.submit(job);
        Job taken = job(submission);
        Optional<Duration> wait = prefer.waitUpTo(longestWait);
        if (wait.isPresent()) {
            taken =
                    service.await(taken.tenant(), taken.id(), now -> now.state().done(), wait.get())
                            .orElse(taken);
        }
        return new Taken(
                taken,
                submission instanceof JobStore.Submission.Replayed,
                wait,
                wait.isPresent() && taken.state().done());
    }

    /**
     * Has a job taken and answers as the client prefers: at once with 202, or 200 once it ended.
     */
    Response submit(NewJob job, Preferences prefer, Duration longestWait)
            throws InterruptedException {
        return answer(take(job, prefer, longestWait), prefer);
    }

    /** Tells of a job that was taken. */
    Response answer(Taken taken, Preferences prefer) {
        int status = taken.inTime() ? 200 : 202;
        String path = JobView.path(taken.job());
        boolean minimal = prefer.returns().filter(Preferences.Return.MINIMAL::equals).isPresent();
        Response.ResponseBuilder answer = answer(status, taken.job(), json(taken.job()));
        if (minimal) {
            answer.entity(null).type((String) null);
        }
        answer.header(HttpHeaders.LOCATION, path).header(HttpHeaders.CONTENT_LOCATION, path);
        if (taken.replayed()) {
            answer.header("Idempotency-Replayed", "true");
        }
        prefer.applied(taken.waited())
                .ifPresent(applied -> answer.header("Preference-Applied", applied));
        return answer.build();
    }

    static Job job(JobStore.Submission submission) {
        return switch (submission) {
            case JobStore.Submission.Accepted(Job job) -> job;
            case JobStore.Submission.Replayed(Job job) -> job;
            case JobStore.Submission.KeyReused(JobId by) ->
                    throw new IllegalStateException("the service refuses a reused key, by " + by);
        };
    }

    /** Whether the time of a result is up, be it forgotten yet or not. */
    static boolean isExpired(Job job) {
        return job.result()
                .map(kept -> kept.expired() || kept.expiresAt().isBefore(Instant.now()))
                .orElse(false);
    }

    /** The problem of a result that was forgotten. */
    ProblemException expired(Job job) {
        return new ProblemException(
                new Problem(ProblemType.RESULT_EXPIRED, Phrase.RESULT_EXPIRED)
                        .with("expiredAt", Times.text(job.result().map(Job.Result::expiresAt)))
                        .with("instance", JobView.path(job)));
    }

    /** Whatever a failed or cancelled job is for somebody who wants its result. */
    Problem problem(Job job) {
        String path = JobView.path(job);
        if (job.state() == JobState.CANCELLED) {
            return new Problem(ProblemType.JOB_CANCELLED, Phrase.WAS_CANCELLED)
                    .with("instance", path);
        }
        String text = job.error().orElseThrow();
        try {
            Map<String, Object> members =
                    JSON.convertValue(
                            JSON.readTree(text),
                            JSON.getTypeFactory()
                                    .constructMapType(Map.class, String.class, Object.class));
            return Problem.restored(members).with("instance", path);
        } catch (JsonProcessingException broken) {
            throw new IllegalStateException("the store has a problem that is no JSON", broken);
        }
    }
}
