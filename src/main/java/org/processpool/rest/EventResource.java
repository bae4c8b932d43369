package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Whatever happens, as it happens. */
@Path("/v1/events")
@Tag(name = "Events", description = "What happens, as server-sent events")
public class EventResource {

    private static final String STATS = "stats";

    /** The kinds of events there are; each stands for all that begin with it and a full stop. */
    private static final Set<String> KINDS = Set.of("job", "worker", "pool", STATS);

    private final EventFeed feed;
    private final Statistics statistics;
    private final Callers callers;

    EventResource(EventFeed feed, Statistics statistics, Callers callers) {
        this.feed = feed;
        this.statistics = statistics;
        this.callers = callers;
    }

    @GET
    @Produces(ServerSentEvents.MEDIA_TYPE)
    @RunOnVirtualThread
    @Operation(
            summary = "Whatever happens",
            description =
                    "job.queued, job.started, job.progress, job.cancelling, job.succeeded,"
                            + " job.failed, job.cancelled, job.deleted, worker.started,"
                            + " worker.ready, worker.gone, pool.state, and stats every second."
                            + " Event gap says that some were missed.")
    @APIResponse(
            responseCode = "200",
            description = "Events, until the client leaves",
            content =
                    @Content(
                            mediaType = ServerSentEvents.MEDIA_TYPE,
                            schema = @Schema(type = SchemaType.STRING)))
    @APIResponse(
            responseCode = "400",
            description = "invalid-request",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response all(
            @QueryParam("types")
                    @Parameter(
                            description = "Which, separated by commas: names or their beginnings",
                            example = "job,worker.gone")
                    @Nullable String types,
            @HeaderParam("Last-Event-ID") @Nullable String lastId) {
        List<String> wanted =
                types == null
                        ? List.copyOf(KINDS)
                        : Arrays.stream(types.split(",", -1))
                                .map(String::strip)
                                .filter(type -> !type.isEmpty())
                                .toList();
        Violations violations = new Violations();
        for (String type : wanted) {
            if (KINDS.stream()
                    .noneMatch(kind -> type.equals(kind) || type.startsWith(kind + "."))) {
                violations.add("types", Phrase.AMONG, "job | worker | pool | stats", type);
            }
        }
        violations.throwIfAny();
        Predicate<String> filter =
                type ->
                        wanted.stream()
                                .anyMatch(wish -> type.equals(wish) || type.startsWith(wish + "."));
        boolean stats = wanted.contains(STATS);
        String tenant = callers.current().tenant();
        return ServerSentEvents.answer(to ->
                feed.writeAll(
                        to,
                        tenant,
                        filter,
                        stats ? () -> new String(Jobs.write(statistics.now()), UTF_8) : null,
                        lastId));
    }
}
