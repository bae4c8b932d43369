package org.processpool.pool;

import java.time.Duration;
import java.util.Objects;
import org.processpool.wire.Failure;

/**
 * A call did not return a result. Each subclass stands for one way to end; {@link #outcome()} has
 * the facts. The exception of the task itself never travels as an object: its class name, message
 * and remote stack trace do.
 */
public abstract sealed class CallException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Outcome outcome;

    private CallException(String message, Outcome outcome) {
        super(message);
        this.outcome = Objects.requireNonNull(outcome);
    }

    /** How the call ended. */
    public Outcome outcome() {
        return outcome;
    }

    /** The task threw, its input did not fit, or its result could not be sent. */
    public static final class TaskFailed extends CallException {
        private static final long serialVersionUID = 1;
        private final transient Failure failure;

        private TaskFailed(String what, Outcome.Failed outcome) {
            super("'%s' failed: %s".formatted(what, outcome.failure()), outcome);
            this.failure = outcome.failure();
            if (!failure.stack().isEmpty()) {
                initCause(new RemoteTrace(failure));
            }
        }

        /** What the worker told. */
        public Failure failure() {
            return failure;
        }
    }

    /** The worker died during the call. */
    public static final class WorkerCrashed extends CallException {
        private static final long serialVersionUID = 1;

        private WorkerCrashed(String what, Outcome.Crashed outcome) {
            super(
                    "worker %d %s during '%s'%s"
                            .formatted(
                                    outcome.pid(),
                                    death(outcome),
                                    what,
                                    words(outcome.lastWords())),
                    outcome);
        }

        private static String death(Outcome.Crashed crashed) {
            return switch (crashed.reason()) {
                case BROKEN_PROTOCOL -> "was killed because what it wrote was no message";
                case HEARTBEAT -> "was killed because it did not answer the heartbeat";
                case KILLED -> "was killed on request";
                default ->
                        crashed.exitCode() < 0
                                ? "died"
                                : "died with exit code %d%s"
                                        .formatted(
                                                crashed.exitCode(),
                                                crashed.signal()
                                                        .map(" (%s)"::formatted)
                                                        .orElse(""));
            };
        }

        private static String words(String lastWords) {
            return lastWords.isEmpty() ? "" : "; its last words:\n" + lastWords;
        }
    }

    /** The worker ran out of memory during the call. */
    public static final class MemoryLimitExceeded extends CallException {
        private static final long serialVersionUID = 1;

        private MemoryLimitExceeded(String what, Outcome.MemoryExceeded outcome) {
            super(
                    "worker %d ran out of memory during '%s': %s"
                            .formatted(outcome.pid(), what, outcome.detail()),
                    outcome);
        }
    }

    /** The call ran longer than its time limit. */
    public static final class TimedOut extends CallException {
        private static final long serialVersionUID = 1;

        private TimedOut(String what, Outcome.TimedOut outcome) {
            super(
                    "'%s' ran longer than %s in worker %d%s"
                            .formatted(
                                    what,
                                    words(outcome.limit()),
                                    outcome.pid(),
                                    outcome.threads().isEmpty()
                                            ? ""
                                            : "; it was doing:\n" + outcome.threads()),
                    outcome);
        }
    }

    /** The call waited longer for a worker than it may. */
    public static final class QueueTimedOut extends CallException {
        private static final long serialVersionUID = 1;

        private QueueTimedOut(String what, Outcome.QueueTimedOut outcome) {
            super(
                    "'%s' waited longer than %s for a worker and was not started"
                            .formatted(what, words(outcome.limit())),
                    outcome);
        }
    }

    /** The call was cancelled. */
    public static final class Cancelled extends CallException {
        private static final long serialVersionUID = 1;

        private Cancelled(String what, Outcome.Cancelled outcome) {
            super(
                    "'%s' was cancelled %s"
                            .formatted(
                                    what, outcome.started() ? "while it ran" : "before it started"),
                    outcome);
        }
    }

    /** The pool ended or broke before the call could end. */
    public static final class Abandoned extends CallException {
        private static final long serialVersionUID = 1;

        private Abandoned(String what, Outcome.Abandoned outcome) {
            super("'%s' was given up: %s".formatted(what, outcome.why()), outcome);
        }
    }

    /**
     * Some items of a map failed. The cause is the first failure in input order; {@link
     * MapResult#items()} has all.
     */
    public static final class MapFailed extends CallException {
        private static final long serialVersionUID = 1;
        private final int failed;
        private final int total;

        MapFailed(String what, int failed, int total, int firstIndex, CallException first) {
            super(
                    "%,d of %,d items of '%s' failed, first at index %d: %s"
                            .formatted(failed, total, what, firstIndex, first.getMessage()),
                    first.outcome());
            this.failed = failed;
            this.total = total;
            initCause(first);
        }

        /** How many items failed. */
        public int failed() {
            return failed;
        }

        /** How many items there were. */
        public int total() {
            return total;
        }
    }

    /** The remote stack trace, shown where Java shows causes. */
    private static final class RemoteTrace extends Exception {
        private static final long serialVersionUID = 1;

        RemoteTrace(Failure failure) {
            super(failure.stack().strip(), null, false, false);
        }
    }

    /**
     * The exception for an outcome that is not {@link Outcome.Done}.
     *
     * @param what name of the task
     * @throws IllegalArgumentException for {@link Outcome.Done}
     */
    public static CallException of(String what, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ ->
                    throw new IllegalArgumentException("the call was successful: " + what);
            case Outcome.Failed failed -> new TaskFailed(what, failed);
            case Outcome.TimedOut timedOut -> new TimedOut(what, timedOut);
            case Outcome.QueueTimedOut timedOut -> new QueueTimedOut(what, timedOut);
            case Outcome.Crashed crashed -> new WorkerCrashed(what, crashed);
            case Outcome.MemoryExceeded exceeded -> new MemoryLimitExceeded(what, exceeded);
            case Outcome.Cancelled cancelled -> new Cancelled(what, cancelled);
            case Outcome.Abandoned abandoned -> new Abandoned(what, abandoned);
        };
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
