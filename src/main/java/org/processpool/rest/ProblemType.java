package org.processpool.rest;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Everything that can go wrong, as a client sees it. */
enum ProblemType {
    MALFORMED_JSON(
            400,
            "Malformed JSON",
            "The body is not one JSON value in UTF-8. Members line and column say where it ends"
                    + " being one."),
    INVALID_REQUEST(
            400, "Invalid request", "The request cannot be understood; the detail says why."),
    INVALID_HEADER(
            400,
            "Invalid header",
            "A header is not written as its standard has it; member header names it."),
    INVALID_PAGE_TOKEN(
            400,
            "Invalid page token",
            "The pageToken is none that a list has given out, or belongs to a list with other"
                    + " filters. Begin again without one."),
    MALFORMED_LINE(
            400,
            "Malformed line",
            "A line of the body is not one JSON value in UTF-8; member lineNumber says which,"
                    + " counting from 1, and column where in it."),
    UNAUTHORIZED(
            401,
            "Unauthorized",
            "This service wants to know who asks. Send a token in header Authorization, after the"
                    + " word Bearer; to open a WebSocket, a ticket in the query will do."),
    FORBIDDEN(
            403,
            "Forbidden",
            "Only who has the role in member requiredRole may do this; with"
                    + " process-pool.read-only=true nobody has the role operate."),
    FOREIGN_ORIGIN(
            403,
            "Foreign origin",
            "A page of another origin may do nothing here, unless its origin is listed in"
                    + " process-pool.security.allowed-origins."),
    NOT_FOUND(404, "Not found", "There is nothing at this path. GET / lists what there is."),
    TASK_NOT_FOUND(
            404,
            "No such task",
            "The workers offer no task of this name. Member suggestions has similar names; GET"
                    + " /v1/tasks has all."),
    POOL_NOT_FOUND(
            404, "No such pool", "The service has no pool of this name; GET /v1/pools has all."),
    WORKER_NOT_FOUND(
            404,
            "No such worker",
            "The pool has no worker of this name now. Workers come and go; those there are stand"
                    + " under the pool's /workers."),
    JOB_NOT_FOUND(
            404,
            "No such job",
            "There is no job with this id. It was never submitted here, or it was deleted, by"
                    + " request or because its time had come."),
    METHOD_NOT_ALLOWED(
            405, "Method not allowed", "The path has other methods; they stand in header Allow."),
    NOT_ACCEPTABLE(
            406,
            "Not acceptable",
            "Header Accept names no media type this answer can have; member supported does."),
    JOB_NOT_FINISHED(
            409,
            "Job not finished",
            "This can be done with a job only once it has ended. Wait for it or cancel it first."),
    IDEMPOTENCY_IN_PROGRESS(
            409,
            "Request in progress",
            "An earlier request with the same Idempotency-Key is not answered yet. Try again after"
                    + " header Retry-After.",
            1),
    RESULT_EXPIRED(
            410,
            "Result expired",
            "The result was kept as long as it was to be kept; member expiredAt says until when."),
    POOL_CLOSED(
            409,
            "Pool closed",
            "The pool was drained or terminated. It cannot be changed any more, nor opened again"
                    + " before the service is restarted."),
    PRECONDITION_FAILED(
            412,
            "Precondition failed",
            "What header If-Match names is not how the thing is now, so nothing was changed. Get"
                    + " it again, see whether the change still makes sense, and send the new ETag."),
    UNKNOWN_HOST(
            421,
            "Unknown host",
            "The service does not answer to the name it was called by, so that no page can pass as"
                    + " loaded from here (DNS rebinding). Names are listed in"
                    + " process-pool.security.allowed-hosts."),
    CONTENT_TOO_LARGE(
            413,
            "Content too large",
            "The body has more bytes than the service takes; member limitBytes says how many."),
    UNSUPPORTED_MEDIA_TYPE(
            415,
            "Unsupported media type",
            "A body of this media type cannot be read. Header Accept-Post and member supported"
                    + " say which can."),
    INVALID_ARGUMENTS(
            422,
            "Invalid arguments",
            "The body is JSON but does not fit the task's input. Member violations has what and,"
                    + " as JSON pointer, where; the task's inputSchema, under the link in member"
                    + " schema, says what would fit."),
    IDEMPOTENCY_KEY_REUSED(
            422,
            "Idempotency key reused",
            "The Idempotency-Key was used before for a request with another body. A new request"
                    + " needs a new key."),
    CALLBACK_NOT_ALLOWED(
            422,
            "Callback not allowed",
            "The service does not send webhooks to this URL or has no such secret. Member reason"
                    + " says which: callbacks-off, malformed-url, scheme, userinfo,"
                    + " address-literal, host-not-allowed, port or unknown-secret."),
    QUOTA_EXCEEDED(
            429,
            "Quota exceeded",
            "More requests came from one address than may. Member violated-policies names the"
                    + " limit; header RateLimit-Policy says what it is. Try again after header"
                    + " Retry-After.",
            1),
    TASK_FAILED(
            500,
            "Task failed",
            "The task threw. Member exception has the type and message. Its worker lives on."),
    INTERNAL(500, "Internal error", "A bug in the service. Its log has more under the errorId."),
    WORKER_CRASHED(
            502,
            "Worker crashed",
            "The process that ran the call died. It was replaced, and no other call was harmed."
                    + " The call is not run again by itself."),
    MEMORY_LIMIT(
            502,
            "Memory limit exceeded",
            "The process that ran the call needed more memory than it may and was ended and"
                    + " replaced."),
    INVALID_RESULT(502, "Invalid result", "The task returned something that cannot be sent."),
    QUEUE_FULL(
            503,
            "Queue full",
            "As many calls wait for a worker as may. Nothing was run; try again after header"
                    + " Retry-After.",
            1),
    POOL_DRAINING(
            503,
            "Pool draining",
            "The pool takes no more calls, as the service is about to end. Nothing was run.",
            5),
    NO_WORKERS(
            503,
            "No workers",
            "No worker process can be started, or none was ready in time; GET /v1/pools says why.",
            5),
    STORE_UNAVAILABLE(
            503,
            "Store unavailable",
            "The store of jobs cannot be reached or written to now. Nothing was accepted; try again"
                    + " after header Retry-After.",
            5),
    INSUFFICIENT_STORAGE(
            507,
            "Insufficient storage",
            "There is no room left to keep jobs in. Nothing was run; try again after header"
                    + " Retry-After.",
            60),
    TASK_TIMEOUT(
            504,
            "Task timed out",
            "The call ran longer than it may (limitMillis) and was ended, if need be with its"
                    + " process."),
    QUEUE_TIMEOUT(
            504,
            "Queue timed out",
            "The call waited longer for a worker than it may (limitMillis). It was never run."),
    WAIT_EXCEEDED(
            504,
            "Wait exceeded",
            "The answer had not come when the client's patience had ended (waitedMillis). A call"
                    + " was cancelled."),
    JOB_CANCELLED(409, "Cancelled", "Somebody cancelled the call.");

    private final int status;
    private final String title;
    private final String meaning;
    private final int retryAfterSeconds;

    ProblemType(int status, String title, String meaning) {
        this(status, title, meaning, 0);
    }

    ProblemType(int status, String title, String meaning, int retryAfterSeconds) {
        this.status = status;
        this.title = title;
        this.meaning = meaning;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    static Optional<ProblemType> ofSlug(String slug) {
        return Arrays.stream(values()).filter(type -> type.slug().equals(slug)).findAny();
    }

    /** The name in paths, such as {@code task-failed}. */
    String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The URI reference that stands for this type.
     *
     * @param base what goes before the path of our own types
     */
    String uri(String base) {
        return this == QUOTA_EXCEEDED
                ? "https://iana.org/assignments/http-problem-types#quota-exceeded"
                : base + path();
    }

    /** The path of its page. */
    String path() {
        return "/problems/" + slug();
    }

    /** The HTTP status. */
    int status() {
        return status;
    }

    /** A few words, always the same. */
    String title() {
        return title;
    }

    /** What it means and what to do. */
    String meaning() {
        return meaning;
    }

    /** Seconds after which trying again makes sense; 0 if unknown. */
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
