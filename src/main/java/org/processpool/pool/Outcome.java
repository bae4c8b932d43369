package org.processpool.pool;

import java.time.Duration;
import java.util.Optional;
import org.processpool.task.Payload;
import org.processpool.wire.Failure;

/** How a call ended. Every accepted call gets exactly one. */
public sealed interface Outcome {

    /**
     * The task returned.
     *
     * @param output its result, still encoded; of a chunk, the results one after the other
     * @param ran time in the worker
     */
    record Done(Payload output, Duration ran) implements Outcome {}

    /**
     * The call failed and the worker lived on: the task threw, the input did not fit, or the result
     * could not be sent.
     *
     * @param ran time in the worker
     */
    record Failed(Failure failure, Duration ran) implements Outcome {}

    /**
     * The call ran longer than it may. By now it runs no more: it gave up when asked, or its worker
     * was killed.
     *
     * @param limit the limit it had
     * @param pid the worker's process id
     * @param threads what the worker's threads were doing at the limit, or empty if it could not
     *     say
     */
    record TimedOut(Duration limit, long pid, String threads) implements Outcome {}

    /** The call waited longer than it may and was never started. */
    record QueueTimedOut(Duration limit) implements Outcome {}

    /**
     * The worker died during the call.
     *
     * @param pid the dead process
     * @param exitCode its exit code; 128 + n for signal n; -1 if unknown
     * @param signal name of the signal that ended it, such as SIGSEGV
     * @param reason what the supervisor knows: crashed, heartbeat lost, broken protocol
     * @param lastWords the last lines it printed since that call began, bounded
     */
    record Crashed(
            long pid, int exitCode, Optional<String> signal, ExitReason reason, String lastWords)
            implements Outcome {}

    /**
     * The worker died of memory during the call: its Java heap was full, it grew over the hard
     * limit, or the kernel chose it.
     *
     * @param limitBytes the limit, or 0 where only the kernel knows
     * @param seenBytes most resident memory seen, or 0 if never looked at
     * @param detail which of the three, in words
     */
    record MemoryExceeded(long pid, long limitBytes, long seenBytes, String detail)
            implements Outcome {}

    /**
     * The caller cancelled.
     *
     * @param started whether it may have run for a while
     */
    record Cancelled(boolean started) implements Outcome {}

    /** The pool ended or broke before the call could. */
    record Abandoned(String why) implements Outcome {}

    /** Whether the task returned. */
    default boolean successful() {
        return this instanceof Done;
    }

    /** One word for metrics and logs: {@code done}, {@code failed}, {@code timed-out}, … */
    default String word() {
        return switch (this) {
            case Done _ -> "done";
            case Failed _ -> "failed";
            case TimedOut _ -> "timed-out";
            case QueueTimedOut _ -> "queue-timed-out";
            case Crashed _ -> "crashed";
            case MemoryExceeded _ -> "memory-limit";
            case Cancelled _ -> "cancelled";
            case Abandoned _ -> "abandoned";
        };
    }
}
