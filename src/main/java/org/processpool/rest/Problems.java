package org.processpool.rest;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolRejectedException;
import org.processpool.wire.Failure;

/**
 * Which end of a call, and which refusal, is which problem.
 *
 * @param tellStacks whether a client sees stack traces and thread dumps: only in dev mode
 */
record Problems(boolean tellStacks) {

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
                                    "ran longer than %s in worker %d"
                                            .formatted(words(timedOut.limit()), timedOut.pid()))
                            .with("limitMillis", timedOut.limit().toMillis())
                            .with("threads", inDevMode(timedOut.threads()));
            case Outcome.QueueTimedOut(Duration limit) ->
                    new Problem(
                                    ProblemType.QUEUE_TIMEOUT,
                                    "waited longer than %s for a worker and was not started"
                                            .formatted(words(limit)))
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
                                    "worker %d ran out of memory: %s"
                                            .formatted(exceeded.pid(), exceeded.detail()))
                            .with("pid", exceeded.pid())
                            .with("limitMiB", mebibytes(exceeded.limitBytes()))
                            .with("peakMiB", mebibytes(exceeded.seenBytes()));
            case Outcome.Cancelled(boolean started) ->
                    new Problem(
                            ProblemType.JOB_CANCELLED,
                            started ? "cancelled while it ran" : "cancelled before it started");
            case Outcome.Abandoned(String why) ->
                    new Problem(ProblemType.NO_WORKERS, "the call was given up: " + why);
        };
    }

    /** The problem of a call that was not accepted. */
    Problem of(PoolRejectedException why) {
        return switch (why) {
            case PoolRejectedException.QueueFull full ->
                    new Problem(ProblemType.QUEUE_FULL, message(why))
                            .with("queued", full.queued())
                            .with("limit", full.limit());
            case PoolRejectedException.PayloadTooLarge tooLarge ->
                    new Problem(ProblemType.CONTENT_TOO_LARGE, message(why))
                            .with("limitBytes", tooLarge.limit());
            case PoolRejectedException.Closed _ ->
                    new Problem(ProblemType.POOL_DRAINING, message(why));
            case PoolRejectedException.Broken _ ->
                    new Problem(ProblemType.NO_WORKERS, message(why));
        };
    }

    /** The problem of our own bugs: the client gets a number, the log the rest. */
    Problem ofBug(Throwable bug) {
        String errorId = UUID.randomUUID().toString();
        LOG.errorf(bug, "error %s", errorId);
        return new Problem(ProblemType.INTERNAL, "the service's log has it under error " + errorId)
                .with("errorId", errorId);
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
            case CANCELLED -> new Problem(ProblemType.JOB_CANCELLED, "cancelled while it ran");
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
    private static Map<String, String> violation(String message) {
        Matcher place = PLACE.matcher(message);
        boolean placed = place.matches();
        var violation = new LinkedHashMap<String, String>();
        violation.put("pointer", placed ? place.group(1) : "");
        violation.put("message", placed ? place.group(2) : message);
        return violation;
    }

    private static String death(Outcome.Crashed crashed) {
        String how =
                switch (crashed.reason()) {
                    case BROKEN_PROTOCOL -> "was killed because what it wrote was no message";
                    case HEARTBEAT -> "was killed because it did not answer the heartbeat";
                    case KILLED -> "was killed on request";
                    default ->
                            crashed.exitCode() < 0
                                    ? "died"
                                    : "died with exit code " + crashed.exitCode();
                };
        return "worker %d %s%s"
                .formatted(crashed.pid(), how, crashed.signal().map(" (%s)"::formatted).orElse(""));
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
