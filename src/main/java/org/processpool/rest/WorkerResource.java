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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.ProcessPool;
import org.processpool.security.Role;

/** The workers of a pool as they are now, and operating one of them. */
@Path("/v1/pools")
@Tag(name = "Pools")
public class WorkerResource {

    private static final String PREFER = "Prefer";
    private static final String PREFERENCE_APPLIED = "Preference-Applied";

    /** How long a worker may take to tell its threads unless the client wishes another time. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Pools pools;
    private final CallLimits limits;
    private final Callers callers;

    WorkerResource(Pools pools, CallLimits limits, Callers callers) {
        this.pools = pools;
        this.limits = limits;
        this.callers = callers;
    }

    /**
     * All workers of a pool.
     *
     * @param workers by slot
     */
    record WorkerPage(List<WorkerStatus> workers) {}

    @GET
    @Path("/{pool:[^/:]+}/workers")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "The workers of a pool")
    @APIResponse(
            responseCode = "200",
            description = "The workers",
            content = @Content(schema = @Schema(implementation = WorkerPage.class)))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public WorkerPage list(@RestPath @Parameter(example = "default") String pool) {
        return new WorkerPage(PoolStatus.of(pools.get(pool).snapshot()).workers());
    }

    @GET
    @Path("/{pool:[^/:]+}/workers/{worker:[^/:]+}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "One worker")
    @APIResponse(
            responseCode = "200",
            description = "The worker",
            content = @Content(schema = @Schema(implementation = WorkerStatus.class)))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found or worker-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public WorkerStatus one(
            @RestPath @Parameter(example = "default") String pool,
            @RestPath @Parameter(example = "default-1") String worker) {
        return find(pools.get(pool), worker).orElseThrow(() -> notThere(pool, worker));
    }

    @GET
    @Path("/{pool:[^/:]+}/workers/{worker:[^/:]+}/threads")
    @RunOnVirtualThread
    @Operation(
            summary = "What the threads of a worker are at",
            description =
                    "Each thread with its stack, in the manner of jstack, at most 64 Ki characters."
                            + " Works while the worker runs a call, and disturbs nothing.")
    @Parameter(
            name = PREFER,
            in = ParameterIn.HEADER,
            description = "wait=n: wait at most n seconds for the worker; otherwise it is 5",
            schema = @Schema(type = SchemaType.STRING),
            example = "wait=10")
    @APIResponse(
            responseCode = "200",
            description = "The threads",
            content =
                    @Content(
                            mediaType = MediaType.TEXT_PLAIN,
                            schema = @Schema(type = SchemaType.STRING),
                            examples =
                                    @ExampleObject(
                                            name = "asleep",
                                            value =
                                                    """
                                                    "main" #1
                                                       java.lang.Thread.State: TIMED_WAITING
                                                    \tat java.lang.Thread.sleep(Thread.java:509)
                                                    """)))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found or worker-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "406",
            description = "not-acceptable: it is there as text/plain",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "504",
            description = "wait-exceeded: the worker does not answer, as it is stopped or starting",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response threads(
            @RestPath @Parameter(example = "default") String pool,
            @RestPath @Parameter(example = "default-1") String worker,
            @Context HttpHeaders headers,
            @Context RoutingContext exchange)
            throws InterruptedException {
        callers.require(Role.OPERATE); // a stack may tell whose work it is
        ProcessPool found = pools.get(pool);
        refuseUnlessText(headers.getAcceptableMediaTypes());
        Preferences prefer = Preferences.of(exchange.request().headers().getAll(PREFER));
        Optional<Duration> wish = prefer.waitUpTo(limits.longestWait());
        Map<String, String> applied =
                wish.map(w -> Map.of(PREFERENCE_APPLIED, "wait=" + w.toSeconds())).orElse(Map.of());
        Duration patience = wish.orElse(PATIENCE);
        try {
            Response.ResponseBuilder answer =
                    Response.ok(found.threads(worker, patience), "text/plain;charset=UTF-8")
                            .header(HttpHeaders.CACHE_CONTROL, "no-store");
            applied.forEach(answer::header);
            return answer.build();
        } catch (NoSuchElementException gone) {
            throw notThere(pool, worker);
        } catch (TimeoutException silent) {
            throw new ProblemException(
                    new Problem(
                                    ProblemType.WAIT_EXCEEDED,
                                    Phrase.SILENT,
                                    worker,
                                    Problems.words(patience))
                            .with("waitedMillis", patience.toMillis()),
                    applied);
        }
    }

    @POST
    @Path("/{pool:[^/:]+}/workers/{worker:[^/:]+}:recycle")
    @Produces(MediaType.APPLICATION_JSON)
    @Operating
    @Operation(
            summary = "Replaces a worker",
            description =
                    "When its successor is ready and its call has ended, so nothing is lost. The"
                            + " successor has another name.")
    @APIResponse(
            responseCode = "202",
            description = "The worker as it is now",
            content = @Content(schema = @Schema(implementation = WorkerStatus.class)))
    @APIResponse(
            responseCode = "403",
            description = "forbidden: the service is read-only",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found or worker-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "pool-closed: the worker leaves by itself",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response recycle(
            @RestPath @Parameter(example = "default") String pool,
            @RestPath @Parameter(example = "default-1") String worker) {
        ProcessPool found = pools.open(pool);
        WorkerStatus before = find(found, worker).orElseThrow(() -> notThere(pool, worker));
        if (!found.recycle(worker)) {
            throw notThere(pool, worker);
        }
        return accepted(found, before);
    }

    @POST
    @Path("/{pool:[^/:]+}/workers/{worker:[^/:]+}:kill")
    @Produces(MediaType.APPLICATION_JSON)
    @Operating
    @Operation(
            summary = "Kills a worker now",
            description =
                    "A call it runs ends as worker-crashed; the worker is replaced. Also for one"
                            + " that holds up a pool being drained.")
    @APIResponse(
            responseCode = "202",
            description = "The worker as it is now or was last",
            content = @Content(schema = @Schema(implementation = WorkerStatus.class)))
    @APIResponse(
            responseCode = "403",
            description = "forbidden: the service is read-only",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found or worker-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response kill(
            @RestPath @Parameter(example = "default") String pool,
            @RestPath @Parameter(example = "default-1") String worker) {
        ProcessPool found = pools.get(pool);
        WorkerStatus before = find(found, worker).orElseThrow(() -> notThere(pool, worker));
        if (!found.kill(worker)) {
            throw notThere(pool, worker);
        }
        return accepted(found, before);
    }

    /** The same process as it is now; as it was before, if it is gone already. */
    private static Response accepted(ProcessPool pool, WorkerStatus before) {
        return Response.accepted(
                        find(pool, before.id())
                                .filter(now -> Objects.equals(now.pid(), before.pid()))
                                .orElse(before))
                .build();
    }

    private static Optional<WorkerStatus> find(ProcessPool pool, String worker) {
        PoolSnapshot now = pool.snapshot();
        return now.workers().stream()
                .filter(candidate -> candidate.id().equals(worker))
                .findAny()
                .map(candidate -> WorkerStatus.of(now.name(), candidate, Instant.now()));
    }

    private static ProblemException notThere(String pool, String worker) {
        return new ProblemException(
                new Problem(ProblemType.WORKER_NOT_FOUND, Phrase.NO_WORKER, pool, worker));
    }

    private static void refuseUnlessText(List<MediaType> wanted) {
        if (wanted.stream().noneMatch(MediaType.TEXT_PLAIN_TYPE::isCompatible)) {
            throw new ProblemException(
                    new Problem(
                                    ProblemType.NOT_ACCEPTABLE,
                                    Phrase.ONLY_AS_TEXT,
                                    wanted.stream().map(MediaType::toString).collect(joining(", ")))
                            .with("supported", List.of(MediaType.TEXT_PLAIN)));
        }
    }
}
