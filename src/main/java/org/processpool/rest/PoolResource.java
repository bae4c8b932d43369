package org.processpool.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.PoolChange;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.PoolState;
import org.processpool.pool.ProcessPool;

/** The pools as they are now, and operating them. */
@Path("/v1/pools")
@Produces(MediaType.APPLICATION_JSON)
@Tag(
        name = "Pools",
        description = "How the pools and their worker processes are, and operating them")
public class PoolResource {

    private static final String TAG_MEANING =
            "Stands for the whole representation but oldestQueuedMillis and the workers' since,"
                    + " startedAt, ageMillis, residentBytes, heapBytes and cpuMillis, which are"
                    + " others at every look";

    private static final String ACCEPT_PATCH = "Accept-Patch";

    private static final MediaType MERGE_PATCH = MediaType.valueOf(PoolPatch.MEDIA_TYPE);

    private final Pools pools;

    /** From looking whether a condition holds to the change, so that of two changes one fails. */
    private final ReentrantLock patching = new ReentrantLock();

    PoolResource(Pools pools) {
        this.pools = pools;
    }

    /**
     * All pools.
     *
     * @param pools in the service's order
     */
    record PoolPage(List<PoolStatus> pools) {}

    /**
     * What can be changed in a pool that runs. A member left out stays; null brings back the
     * setting the pool was started with.
     *
     * @param size most workers, 1 to 4096
     * @param minProcesses workers kept even when idle, 0 to size; if left out it goes with size
     * @param maxTasksPerWorker calls after which a worker is replaced, 0 for never
     * @param queueLimit most calls that may wait, at least 0
     */
    @Schema(name = "PoolPatch")
    record Patch(
            @Schema(minimum = "1", maximum = "4096", nullable = true) int size,
            @Schema(minimum = "0", maximum = "4096", nullable = true) int minProcesses,
            @Schema(minimum = "0", nullable = true) int maxTasksPerWorker,
            @Schema(minimum = "0", nullable = true) int queueLimit) {}

    @GET
    @Operation(summary = "The pools")
    @APIResponse(responseCode = "200", description = "The pools with their workers")
    public PoolPage list() {
        return new PoolPage(
                pools.all().stream().map(pool -> PoolStatus.of(pool.snapshot())).toList());
    }

    @GET
    @Path("/{pool:[^/:]+}")
    @Operation(summary = "One pool")
    @Parameter(
            name = HttpHeaders.IF_NONE_MATCH,
            in = ParameterIn.HEADER,
            description = "an ETag: answer 304 if the pool is still the same",
            schema = @Schema(type = SchemaType.STRING),
            example = "\"6b1d0c5a9f3e2d4c8a7b6051\"")
    @APIResponse(
            responseCode = "200",
            description = "The pool",
            headers =
                    @Header(
                            name = HttpHeaders.ETAG,
                            description = TAG_MEANING,
                            schema = @Schema(type = SchemaType.STRING)),
            content = @Content(schema = @Schema(implementation = PoolStatus.class)))
    @APIResponse(responseCode = "304", description = "It is as the client knows it")
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response one(
            @RestPath @Parameter(example = "default") String pool, @Context HttpHeaders headers) {
        PoolStatus status = PoolStatus.of(pools.get(pool).snapshot());
        boolean known = tags(HttpHeaders.IF_NONE_MATCH, headers).matchWeakly(status.tag());
        return (known ? Response.notModified() : Response.ok(status))
                .header(HttpHeaders.ETAG, status.tag().toString())
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .build();
    }

    @PATCH
    @Path("/{pool:[^/:]+}")
    @Operating
    @Operation(
            summary = "Changes a pool that runs",
            description =
                    "All of the members or none. Surplus workers leave when their calls have ended;"
                            + " calls that wait stay although a shorter line would not let them in."
                            + " A restart of the service brings back the configured settings.")
    @Parameter(
            name = HttpHeaders.IF_MATCH,
            in = ParameterIn.HEADER,
            description = "an ETag of the pool: change it only if it is still the same",
            schema = @Schema(type = SchemaType.STRING),
            example = "\"6b1d0c5a9f3e2d4c8a7b6051\"")
    @RequestBody(
            required = true,
            description = "A JSON merge patch (RFC 7396)",
            content =
                    @Content(
                            mediaType = PoolPatch.MEDIA_TYPE,
                            schema = @Schema(implementation = Patch.class),
                            examples = {
                                @ExampleObject(name = "resize", value = "{\"size\":8}"),
                                @ExampleObject(
                                        name = "several",
                                        value = "{\"maxTasksPerWorker\":1000,\"queueLimit\":null}")
                            }))
    @APIResponse(
            responseCode = "200",
            description = "The pool after the change; its workers follow",
            headers =
                    @Header(
                            name = HttpHeaders.ETAG,
                            description = TAG_MEANING,
                            schema = @Schema(type = SchemaType.STRING)),
            content = @Content(schema = @Schema(implementation = PoolStatus.class)))
    @APIResponse(
            responseCode = "400",
            description = "malformed-json, invalid-header, or invalid-request with the violations",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "403",
            description = "forbidden: the service is read-only",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "pool-closed",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "412",
            description = "precondition-failed, with the ETag of today",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "415",
            description = "unsupported-media-type, with header Accept-Patch",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response patch(
            @RestPath @Parameter(example = "default") String pool,
            @Parameter(hidden = true) byte[] body,
            @Context HttpHeaders headers) {
        ProcessPool found = pools.get(pool);
        refuseUnlessMergePatch(headers.getMediaType());
        PoolChange change = PoolPatch.read(body, found.initial());
        EntityTags wanted = tags(HttpHeaders.IF_MATCH, headers);
        boolean onCondition = wanted.any() || !wanted.tags().isEmpty();
        patching.lock();
        try {
            if (onCondition) {
                refuseUnlessMatching(PoolStatus.of(found.snapshot()), wanted);
            }
            found.reconfigure(change);
        } catch (PoolRejectedException.Closed closed) {
            throw Pools.closed(pool);
        } catch (IllegalArgumentException overSize) {
            throw PoolPatch.overSize();
        } finally {
            patching.unlock();
        }
        PoolStatus status = PoolStatus.of(found.snapshot());
        return Response.ok(status).header(HttpHeaders.ETAG, status.tag().toString()).build();
    }

    private static void refuseUnlessMergePatch(@Nullable MediaType type) {
        if (type != null && !MERGE_PATCH.isCompatible(type)) {
            throw new ProblemException(
                    new Problem(ProblemType.UNSUPPORTED_MEDIA_TYPE, Phrase.UNREADABLE_BODY, type)
                            .with("supported", List.of(PoolPatch.MEDIA_TYPE)),
                    Map.of(ACCEPT_PATCH, PoolPatch.MEDIA_TYPE));
        }
    }

    private static void refuseUnlessMatching(PoolStatus now, EntityTags wanted) {
        if (!wanted.matchStrongly(now.tag())) {
            throw new ProblemException(
                    new Problem(ProblemType.PRECONDITION_FAILED, Phrase.CHANGED_SINCE, now.name()),
                    Map.of(HttpHeaders.ETAG, now.tag().toString()));
        }
    }

    private static EntityTags tags(String header, HttpHeaders headers) {
        List<String> lines = headers.getRequestHeader(header);
        return EntityTags.of(header, lines == null ? List.of() : lines);
    }

    @POST
    @Path("/{pool:[^/:]+}:recycle")
    @Operating
    @Operation(
            summary = "Replaces all workers of a pool",
            description =
                    "One after the other, each when its successor is ready and its call has"
                            + " ended, so nothing is lost. Answers at once; exits.recycled tells how"
                            + " far it is.")
    @APIResponse(
            responseCode = "202",
            description = "The pool, as it is while that has begun",
            content = @Content(schema = @Schema(implementation = PoolStatus.class)))
    @APIResponse(
            responseCode = "403",
            description = "forbidden: the service is read-only",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "pool-closed",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response recycle(@RestPath @Parameter(example = "default") String pool) {
        ProcessPool found = pools.open(pool);
        var _ = found.recycle();
        return accepted(found);
    }

    @POST
    @Path("/{pool:[^/:]+}:pause")
    @Operating
    @Operation(
            summary = "Hands out no more calls",
            description =
                    "Calls are accepted and wait, as many as queueLimit lets in; those that"
                            + " run go on. Pausing a paused pool changes nothing.")
    @APIResponse(
            responseCode = "202",
            description = "The pool, as it is while that has begun",
            content = @Content(schema = @Schema(implementation = PoolStatus.class)))
    @APIResponse(
            responseCode = "403",
            description = "forbidden: the service is read-only",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "pool-closed",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response pause(@RestPath @Parameter(example = "default") String pool) {
        ProcessPool found = pools.get(pool);
        try {
            found.pause();
        } catch (PoolRejectedException.Closed closed) {
            throw Pools.closed(pool);
        }
        return accepted(found);
    }

    @POST
    @Path("/{pool:[^/:]+}:resume")
    @Operating
    @Operation(
            summary = "Hands out calls again",
            description = "Ends a pause; without one it changes nothing.")
    @APIResponse(
            responseCode = "202",
            description = "The pool, as it is while that has begun",
            content = @Content(schema = @Schema(implementation = PoolStatus.class)))
    @APIResponse(
            responseCode = "403",
            description = "forbidden: the service is read-only",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "pool-closed",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response resume(@RestPath @Parameter(example = "default") String pool) {
        ProcessPool found = pools.get(pool);
        try {
            found.resume();
        } catch (PoolRejectedException.Closed closed) {
            throw Pools.closed(pool);
        }
        return accepted(found);
    }

    @POST
    @Path("/{pool:[^/:]+}:drain")
    @Operating
    @Operation(
            summary = "Closes a pool",
            description =
                    "It takes no more calls, runs those it has, also if it was paused, and"
                            + " then ends. Only a restart of the service opens it again.")
    @APIResponse(
            responseCode = "202",
            description = "The pool, as it is while that has begun",
            content = @Content(schema = @Schema(implementation = PoolStatus.class)))
    @APIResponse(
            responseCode = "403",
            description = "forbidden: the service is read-only",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "pool-closed",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response drain(@RestPath @Parameter(example = "default") String pool) {
        ProcessPool found = pools.open(pool);
        found.close();
        return accepted(found);
    }

    @POST
    @Path("/{pool:[^/:]+}:terminate")
    @Operating
    @Operation(
            summary = "Ends a pool now",
            description =
                    "Kills its workers and gives up every call it has. Also ends a pool"
                            + " that is being drained. Only a restart of the service opens it again.")
    @APIResponse(
            responseCode = "202",
            description = "The pool, as it is while that has begun",
            content = @Content(schema = @Schema(implementation = PoolStatus.class)))
    @APIResponse(
            responseCode = "403",
            description = "forbidden: the service is read-only",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "pool-closed: it has ended before",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response terminate(@RestPath @Parameter(example = "default") String pool) {
        ProcessPool found = pools.get(pool);
        if (found.snapshot().state() == PoolState.TERMINATED) {
            throw Pools.closed(pool);
        }
        found.terminate();
        return accepted(found);
    }

    private static Response accepted(ProcessPool pool) {
        PoolStatus status = PoolStatus.of(pool.snapshot());
        return Response.accepted(status).header(HttpHeaders.ETAG, status.tag().toString()).build();
    }
}
