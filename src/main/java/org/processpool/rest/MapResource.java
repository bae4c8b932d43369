package org.processpool.rest;

import io.quarkus.runtime.LaunchMode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
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
import org.processpool.pool.CallOptions;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.ResultIterator;
import org.processpool.pool.Work;
import org.processpool.task.Payload;
import org.processpool.wire.TaskDescription;

/**
 * A task for many items. The body has no parameter here: it is read while results are written, by
 * {@link BodyItems}.
 */
@Path("/v1/tasks")
@Tag(name = "Tasks")
public class MapResource {

    private static final Pattern PATH = Pattern.compile("/v1/tasks/[^/:]+:map/?");

    private static final List<String> BODIES =
            List.of(Ndjson.MEDIA_TYPE, MediaType.APPLICATION_JSON);

    /** What an answer can be, the most likely to be meant first. */
    private static final List<MediaType> ANSWERS =
            List.of(
                    MediaType.APPLICATION_JSON_TYPE,
                    ResultFormat.NDJSON.mediaType(),
                    ResultFormat.EVENTS.mediaType());

    /** No call may be limited to more. */
    private static final Duration LONGEST = Duration.ofDays(3650);

    private final ProcessPool pool;
    private final TaskList tasks;
    private final CallLimits calls;
    private final int maxItem;
    private final TaskSchemas schemas;
    private final RateLimits rates;
    private final Audiences audiences;
    private final Submissions submissions;
    private final long maxBody;

    MapResource(
            ProcessPool pool,
            TaskList tasks,
            TaskSchemas schemas,
            RateLimits rates,
            Audiences audiences,
            Submissions submissions,
            CallLimits calls,
            BodyLimits bodies) {
        this.pool = pool;
        this.tasks = tasks;
        this.schemas = schemas;
        this.rates = rates;
        this.audiences = audiences;
        this.submissions = submissions;
        this.maxBody = bodies.maxBody().asLongValue();
        this.calls = calls;
        this.maxItem = (int) Math.min(Integer.MAX_VALUE, bodies.maxLine().asLongValue());
    }

    /** Whether a path is answered here, so that its body is to be left on the connection. */
    static boolean readsItself(String path) {
        return PATH.matcher(path).matches();
    }

    @POST
    @Path("/{task:[^/:]+}:map")
    @RunOnVirtualThread
    @Operation(
            summary = "Runs a task for each of many items, streamed or as a stored job",
            description =
                    "With Accept: application/json (or none) the items are stored as a job: 202"
                            + " with its Location or, with Prefer: wait and if it ends in time, the"
                            + " array of its results. With application/x-ndjson or"
                            + " text/event-stream it is a stream: items are taken from the body while it arrives, and each result is sent as"
                            + " soon as it is its turn, on the same connection: the body may be"
                            + " endless. It is read no faster than results are, so neither side"
                            + " has to hold much. An item that fails is told at its place and the"
                            + " others go on. The last line tells that all was told; a stream"
                            + " without it was cut. Nothing is stored; if the client goes away the"
                            + " remaining items are cancelled. Each call may run as long as the"
                            + " task's own limit or the service's says, times the items in it.")
    @Parameter(
            name = "order",
            in = ParameterIn.QUERY,
            description = "input: results in the order of the items; completion: each at once",
            schema =
                    @Schema(
                            type = SchemaType.STRING,
                            enumeration = {"input", "completion"},
                            defaultValue = "input"))
    @Parameter(
            name = "chunk",
            in = ParameterIn.QUERY,
            description =
                    "Items per call, which is faster for many small ones. A chunk is not held"
                            + " back to be filled.",
            schema =
                    @Schema(
                            type = SchemaType.INTEGER,
                            minimum = "1",
                            maximum = "10000",
                            defaultValue = "1"))
    @Parameter(
            name = "onError",
            in = ParameterIn.QUERY,
            description = "stop: the first failed item is the last, the rest is cancelled",
            schema =
                    @Schema(
                            type = SchemaType.STRING,
                            enumeration = {"continue", "stop"},
                            defaultValue = "continue"))
    @Parameter(
            name = "star",
            in = ParameterIn.QUERY,
            description =
                    "true: each item must be an array of positional arguments; any other is an"
                            + " error",
            schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
    @Parameter(
            name = "detach",
            in = ParameterIn.QUERY,
            description = "true: items that were read run to their end if the client goes away",
            schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
    @RequestBody(
            required = true,
            description =
                    "The items: one JSON value a line, blank lines are passed over; or one JSON"
                            + " array",
            content = {
                @Content(
                        mediaType = Ndjson.MEDIA_TYPE,
                        schema = @Schema(type = SchemaType.STRING),
                        examples = @ExampleObject(name = "fib", value = "1\n2\n30\n")),
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(type = SchemaType.ARRAY, implementation = Object.class),
                        examples = @ExampleObject(name = "fib", value = "[1,2,30]"))
            })
    @APIResponse(
            responseCode = "200",
            description =
                    "One line for each item, with its index from 0, and a last one. As"
                            + " text/event-stream the events are called item and end. As JSON the"
                            + " results in input order.",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(type = SchemaType.ARRAY, implementation = Object.class)),
                @Content(
                        mediaType = Ndjson.MEDIA_TYPE,
                        schema = @Schema(type = SchemaType.STRING),
                        examples =
                                @ExampleObject(
                                        name = "fib",
                                        value =
                                                """
                                                {"index":0,"ok":true,"result":1}
                                                {"index":1,"ok":false,"error":{"type":"/problems/task-failed"}}
                                                {"end":true,"total":2,"succeeded":1,"failed":1}
                                                """)),
                @Content(
                        mediaType = MediaType.SERVER_SENT_EVENTS,
                        schema = @Schema(type = SchemaType.STRING))
            })
    @APIResponse(
            responseCode = "202",
            description = "The job, which is stored",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JobView.class)))
    @APIResponse(
            responseCode = "400",
            description =
                    "malformed-line or malformed-json, if found before the first result (later it"
                            + " stands in the last line); invalid-request for a bad parameter",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "409",
            description = "job-cancelled",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "422",
            description = "invalid-arguments or idempotency-key-reused",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "500",
            description = "task-failed, of a stored map that was waited for",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "502",
            description =
                    "worker-crashed, memory-limit or invalid-result, of a stored map that was waited for",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "504",
            description = "task-timeout, of a stored map that was waited for",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "507",
            description = "insufficient-storage",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "task-not-found, with similar names",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "406",
            description = "not-acceptable",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "413",
            description = "content-too-large: an item is over the limit",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "415",
            description = "unsupported-media-type, with Accept-Post",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "429",
            description = "quota-exceeded, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "503",
            description =
                    "queue-full, pool-draining, no-workers or store-unavailable, with Retry-After",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response map(
            @RestPath @Parameter(example = "fib") String task,
            @Context HttpHeaders headers,
            @Context RoutingContext exchange)
            throws InterruptedException {
        rates.admit(pool, exchange);
        ItemCutter cutter = cutter(headers.getMediaType());
        TaskDescription found = tasks.named(pool, task);
        MediaType answer = negotiated(found, headers);
        MapQuery query = MapQuery.of(exchange.queryParams());
        if (answer.equals(MediaType.APPLICATION_JSON_TYPE)) {
            return storedJob(found, query, cutter, exchange);
        }
        var items = new BodyItems(exchange.request(), cutter, check(found, query));
        if (answer.equals(ResultFormat.NDJSON.mediaType())) {
            return stream(found, query, ResultFormat.NDJSON, items, exchange);
        }
        return stream(found, query, ResultFormat.EVENTS, items, exchange);
    }

    private Response stream(
            TaskDescription task,
            MapQuery query,
            ResultFormat format,
            BodyItems items,
            RoutingContext exchange) {
        Audience audience = audiences.of(exchange);
        ProcessPool patient =
                pool.with(
                        CallOptions.DEFAULT
                                .timeout(timeout(task, query.chunk()))
                                .labels(audience.labels()));
        Work<@Nullable Object, Payload> work = Work.named(task.name(), Payload.class);
        ResultIterator<Payload> results =
                query.inInputOrder()
                        ? patient.imap(work, items, query.chunk())
                        : patient.imapUnordered(work, items, query.chunk());
        var problems =
                new Problems(LaunchMode.current() == LaunchMode.DEVELOPMENT, audience::traceId);
        var stream = new MapStream(audience, query, format, problems, items, results);
        stream.begin(exchange);
        return Response.ok(stream, format.mediaType())
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.VARY, "Prefer, Accept")
                .header("X-Accel-Buffering", "no") // a proxy that gathers would hold results back
                .build();
    }

    /** The whole body is read, up to the limit of a request, and stored with the job. */
    private Response storedJob(
            TaskDescription task, MapQuery query, ItemCutter cutter, RoutingContext exchange)
            throws InterruptedException {
        if (!query.inInputOrder()) {
            Violations violations = new Violations();
            violations.add("order", Phrase.AMONG, "input", "completion");
            violations.throwIfAny();
        }
        var items = new BodyItems(exchange.request(), cutter, Payload::json);
        exchange.addEndHandler(_ -> items.cut());
        items.start();
        if (exchange.response().closed()) {
            items.cut(); // the client had gone before anybody listened
        }
        return submissions.submitMap(
                pool, task, items.all(maxBody, submissions.maxItems()), query, exchange);
    }

    /** What an item means as input of this task, if it fits. */
    private BodyItems.Check check(TaskDescription task, MapQuery query) {
        return item ->
                (query.star()
                                ? schemas.forArguments(task, item, null)
                                : schemas.ofBody(task, Payload.json(item)))
                        .orRefuse(task);
    }

    /** The task's own limit or the service's, for each item of a call. */
    private Duration timeout(TaskDescription task, int items) {
        Duration each = task.timeout().isEmpty() ? calls.timeout() : Duration.parse(task.timeout());
        return each.compareTo(LONGEST.dividedBy(items)) > 0 ? LONGEST : each.multipliedBy(items);
    }

    private ItemCutter cutter(@Nullable MediaType type) {
        if (CallBody.isJson(type)) {
            return new ArrayCutter(maxItem);
        }
        if (type != null && ResultFormat.NDJSON.mediaType().isCompatible(type)) {
            return new LineCutter(maxItem);
        }
        throw new ProblemException(
                new Problem(
                                ProblemType.UNSUPPORTED_MEDIA_TYPE,
                                Phrase.UNREADABLE_BODY,
                                String.valueOf(type))
                        .with("supported", BODIES),
                Map.of("Accept-Post", String.join(", ", BODIES)));
    }

    private static MediaType negotiated(TaskDescription task, HttpHeaders headers) {
        for (MediaType wanted : headers.getAcceptableMediaTypes()) {
            for (MediaType possible : ANSWERS) {
                if (wanted.isCompatible(possible)) {
                    return possible;
                }
            }
        }
        throw notAcceptable(task, headers);
    }

    private static ProblemException notAcceptable(TaskDescription task, HttpHeaders headers) {
        return new ProblemException(
                new Problem(
                                ProblemType.NOT_ACCEPTABLE,
                                Phrase.ANSWERS_NONE_OF,
                                task.name(),
                                headers.getAcceptableMediaTypes())
                        .with("supported", supported()));
    }

    private static List<String> supported() {
        return ANSWERS.stream().map(MediaType::toString).toList();
    }
}
