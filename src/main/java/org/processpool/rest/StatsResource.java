package org.processpool.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseHeader;

/** The service in numbers. */
@Path("/v1/stats")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Pools")
public class StatsResource {

    private final Statistics statistics;

    StatsResource(Statistics statistics) {
        this.statistics = statistics;
    }

    @GET
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    @Operation(
            summary = "The service in a few numbers",
            description =
                    "Sums over all pools, flat, for a scaler such as KEDA's metrics-api and for"
                            + " jq.")
    @APIResponse(
            responseCode = "200",
            description = "The numbers",
            content =
                    @Content(
                            schema = @Schema(implementation = PoolStats.class),
                            examples =
                                    @ExampleObject(
                                            name = "busy",
                                            value =
                                                    """
                                                    {"queued":12,"running":4,"workers":5,"idle":1,\
                                                    "oldestQueuedMillis":3100,"waitingChats":0,\
                                                    "utilization":0.8,"restarts":2}\
                                                    """)))
    public PoolStats stats() {
        return statistics.now();
    }
}
