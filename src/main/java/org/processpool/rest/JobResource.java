package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobLog;
import org.processpool.job.JobState;
import org.processpool.job.JobStore;
import org.processpool.job.NewJob;
import org.processpool.pool.ProcessPool;
import org.processpool.task.Payload;

/** Jobs: accepted, kept and run even if the service dies meanwhile. */
@Path("/v1/jobs")
@Tag(name = "Jobs", description = "Work that is stored before it is accepted")
public class JobResource {

    private static final int ITEMS_ON_PAGE = 100;
    private static final int MOST_ITEMS_ON_PAGE = 1000;

    private final Jobs jobs;
    private final Submissions submissions;
    private final EventFeed feed;
    private final TaskList tasks;
    private final Pools pools;
    private final CallLimits limits;
    private final OperatorRights rights;

    JobResource(
            Jobs jobs,
            Submissions submissions,
            EventFeed feed,
            TaskList tasks,
            Pools pools,
            CallLimits limits,
            OperatorRights rights) {
        this.jobs = jobs;
        this.submissions = submissions;
        this.feed = feed;
        this.tasks = tasks;
        this.pools = pools;
        this.limits = limits;
        this.rights = rights;
    }

    /**
     * Some jobs.
     *
     * @param jobs in the order asked for
     * @param nextPageToken where the next page begins, or null on the last one
     */
    record JobPage(List<JobView> jobs, @Nullable String nextPageToken) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Takes a job",
            description =
                    "Once this is answered with 202 the job is on disk. It is run even if the service dies meanwhile.")
    @Parameter(
            name = "Prefer",
            in = ParameterIn.HEADER,
            description = "wait=n: wait at most n seconds for its end; return=minimal: no body",
            schema = @Schema(type = SchemaType.STRING),
            example = "wait=10")
    @Parameter(
            name = "Idempotency-Key",
            in = ParameterIn.HEADER,
            description = "By which a repeated submission is known for 24 hours",
            schema = @Schema(type = SchemaType.STRING),
            example = "7d1c9a40")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobForm.class),
                            examples =
                                    @ExampleObject(
                                            name = "fib",
                                            value = "{\"task\":\"fib\",\"args\":[30]}")))
    @APIResponse(
            responseCode = "200",
            description = "It has ended while the client waited",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobView.class)))
    @APIResponse(
            responseCode = "202",
            description = "It was taken; header Location says where it is",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobView.class)))
    @APIResponse(
            responseCode = "400",
            description = "malformed-json, invalid-request with violations, or invalid-header",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "task-not-found, with similar names, or pool-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "413",
            description = "content-too-large",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "422",
            description = "invalid-arguments, idempotency-key-reused or callback-not-allowed",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description =
                    "queue-full, pool-draining, no-workers or store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "507",
            description = "insufficient-storage",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response submit(byte[] body, @Context RoutingContext exchange)
            throws InterruptedException {
        JobRequest request = JobRequest.read(body, submissions.maxItems());
        return submissions.submit(request, body, exchange);
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Jobs, page by page",
            description =
                    "Newest first. Header Link with rel=next and nextPageToken lead to the next page.")
    @Parameter(
            name = "state",
            in = ParameterIn.QUERY,
            description = "In any of these states, separated by commas",
            schema = @Schema(type = SchemaType.STRING),
            example = "FAILED")
    @Parameter(
            name = "task",
            in = ParameterIn.QUERY,
            description = "Of this task",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "pool",
            in = ParameterIn.QUERY,
            description = "In this pool",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "label",
            in = ParameterIn.QUERY,
            description = "With this label, name:value; may be repeated",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "createdAfter",
            in = ParameterIn.QUERY,
            description = "Made then or later (RFC 3339)",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "createdBefore",
            in = ParameterIn.QUERY,
            description = "Made before (RFC 3339)",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "sort",
            in = ParameterIn.QUERY,
            description = "-createdAt or createdAt",
            schema = @Schema(type = SchemaType.STRING),
            example = "-createdAt")
    @Parameter(
            name = "pageSize",
            in = ParameterIn.QUERY,
            description = "Jobs on a page, 1 to 500",
            schema = @Schema(type = SchemaType.INTEGER))
    @Parameter(
            name = "pageToken",
            in = ParameterIn.QUERY,
            description = "Where the page begins, as the page before said",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "Some jobs",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobPage.class)))
    @APIResponse(
            responseCode = "400",
            description = "invalid-request or invalid-page-token",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response list(@Context UriInfo uri) {
        JobQuery query = JobQuery.read(jobs.tenant(), uri.getQueryParameters());
        List<Job> found = jobs.service().list(query.filter());
        boolean more = found.size() > query.pageSize();
        List<Job> page = more ? found.subList(0, query.pageSize()) : found;
        String token = more ? PageToken.of(page.getLast().id(), query.filters()) : null;
        JobPage answer = new JobPage(page.stream().map(j -> jobs.view(j, false)).toList(), token);
        Response.ResponseBuilder response =
                Response.ok(Jobs.write(answer), MediaType.APPLICATION_JSON_TYPE)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store");
        if (token != null) {
            StringBuilder next = new StringBuilder("/v1/jobs?pageToken=").append(token);
            uri.getQueryParameters()
                    .forEach((name, values) -> {
                        if (!name.equals("pageToken")) {
                            values.forEach(value ->
                                    next.append('&')
                                            .append(URLEncoder.encode(name, UTF_8))
                                            .append('=')
                                            .append(URLEncoder.encode(value, UTF_8)));
                        }
                    });
            response.header(HttpHeaders.LINK, "<%s>; rel=\"next\"".formatted(next));
        }
        return response.build();
    }

    @GET
    @Path("/{id:[^/:]+}")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "One job",
            description =
                    "With Prefer: wait the answer is held back until its state changes; with If-None-Match also, until anything does.")
    @Parameter(
            name = "Prefer",
            in = ParameterIn.HEADER,
            description = "wait=n: wait at most n seconds for a change",
            schema = @Schema(type = SchemaType.STRING),
            example = "wait=20")
    @Parameter(
            name = "If-None-Match",
            in = ParameterIn.HEADER,
            description = "An ETag the client has",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "The job; a failed one too",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobView.class)))
    @APIResponse(responseCode = "304", description = "It is as the client knows it")
    @APIResponse(
            responseCode = "400",
            description = "invalid-header",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "job-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response one(@RestPath String id, @Context RoutingContext exchange)
            throws InterruptedException {
        Preferences prefer = Preferences.of(exchange.request().headers().getAll("Prefer"));
        EntityTags known =
                EntityTags.of(
                        EntityTags.IF_NONE_MATCH,
                        exchange.request().headers().getAll(EntityTags.IF_NONE_MATCH));
        Job job = jobs.named(id);
        Optional<Duration> wait = prefer.waitUpTo(limits.longestWait());
        if (wait.isPresent() && !job.state().done()) {
            JobState before = job.state();
            job =
                    jobs.service()
                            .await(
                                    job.tenant(),
                                    job.id(),
                                    now ->
                                            known.tags().isEmpty()
                                                    ? now.state() != before
                                                    : !known.matchWeakly(Jobs.etag(jobs.json(now))),
                                    wait.get())
                            .orElseThrow(() -> Jobs.noJob(id));
        }
        byte[] body = jobs.json(job);
        Response.ResponseBuilder answer =
                known.matchWeakly(Jobs.etag(body))
                        ? jobs.answer(304, job, body).entity(null)
                        : jobs.answer(200, job, body);
        Preferences.waited(wait).ifPresent(waited -> answer.header("Preference-Applied", waited));
        return answer.build();
    }

    @GET
    @Path("/{id:[^/:]+}/result")
    @Produces({MediaType.APPLICATION_JSON, Ndjson.MEDIA_TYPE, MediaType.WILDCARD})
    @RunOnVirtualThread
    @Operation(
            summary = "The result of a job alone",
            description =
                    "JSON, or bytes of the media type the task declares. Of a map an array, or with Accept: application/x-ndjson a line per item.")
    @Parameter(
            name = "Prefer",
            in = ParameterIn.HEADER,
            description = "wait=n: wait at most n seconds for its end",
            schema = @Schema(type = SchemaType.STRING),
            example = "wait=20")
    @APIResponse(
            responseCode = "200",
            description = "The result",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = Object.class)),
                @Content(mediaType = Ndjson.MEDIA_TYPE, schema = @Schema(type = SchemaType.STRING)),
                @Content(
                        mediaType = MediaType.WILDCARD,
                        schema = @Schema(type = SchemaType.STRING, format = "binary"))
            })
    @APIResponse(
            responseCode = "202",
            description = "It has not ended yet; the job as it is",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobView.class)))
    @APIResponse(
            responseCode = "404",
            description = "job-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "406",
            description = "not-acceptable",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "job-cancelled",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "410",
            description = "result-expired",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "422",
            description = "invalid-arguments",
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
            description = "no-workers or store-unavailable",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "504",
            description = "task-timeout or queue-timeout",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response result(@RestPath String id, @Context RoutingContext exchange)
            throws InterruptedException {
        Preferences prefer = Preferences.of(exchange.request().headers().getAll("Prefer"));
        Job job = jobs.named(id);
        Optional<Duration> wait = prefer.waitUpTo(limits.longestWait());
        if (wait.isPresent()) {
            job =
                    jobs.service()
                            .await(job.tenant(), job.id(), now -> now.state().done(), wait.get())
                            .orElseThrow(() -> Jobs.noJob(id));
        }
        Response.ResponseBuilder answer = result(job, Accepted.of(exchange));
        Preferences.waited(wait).ifPresent(waited -> answer.header("Preference-Applied", waited));
        return answer.build();
    }

    private Response.ResponseBuilder result(Job job, Accepted accepted)
            throws InterruptedException {
        if (!job.state().done()) {
            return jobs.answer(202, job, jobs.json(job))
                    .header(HttpHeaders.CONTENT_LOCATION, JobView.path(job));
        }
        boolean lines = job.kind() == Job.Kind.MAP && accepted.prefers(Ndjson.MEDIA_TYPE);
        if (job.state() != JobState.SUCCEEDED && !(lines && job.state() == JobState.FAILED)) {
            throw new ProblemException(jobs.problem(job));
        }
        if (Jobs.isExpired(job)) {
            throw jobs.expired(job);
        }
        if (job.kind() == Job.Kind.MAP) {
            return mapResult(job, lines, accepted);
        }
        Payload value =
                jobs.service().store().result(job.id()).orElseThrow(() -> jobs.expired(job));
        return CallAnswer.of(value, produces(job, value))
                .header(HttpHeaders.CONTENT_LOCATION, JobView.path(job) + "/result");
    }

    /** The media type of bytes; a stored result does not need the pool that made it. */
    private String produces(Job job, Payload value) throws InterruptedException {
        Optional<ProcessPool> pool = pools.named(job.pool());
        return value.encoding() == Payload.Encoding.BYTES && pool.isPresent()
                ? tasks.produces(pool.get(), job.task())
                : MediaType.APPLICATION_OCTET_STREAM;
    }

    private Response.ResponseBuilder mapResult(Job job, boolean lines, Accepted accepted) {
        if (!lines && !accepted.takes(MediaType.APPLICATION_JSON)) {
            throw new ProblemException(
                    new Problem(ProblemType.NOT_ACCEPTABLE, Phrase.MAP_FORMATS)
                            .with(
                                    "supported",
                                    List.of(MediaType.APPLICATION_JSON, Ndjson.MEDIA_TYPE)));
        }
        MapAnswer answer = new MapAnswer(jobs.service().store(), job);
        return Response.ok(
                        lines ? answer.lines() : answer.array(),
                        lines ? Ndjson.MEDIA_TYPE : MediaType.APPLICATION_JSON)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.VARY, "Prefer, Accept");
    }

    /**
     * An item of a map.
     *
     * @param index its place in the input
     * @param state how it is
     * @param result its result, or null
     * @param error the problem it failed with, or null
     */
    @Schema(name = "Item")
    record ItemView(
            long index,
            JobState state,
            @Schema(implementation = Object.class, nullable = true)
                    @com.fasterxml.jackson.annotation.JsonRawValue
                    @Nullable String result,
            @Schema(implementation = Object.class, nullable = true)
                    @com.fasterxml.jackson.annotation.JsonRawValue
                    @Nullable String error) {}

    /**
     * Some items of a map.
     *
     * @param items in input order
     * @param nextFrom where to go on, or null behind the last one
     */
    record ItemPage(List<ItemView> items, @Nullable Long nextFrom) {}

    @GET
    @Path("/{id:[^/:]+}/items")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "The items of a map, page by page")
    @APIResponse(
            responseCode = "200",
            description = "Some items",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = ItemPage.class)))
    @APIResponse(
            responseCode = "400",
            description = "invalid-request",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "job-not-found, or not-found if it is no map",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response items(
            @RestPath String id,
            @QueryParam("from") @Parameter(description = "Index of the first item")
                    @Nullable String from,
            @QueryParam("state") @Parameter(description = "Only items in this state")
                    @Nullable String state,
            @QueryParam("limit") @Parameter(description = "Most items in the answer, 1 to 1000")
                    @Nullable String limit) {
        Job job = jobs.named(id);
        if (job.kind() != Job.Kind.MAP) {
            throw new ProblemException(new Problem(ProblemType.NOT_FOUND, Phrase.NO_MAP, id));
        }
        Parameters parameters = new Parameters();
        long first = parameters.number("from", from, 0, 0, Long.MAX_VALUE);
        int most = (int) parameters.number("limit", limit, ITEMS_ON_PAGE, 1, MOST_ITEMS_ON_PAGE);
        Optional<JobState> wanted = parameters.oneOf("state", state, JobState.class);
        parameters.throwIfAny();
        MapAnswer.Page page = new MapAnswer(jobs.service().store(), job).page(first, wanted, most);
        ItemPage answer =
                new ItemPage(
                        page.items().stream().map(JobResource::view).toList(),
                        page.next().orElse(null));
        Response.ResponseBuilder response =
                Response.ok(Jobs.write(answer), MediaType.APPLICATION_JSON_TYPE)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store");
        page.next()
                .ifPresent(next ->
                        response.header(
                                HttpHeaders.LINK,
                                "<%s/items?from=%d&limit=%d%s>; rel=\"next\""
                                        .formatted(
                                                JobView.path(job),
                                                next,
                                                most,
                                                wanted.map(w -> "&state=" + w).orElse(""))));
        return response.build();
    }

    private static ItemView view(MapAnswer.Item item) {
        byte[] result = item.result();
        return new ItemView(
                item.index(),
                item.state(),
                result == null ? null : new String(result, UTF_8),
                item.error());
    }

    @GET
    @Path("/{id:[^/:]+}/logs")
    @Produces({MediaType.TEXT_PLAIN, ServerSentEvents.MEDIA_TYPE})
    @RunOnVirtualThread
    @Operation(
            summary = "What a job printed",
            description =
                    "The last 256 Ki characters of it. With Accept: text/event-stream it is followed: event log for each line, end at the end.")
    @APIResponse(
            responseCode = "200",
            description = "What it printed",
            content = {
                @Content(
                        mediaType = MediaType.TEXT_PLAIN,
                        schema = @Schema(type = SchemaType.STRING)),
                @Content(
                        mediaType = ServerSentEvents.MEDIA_TYPE,
                        schema = @Schema(type = SchemaType.STRING))
            })
    @APIResponse(
            responseCode = "204",
            description = "Nothing follows what the client has (Last-Event-ID)")
    @APIResponse(
            responseCode = "400",
            description = "invalid-request",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "job-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response logs(
            @RestPath String id,
            @QueryParam("stream") @Parameter(description = "Only this one: stdout or stderr")
                    @Nullable String stream,
            @HeaderParam("Last-Event-ID") @Nullable String lastId,
            @Context RoutingContext exchange)
            throws InterruptedException {
        Job job = jobs.named(id);
        Parameters parameters = new Parameters();
        Optional<JobLog.Stream> only = parameters.oneOf("stream", stream, JobLog.Stream.class);
        parameters.throwIfAny();
        if (Accepted.of(exchange).prefers(ServerSentEvents.MEDIA_TYPE)) {
            if (EventFeed.END.equals(lastId)) {
                return Response.noContent().build();
            }
            return ServerSentEvents.answer(to ->
                    new LogFeed(jobs)
                            .follow(to, job.tenant(), job.id(), only, LogFeed.behind(lastId)));
        }
        String text =
                new LogFeed(jobs)
                        .lines(job.id(), only).stream()
                                .map(line -> line.text() + "\n")
                                .collect(Collectors.joining());
        return Response.ok(text, "text/plain;charset=UTF-8")
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.VARY, "Accept")
                .build();
    }

    @GET
    @Path("/{id:[^/:]+}/events")
    @Produces(ServerSentEvents.MEDIA_TYPE)
    @RunOnVirtualThread
    @Operation(
            summary = "What happens to a job",
            description =
                    "From its state now to its end, as server-sent events; with Last-Event-ID from behind that. A comment each 15 seconds shows that the connection lives.")
    @APIResponse(
            responseCode = "200",
            description = "Events whose data are the job",
            content =
                    @Content(
                            mediaType = ServerSentEvents.MEDIA_TYPE,
                            schema = @Schema(type = SchemaType.STRING)))
    @APIResponse(
            responseCode = "204",
            description = "The job has ended and the client has all of it")
    @APIResponse(
            responseCode = "404",
            description = "job-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response events(
            @RestPath String id, @HeaderParam("Last-Event-ID") @Nullable String lastId) {
        Job job = jobs.named(id);
        if (job.state().done() && EventFeed.END.equals(lastId)) {
            return Response.noContent().header(HttpHeaders.CACHE_CONTROL, "no-store").build();
        }
        return ServerSentEvents.answer(to -> feed.writeJob(to, job, lastId));
    }

    @POST
    @Path("/{id:[^/:]+}:cancel")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Ends a job",
            description =
                    "One that waits is cancelled at once. One that runs is asked to end; with mode kill its worker process is ended if it does not. A job that has ended stays as it is.")
    @RequestBody(
            required = false,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = CancelRequest.Form.class),
                            examples =
                                    @ExampleObject(
                                            name = "kill",
                                            value = "{\"mode\":\"kill\",\"graceMillis\":2000}")))
    @APIResponse(
            responseCode = "200",
            description = "The job as it is then",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobView.class)))
    @APIResponse(
            responseCode = "400",
            description = "malformed-json or invalid-request",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "job-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response cancel(@RestPath String id, byte[] body) {
        rights.refuseIfReadOnly();
        CancelRequest request = CancelRequest.read(body);
        Job job =
                JobId.parse(id)
                        .flatMap(parsed ->
                                jobs.service()
                                        .cancel(
                                                jobs.tenant(),
                                                parsed,
                                                request.mode(),
                                                request.grace()))
                        .orElseThrow(() -> Jobs.noJob(id));
        return jobs.answer(200, job, jobs.json(job)).build();
    }

    @POST
    @Path("/{id:[^/:]+}:retry")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Runs a job that has ended again",
            description = "As a new job with the same input, labels and callbacks.")
    @Parameter(
            name = "Prefer",
            in = ParameterIn.HEADER,
            description = "wait=n: wait at most n seconds for its end",
            schema = @Schema(type = SchemaType.STRING),
            example = "wait=10")
    @Parameter(
            name = "Idempotency-Key",
            in = ParameterIn.HEADER,
            description = "By which a repeated request is known",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "It has ended while the client waited",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobView.class)))
    @APIResponse(
            responseCode = "202",
            description = "The new job",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobView.class)))
    @APIResponse(
            responseCode = "400",
            description = "invalid-header",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "job-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "job-not-finished",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "410",
            description = "result-expired: its input is gone",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "422",
            description = "idempotency-key-reused",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "queue-full, pool-draining or store-unavailable",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "507",
            description = "insufficient-storage",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response retry(@RestPath String id, @Context RoutingContext exchange)
            throws InterruptedException {
        Job job = jobs.named(id);
        submissions.admit(job.pool(), exchange);
        refuseUnlessDone(job, Phrase.NOT_ENDED_TO_RETRY);
        JobStore store = jobs.service().store();
        NewJob again =
                new NewJob(
                        JobId.next(),
                        job.tenant(),
                        job.task(),
                        job.pool(),
                        store.input(job.id()).orElseThrow(() -> jobs.expired(job)),
                        job.treatment(),
                        job.labels(),
                        store.callbacks(job.id()),
                        Optional.of(job.id()),
                        submissions.idempotency(exchange, new byte[0]),
                        Optional.ofNullable(exchange.request().getHeader("traceparent")));
        return jobs.submit(
                again,
                Preferences.of(exchange.request().headers().getAll("Prefer")),
                limits.longestWait());
    }

    private static void refuseUnlessDone(Job job, Phrase what) {
        if (!job.state().done()) {
            throw new ProblemException(
                    new Problem(ProblemType.JOB_NOT_FINISHED, what, job.state())
                            .with("instance", JobView.path(job)));
        }
    }

    @DELETE
    @Path("/{id:[^/:]+}")
    @RunOnVirtualThread
    @Operation(summary = "Forgets a job that has ended")
    @APIResponse(responseCode = "204", description = "It is gone")
    @APIResponse(
            responseCode = "404",
            description = "job-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "job-not-finished",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response delete(@RestPath String id) {
        Job job =
                JobId.parse(id)
                        .flatMap(parsed -> jobs.service().delete(jobs.tenant(), parsed))
                        .orElseThrow(() -> Jobs.noJob(id));
        refuseUnlessDone(job, Phrase.NOT_ENDED_TO_DELETE);
        return Response.noContent().build();
    }

    /**
     * A webhook's delivery.
     *
     * @param number its number among the job's
     * @param url where to
     * @param event what it tells
     * @param state pending, delivered or failed
     * @param createdAt when it was made
     * @param nextAttemptAt when it is tried next, or null
     * @param attempts what was tried
     */
    @Schema(name = "Delivery")
    record DeliveryView(
            int number,
            String url,
            String event,
            String state,
            String createdAt,
            @Nullable String nextAttemptAt,
            List<AttemptView> attempts) {}

    /**
     * One try.
     *
     * @param at when
     * @param status HTTP status, or null if there was no answer
     * @param tookMillis how long
     * @param error what went wrong, or null
     */
    @Schema(name = "DeliveryAttempt")
    record AttemptView(
            String at, @Nullable Integer status, long tookMillis, @Nullable String error) {}

    /**
     * The webhooks of a job.
     *
     * @param deliveries in the order of their making
     */
    record DeliveryPage(List<DeliveryView> deliveries) {}

    @GET
    @Path("/{id:[^/:]+}/deliveries")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "The webhooks of a job")
    @APIResponse(
            responseCode = "200",
            description = "What was and will be tried",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = DeliveryPage.class)))
    @APIResponse(
            responseCode = "404",
            description = "job-not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public DeliveryPage deliveries(@RestPath String id) {
        Job job = jobs.named(id);
        return new DeliveryPage(
                jobs.service().store().deliveries(job.id()).stream()
                        .map(JobResource::view)
                        .toList());
    }

    @POST
    @Path("/{id:[^/:]+}/deliveries/{number:\\d{1,9}}:redeliver")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Sends a webhook again")
    @APIResponse(
            responseCode = "202",
            description = "It is due",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = DeliveryView.class)))
    @APIResponse(
            responseCode = "404",
            description = "job-not-found or not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description = "store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response redeliver(@RestPath String id, @RestPath int number) {
        Job job = jobs.named(id);
        JobStore.Delivery due =
                jobs.service()
                        .redeliver(job.id(), number)
                        .orElseThrow(() ->
                                new ProblemException(
                                        new Problem(
                                                ProblemType.NOT_FOUND,
                                                Phrase.NO_DELIVERY,
                                                id,
                                                number)));
        return Response.status(202)
                .entity(Jobs.write(view(due)))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .build();
    }

    private static DeliveryView view(JobStore.Delivery delivery) {
        return new DeliveryView(
                delivery.number(),
                delivery.url(),
                delivery.event(),
                delivery.state().name().toLowerCase(Locale.ROOT),
                Times.text(delivery.createdAt()),
                Times.text(delivery.nextAt()),
                delivery.attempts().stream()
                        .map(attempt ->
                                new AttemptView(
                                        Times.text(attempt.at()),
                                        attempt.status() == 0 ? null : attempt.status(),
                                        attempt.took().toMillis(),
                                        attempt.error().orElse(null)))
                        .toList());
    }
}
