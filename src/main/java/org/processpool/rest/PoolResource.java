package org.processpool.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.processpool.pool.ProcessPool;

/** The pools and their workers, as they are now. */
@Path("/v1/pools")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Pools", description = "How the pools and their worker processes are")
public class PoolResource {

    private final Pools pools;

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
     * All workers of a pool.
     *
     * @param workers by slot
     */
    record WorkerPage(List<WorkerStatus> workers) {}

    @GET
    @Operation(summary = "The pools")
    public PoolPage list() {
        return new PoolPage(
                pools.all().stream().map(pool -> PoolStatus.of(pool.snapshot())).toList());
    }

    @GET
    @Path("/{pool:[^/:]+}")
    @Operation(summary = "One pool")
    @APIResponse(responseCode = "200", description = "The pool")
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public PoolStatus one(@RestPath @Parameter(example = "default") String pool) {
        ProcessPool found =
                pools.named(pool)
                        .orElseThrow(() ->
                                new ProblemException(
                                        new Problem(
                                                ProblemType.POOL_NOT_FOUND, Phrase.NO_POOL, pool)));
        return PoolStatus.of(found.snapshot());
    }

    @GET
    @Path("/{pool:[^/:]+}/workers")
    @Operation(summary = "The workers of a pool")
    @APIResponse(responseCode = "200", description = "The workers")
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public WorkerPage workers(@RestPath @Parameter(example = "default") String pool) {
        return new WorkerPage(one(pool).workers());
    }

    @GET
    @Path("/{pool:[^/:]+}/workers/{worker:[^/:]+}")
    @Operation(summary = "One worker")
    @APIResponse(responseCode = "200", description = "The worker")
    @APIResponse(
            responseCode = "404",
            description = "pool-not-found or worker-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public WorkerStatus worker(
            @RestPath @Parameter(example = "default") String pool,
            @RestPath @Parameter(example = "default-1") String worker) {
        return one(pool).workers().stream()
                .filter(candidate -> candidate.id().equals(worker))
                .findAny()
                .orElseThrow(() ->
                        new ProblemException(
                                new Problem(
                                        ProblemType.WORKER_NOT_FOUND,
                                        Phrase.NO_WORKER,
                                        pool,
                                        worker)));
    }
}
