package org.processpool.wire;

import java.util.Objects;

/**
 * Why a call failed in a worker that lived on.
 *
 * @param kind whose fault it is
 * @param type class name of the exception
 * @param message its message, or empty
 * @param stack its stack trace in the worker with causes, or empty; bounded by the worker
 */
public record Failure(Kind kind, String type, String message, String stack) {

    /** Whose fault a failure is. The order is the number on the wire: only append. */
    public enum Kind {
        /** The task threw. */
        TASK,
        /** The input does not fit the task's declared type. */
        INPUT,
        /** The worker has no such task, class or method. */
        TARGET,
        /** The result cannot be encoded. */
        RESULT,
        /** A payload is larger than allowed. */
        TOO_LARGE,
        /** The task ended because it was cancelled. */
        CANCELLED,
        /** The worker itself is at fault: an initializer, an unknown conversation, our bug. */
        WORKER
    }

    public Failure {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(stack, "stack");
    }

    @Override
    public String toString() {
        return message.isEmpty() ? type : type + ": " + message;
    }
}
