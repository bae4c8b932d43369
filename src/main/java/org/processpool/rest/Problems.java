package org.processpool.rest;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;
import org.processpool.job.JobRejectedException;
import org.processpool.job.StoreException;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolRejectedException;
import org.processpool.wire.Failure;

/**
 * Which end of a call, and which refusal, is which problem.
 *
 * @param tellStacks whether a client sees stack traces and thread dumps: only in dev mode
 * @param traceId the trace of the request that is served, for the log
 */
record Problems(boolean tellStacks, Supplier<String> traceId) {

    private static final Logger LOG = Logger.getLogger(Problems.class);

    /** Workers say where in the input the trouble is: {@code at /items/0: not a number}. */
    private static final Pattern PLACE = Pattern.compile("at (/\\S*|): (.*)", Pattern.DOTALL);

    private static final long MEBIBYTE = 1 << 20;

    /**
     * The problem a call ended with.
     *
     * @throws IllegalArgumentException for {@link Outcome.Done}
     */
    Problem of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done done ->
                    throw new IllegalArgumentException("the call was successful: " + done);
            case Outcome.Failed(Failure failure, _) -> of(failure);
            case Outcome.TimedOut timedOut ->
                    new Problem(
                                    ProblemType.TASK_TIMEOUT,
                                    Phrase.RAN_TOO_LONG,
                                    words(timedOut.limit()),
                                    timedOut.pid())
                            .with("limitMillis", timedOut.limit().toMillis())
                            .with("threads", inDevMode(timedOut.threads()));
            case Outcome.QueueTimedOut(Duration limit) ->
                    new Problem(ProblemType.QUEUE_TIMEOUT, Phrase.QUEUED_TOO_LONG, words(limit))
                            .with("limitMillis", limit.toMillis());
            case Outcome.Crashed crashed ->
                    new Problem(ProblemType.WORKER_CRASHED, death(crashed))
                            .with("pid", crashed.pid())
                            .with("exitCode", crashed.exitCode() < 0 ? null : crashed.exitCode())
                            .with("signal", crashed.signal().orElse(null))
                            .with("reason", crashed.reason().word())
                            .with("lastStderr", crashed.lastWords());
            case Outcome.MemoryExceeded exceeded ->
                    new Problem(
                                    ProblemType.MEMORY_LIMIT,
                                    Phrase.OUT_OF_MEMORY,
                                    exceeded.pid(),
                                    exceeded.detail())
                            .with("pid", exceeded.pid())
                            .with("limitMiB", mebibytes(exceeded.limitBytes()))
                            .with("peakMiB", mebibytes(exceeded.seenBytes()));
            case Outcome.Cancelled(boolean started) ->
                    new Problem(
                            ProblemType.JOB_CANCELLED,
                            started ? Phrase.CANCELLED_RUNNING : Phrase.CANCELLED_WAITING);
            case Outcome.Abandoned(String why) ->
                    new Problem(ProblemType.NO_WORKERS, Phrase.GIVEN_UP, why);
        };
    }

    /** The problem of a call that was not accepted. */
    Problem of(PoolRejectedException why) {
        return switch (why) {
            case PoolRejectedException.QueueFull full ->
                    new Problem(
                                    ProblemType.QUEUE_FULL,
                                    Phrase.QUEUE_FULL,
                                    message(why),
                                    full.queued(),
                                    full.limit())
                            .with("queued", full.queued())
                            .with("limit", full.limit());
            case PoolRejectedException.PayloadTooLarge tooLarge ->
                    new Problem(
                                    ProblemType.CONTENT_TOO_LARGE,
                                    Phrase.ARGUMENT_TOO_LARGE,
                                    message(why),
                                    tooLarge.size(),
                                    tooLarge.limit())
                            .with("limitBytes", tooLarge.limit());
            case PoolRejectedException.Closed _ ->
                    new Problem(ProblemType.POOL_DRAINING, Phrase.POOL_CLOSED, message(why));
            case PoolRejectedException.Broken _ ->
                    new Problem(ProblemType.NO_WORKERS, Phrase.POOL_BROKEN, message(why));
        };
    }

    /** The problem of a job that was not accepted. */
    Problem of(JobRejectedException why) {
        return switch (why) {
            case JobRejectedException.QueueFull full ->
                    new Problem(ProblemType.QUEUE_FULL, Phrase.JOBS_QUEUED, message(why))
                            .with("queued", full.queued())
                            .with("limit", full.limit());
            case JobRejectedException.Draining _ ->
                    new Problem(ProblemType.POOL_DRAINING, Phrase.DRAINING, message(why));
            case JobRejectedException.KeyReused reused ->
                    new Problem(ProblemType.IDEMPOTENCY_KEY_REUSED, Phrase.KEY_REUSED, message(why))
                            .with("instance", "/v1/jobs/" + reused.by());
        };
    }

    /** The problem of a store that cannot do its work. */
    Problem of(StoreException why) {
        return switch (why) {
            case StoreException.Full _ ->
                    new Problem(ProblemType.INSUFFICIENT_STORAGE, Phrase.STORE_FULL, message(why));
            case StoreException.Unavailable _ ->
                    new Problem(ProblemType.STORE_UNAVAILABLE, Phrase.STORE_DOWN, message(why));
        };
    }

    /** The problem of our own bugs: the client gets a number, the log the rest. */
    Problem ofBug(Throwable bug) {
        String errorId = UUID.randomUUID().toString();
        String trace = traceId.get();
        MDC.put(Audience.TRACE_ID, trace);
        try {
            LOG.errorf(bug, "error %s of trace %s", errorId, trace);
        } finally {
            MDC.remove(Audience.TRACE_ID);
        }
        return new Problem(ProblemType.INTERNAL, Phrase.BUG, errorId).with("errorId", errorId);
    }

    private Problem of(Failure failure) {
        return switch (failure.kind()) {
            case TASK ->
                    new Problem(ProblemType.TASK_FAILED, failure.toString())
                            .with("exception", exception(failure));
            case INPUT ->
                    new Problem(ProblemType.INVALID_ARGUMENTS, failure.message())
                            .with("violations", List.of(violation(failure.message())));
            case TARGET -> new Problem(ProblemType.TASK_NOT_FOUND, failure.message());
            case RESULT, TOO_LARGE -> new Problem(ProblemType.INVALID_RESULT, failure.message());
            case CANCELLED -> new Problem(ProblemType.JOB_CANCELLED, Phrase.CANCELLED_RUNNING);
            case WORKER -> ofBug(new IllegalStateException("in the worker: " + failure));
        };
    }

    private Map<String, String> exception(Failure failure) {
        var exception = new LinkedHashMap<String, String>();
        exception.put("type", failure.type());
        exception.put("message", failure.message());
        if (tellStacks) {
            exception.put("stack", failure.stack());
        }
        return exception;
    }

    /**
     * What does not fit and where, as a JSON pointer (RFC 6901); the empty one is the whole input.
     */
    private static Violation violation(String message) {
        Matcher place = PLACE.matcher(message);
        return place.matches()
                ? new Violation(place.group(1), Sentence.quoted(place.group(2)))
                : new Violation("", Sentence.quoted(message));
    }

    private static Sentence death(Outcome.Crashed crashed) {
        long pid = crashed.pid();
        String signal = crashed.signal().map(" (%s)"::formatted).orElse("");
        return switch (crashed.reason()) {
            case BROKEN_PROTOCOL -> Sentence.of(Phrase.WORKER_GARBLED, pid, signal);
            case HEARTBEAT -> Sentence.of(Phrase.WORKER_SILENT, pid, signal);
            case KILLED -> Sentence.of(Phrase.WORKER_KILLED, pid, signal);
            default ->
                    crashed.exitCode() < 0
                            ? Sentence.of(Phrase.WORKER_DIED, pid, signal)
                            : Sentence.of(Phrase.WORKER_EXITED, pid, crashed.exitCode(), signal);
        };
    }

    private @Nullable String inDevMode(String text) {
        return tellStacks && !text.isEmpty() ? text : null;
    }

    private static @Nullable Long mebibytes(long bytes) {
        return bytes > 0 ? bytes / MEBIBYTE : null;
    }

    private static String message(Throwable why) {
        return String.valueOf(why.getMessage());
    }

    /** A duration as a person writes it: {@code 250 ms}, {@code 1.5 s}. */
    static String words(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1000) {
            return millis + " ms";
        }
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis / 1000.0 + " s";
    }
}
