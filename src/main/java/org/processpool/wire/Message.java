package org.processpool.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/** Everything that can be said between the parent and one worker. */
public sealed interface Message {

    /** Version of this family; both sides must have the same. */
    int PROTOCOL = 2;

    /** What the parent says. */
    sealed interface ToWorker extends Message {}

    /** What a worker says. */
    sealed interface ToParent extends Message {}

    /**
     * First word of the parent. The worker runs the initializer, warms up and answers {@link
     * Ready}, or {@link InitFailed} and exits with code 70.
     *
     * @param protocol {@link #PROTOCOL}
     * @param maxPayload most bytes of one payload in either direction
     * @param spinNanos how long an idle worker may spin for the next call before it sleeps; 0 never
     * @param trouble whether tasks marked as trouble are offered
     * @param initializer what to run once, or null
     * @param initArgs a payload holding the array of its arguments, or null
     */
    record Hello(
            int protocol,
            int maxPayload,
            long spinNanos,
            boolean trouble,
            @Nullable Target initializer,
            @Nullable Payload initArgs)
            implements ToWorker {}

    /** Gives a target a number that later calls use; sent once per worker before its first use. */
    record Define(int targetId, Target target) implements ToWorker {}

    /**
     * Run a target once. Calls are run in the order they arrive. Answered by {@link Done}, {@link
     * Failed} or {@link Skipped}.
     *
     * @param star whether the input is an array of positional arguments for a target of several
     *     parameters
     * @param overheard whether what it prints is to be told by {@link Said}
     * @param token see {@link org.processpool.task.TaskContext#fencingToken}; 0 for none
     */
    record Run(
            long callId,
            int targetId,
            int attempt,
            boolean star,
            boolean overheard,
            long token,
            Payload input)
            implements ToWorker {

        /** A call that is not overheard and has no token. */
        public Run(long callId, int targetId, int attempt, boolean star, Payload input) {
            this(callId, targetId, attempt, star, false, 0, input);
        }
    }

    /**
     * Run a target once per item. Answered by {@link ChunkDone}, {@link Failed} or {@link Skipped}.
     *
     * @param count number of items, at least 1
     * @param star whether each item is an array of positional arguments
     * @param overheard whether what it prints is to be told by {@link Said}
     * @param token see {@link org.processpool.task.TaskContext#fencingToken}; 0 for none
     * @param inputs the items one after the other: a CBOR sequence (RFC 8742) or, as JSON, values
     *     separated by newlines
     */
    record RunChunk(
            long callId,
            int targetId,
            int attempt,
            boolean star,
            boolean overheard,
            long token,
            int count,
            Payload inputs)
            implements ToWorker {

        /** A call that is not overheard and has no token. */
        public RunChunk(
                long callId, int targetId, int attempt, boolean star, int count, Payload inputs) {
            this(callId, targetId, attempt, star, false, 0, count, inputs);
        }
    }

    /** Open a conversation in this worker. Answered like {@link Run}, with a null result. */
    record Open(long callId, long conversationId, TaskName conversation) implements ToWorker {}

    /** One turn of an open conversation. Answered like {@link Run}. */
    record Say(long callId, long conversationId, int attempt, Payload input) implements ToWorker {}

    /** The conversation has ended. Answered like {@link Run}, with a null result. */
    record End(long callId, long conversationId) implements ToWorker {}

    /**
     * If the call runs: ask it to end (flag and interrupt); it still gets its own answer. If it has
     * not started: {@link Skipped}. If it is unknown or was answered: nothing.
     */
    record Cancel(long callId) implements ToWorker {}

    /** If the call has not started: {@link Skipped}. Otherwise nothing. */
    record Recall(long callId) implements ToWorker {}

    /** Are you there? Answered at once by {@link Pong}, also while a task runs. */
    record Ping(long nonce) implements ToWorker {}

    /** Answered at once by {@link Threads}, also while a task runs. */
    record DumpThreads(long nonce) implements ToWorker {}

    /** Answered by {@link Catalog}. */
    record Describe(long nonce) implements ToWorker {}

    /** Finish what has arrived, then exit with code 0. */
    record Stop() implements ToWorker {}

    /** First word of a worker: it is warm and its initializer has run. */
    record Ready(int protocol, long pid) implements ToParent {}

    /** The initializer failed, or the protocol versions differ; the worker exits. */
    record InitFailed(Failure failure) implements ToParent {}

    /** The call has a result. */
    record Done(long callId, long runNanos, Payload output) implements ToParent {}

    /**
     * All items of the chunk have run.
     *
     * @param count number of items
     * @param outputs one value per item in input order, encoded as the inputs were; null stands for
     *     a failed one
     * @param failures the failed items, by ascending index
     */
    record ChunkDone(
            long callId, long runNanos, int count, Payload outputs, List<ItemFailure> failures)
            implements ToParent {}

    /** One failed item of a chunk; {@code index} counts from 0 within it. */
    record ItemFailure(int index, Failure failure) {}

    /** The call failed and the worker lives. */
    record Failed(long callId, long runNanos, Failure failure) implements ToParent {}

    /** The call had not started and will not. */
    record Skipped(long callId) implements ToParent {}

    /** See {@link org.processpool.task.TaskContext#progress}. */
    record Progress(long callId, long done, long total, @Nullable String message)
            implements ToParent {}

    /** See {@link org.processpool.task.TaskContext#emit}. */
    record Part(long callId, Payload part) implements ToParent {}

    /**
     * What was printed while a call ran that is to be overheard; all of it comes before the call's
     * answer. The texts of one stream, one after the other, are what was printed to it.
     *
     * @param error whether to standard error, else to standard output
     * @param text at most {@link #PIECE} characters; ends with a newline unless it was flushed
     *     without, is a piece of a longer line or the last of the call
     */
    record Said(long callId, boolean error, String text) implements ToParent {

        /** Most bytes that become one message. */
        public static final int PIECE = 64 << 10;

        /** Most bytes of one stream that are told of one call; a line says that more is cut. */
        public static final int MOST = 1 << 20;

        /**
         * What a worker writes to its log (descriptor 2) before a call, if something was printed
         * since it did so last: what was printed before is of no concern to that call's client.
         */
        public static final char ANOTHER_CALL = '\u001d';
    }

    /** Answer to {@link Ping}, with the bytes of heap in use. */
    record Pong(long nonce, long heapUsed) implements ToParent {}

    /** Answer to {@link DumpThreads}: every thread and its stack, as text. */
    record Threads(long nonce, String dump) implements ToParent {}

    /** Answer to {@link Describe}. */
    record Catalog(long nonce, List<TaskDescription> tasks) implements ToParent {}
}
