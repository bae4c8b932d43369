package org.processpool.rest;

import static java.util.stream.Collectors.joining;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.processpool.job.NewJob;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.CallOptions;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.Work;
import org.processpool.task.Payload;
import org.processpool.wire.TaskDescription;

/** The tasks, and calling them. */
@Path("/v1/tasks")
@Tag(name = "Tasks", description = "What the workers can do, and having it done")
public class TaskResource {

    private static final String PREFER = "Prefer";
    private static final String PREFERENCE_APPLIED = "Preference-Applied";

    private final ProcessPool pool;
    private final TaskList tasks;
    private final TaskSchemas schemas;
    private final CallLimits limits;
    private final RateLimits rates;
    private final Submissions submissions;
    private final Audiences audiences;

    TaskResource(
            ProcessPool pool,
            TaskList tasks,
            TaskSchemas schemas,
            CallLimits limits,
            RateLimits rates,
            Submissions submissions,
            Audiences audiences) {
        this.pool = pool;
        this.tasks = tasks;
        this.schemas = schemas;
        this.limits = limits;
        this.rates = rates;
        this.submissions = submissions;
        this.audiences = audiences;
    }

    /**
     * All tasks.
     *
     * @param tasks by name
     */
    record TaskPage(List<TaskInfo> tasks) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "The tasks",
            description = "With the JSON Schemas of their input and result, and an example.")
    public TaskPage list() throws InterruptedException {
        return new TaskPage(
                tasks.all(pool).stream().map(task -> TaskInfo.of(task, timeout(task))).toList());
    }

    @GET
    @Path("/{task:[^/:]+}")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "One task")
    @APIResponse(responseCode = "200", description = "The task")
    @APIResponse(
            responseCode = "404",
            description = "task-not-found, with similar names",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public TaskInfo one(@RestPath @Parameter(example = "wordcount") String task)
            throws InterruptedException {
        TaskDescription found = tasks.named(pool, task);
        return TaskInfo.of(found, timeout(found));
    }

    @POST
    @Path("/{task:[^/:]+}:apply")
    @RunOnVirtualThread
    @Operation(
            summary = "Runs a task in a worker and waits for the result",
            description =
                    "The body is the input: a JSON value of any kind, an object for named and an"
                            + " array for positional arguments. An array with one element that"
                            + " fits alone, where the array does not, stands for that element. The"
                            + " answer is the bare result."
                            + " Nothing is stored; if the client goes away the call is cancelled.")
    @Parameter(
            name = PREFER,
            in = ParameterIn.HEADER,
            description =
                    "wait=n: wait at most n seconds, then cancel the call; respond-async: make it a"
                            + " stored job",
            schema = @Schema(type = SchemaType.STRING),
            example = "wait=10")
    @APIResponse(
            responseCode = "200",
            description = "The result: JSON, or bytes of the media type the task declares",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = Object.class)),
                @Content(mediaType = MediaType.WILDCARD)
            })
    @APIResponse(
            responseCode = "202",
            description = "With Prefer: respond-async, the job that was stored",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobView.class)))
    @APIResponse(
            responseCode = "409",
            description = "idempotency-in-progress or job-cancelled",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "507",
            description = "insufficient-storage, if it is to be stored",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "410",
            description = "result-expired, of a call with an Idempotency-Key",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "400",
            description = "malformed-json, with line and column",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "422",
            description =
                    "invalid-arguments, with violations by JSON pointer, or idempotency-key-reused",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "429",
            description = "quota-exceeded, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "500",
            description = "task-failed",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "502",
            description = "worker-crashed, memory-limit or invalid-result",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description =
                    "queue-full, pool-draining, no-workers or store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "504",
            description = "task-timeout, queue-timeout or wait-exceeded",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response apply(
            @RestPath @Parameter(example = "wordcount") String task,
            @RequestBody(
                            required = false,
                            description = "The input; none is null",
                            content = {
                                @Content(
                                        mediaType = MediaType.APPLICATION_JSON,
                                        schema = @Schema(implementation = Object.class)),
                                @Content(mediaType = MediaType.APPLICATION_OCTET_STREAM),
                                @Content(mediaType = MediaType.TEXT_PLAIN)
                            })
                    byte[] body,
            @Context HttpHeaders headers,
            @Context RoutingContext exchange)
            throws InterruptedException {
        rates.admit(pool, exchange);
        Payload read = CallBody.read(body, headers.getMediaType());
        TaskDescription found = tasks.named(pool, task);
        refuseUnlessAcceptable(found, headers);
        Payload input = schemas.ofBody(found, read).orRefuse(found);
        Preferences prefer = Preferences.of(exchange.request().headers().getAll(PREFER));
        if (prefer.respondAsync()) {
            return submissions.submitApply(pool, found, input, body, exchange);
        }
        Optional<Duration> wish = prefer.waitUpTo(limits.longestWait());
        Duration wait = wish.orElse(limits.longestWait());
        Optional<NewJob.Idempotency> key = submissions.idempotency(exchange, body);
        if (key.isPresent()) {
            return submissions
                    .applyOnce(pool, found, input, body, exchange, wait)
                    .header(PREFERENCE_APPLIED, Preferences.waited(wish).orElse(null))
                    .build();
        }
        AsyncResult<Payload> result =
                pool.with(
                                CallOptions.DEFAULT
                                        .timeout(timeout(found))
                                        .labels(audiences.of(exchange).labels()))
                        .applyAsync(Work.named(found.name(), Payload.class), input);
        exchange.addEndHandler(end -> {
            if (end.failed()) {
                result.cancel(); // the client is gone
            }
        });
        try {
            return CallAnswer.of(result.get(wait), found.produces())
                    .header(PREFERENCE_APPLIED, Preferences.waited(wish).orElse(null))
                    .build();
        } catch (TimeoutException late) {
            Problem problem =
                    new Problem(
                                    ProblemType.WAIT_EXCEEDED,
                                    Phrase.WAIT_EXCEEDED,
                                    task,
                                    Problems.words(wait))
                            .with("waitedMillis", wait.toMillis());
            throw new ProblemException(
                    problem,
                    Preferences.waited(wish)
                            .map(applied -> Map.of(PREFERENCE_APPLIED, applied))
                            .orElse(Map.of()));
        } finally {
            result.cancel(); // nobody waits any more; without effect once it has ended
        }
    }

    /** The task's own limit or the service's, but never longer than a client may wait. */
    private Duration timeout(TaskDescription task) {
        Duration own = task.timeout().isEmpty() ? limits.timeout() : Duration.parse(task.timeout());
        return own.compareTo(limits.longestWait()) < 0 ? own : limits.longestWait();
    }

    private static void refuseUnlessAcceptable(TaskDescription task, HttpHeaders headers) {
        List<MediaType> possible =
                Stream.of(MediaType.APPLICATION_JSON, task.produces())
                        .map(MediaType::valueOf)
                        .toList();
        List<MediaType> wanted = headers.getAcceptableMediaTypes();
        if (wanted.stream().noneMatch(w -> possible.stream().anyMatch(w::isCompatible))) {
            throw new ProblemException(
                    new Problem(
                                    ProblemType.NOT_ACCEPTABLE,
                                    Phrase.ANSWERS_NONE_OF,
                                    task.name(),
                                    wanted.stream().map(MediaType::toString).collect(joining(", ")))
                            .with(
                                    "supported",
                                    possible.stream().map(MediaType::toString).toList()));
        }
    }
}
