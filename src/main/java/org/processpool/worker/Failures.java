package org.processpool.worker;

import java.lang.reflect.InvocationTargetException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.Failure;
import org.processpool.wire.Failure.Kind;

/**
 * What is told of an exception. Nothing an exception does when asked for its message can hurt, and
 * what is told is bounded.
 */
final class Failures {

    private static final int LONGEST_MESSAGE = 4 * 1024;
    private static final int LONGEST_STACK = 16 * 1024;
    private static final int MOST_FRAMES = 50;
    private static final int MOST_CAUSES = 10;

    private Failures() {}

    /** A failure that is ours to explain, without a stack trace. */
    static Failure of(Kind kind, String message) {
        return new Failure(kind, "", message, "");
    }

    /** A failure whose message says it all, without a stack trace. */
    static Failure of(Kind kind, Throwable thrown) {
        return new Failure(kind, thrown.getClass().getName(), message(thrown), "");
    }

    /** What user code threw, with a stack trace that ends where our code begins. */
    static Failure thrown(Throwable thrown, boolean cancelled) {
        return new Failure(
                cancelled && isCancellation(thrown) ? Kind.CANCELLED : Kind.TASK,
                thrown.getClass().getName(),
                message(thrown),
                stack(thrown));
    }

    /** Whether a task that was cancelled ends this way because of it. */
    static boolean isCancellation(Throwable thrown) {
        Throwable at = thrown;
        for (int depth = 0; at != null && depth < MOST_CAUSES; depth++) {
            if (at instanceof InterruptedException || at instanceof CancellationException) {
                return true;
            }
            at = cause(at);
        }
        return false;
    }

    /** What a reflective call really threw. */
    static Throwable unwrapped(InvocationTargetException thrown) {
        Throwable cause = thrown.getCause();
        return cause != null ? cause : thrown;
    }

    private static String message(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? "" : bounded(message, LONGEST_MESSAGE);
        } catch (Throwable nasty) {
            return "(its getMessage threw " + nasty.getClass().getName() + ")";
        }
    }

    private static @Nullable Throwable cause(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Throwable nasty) {
            return null;
        }
    }

    private static String stack(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Throwable at = thrown;
        while (at != null && seen.add(at) && seen.size() <= MOST_CAUSES) {
            append(text, seen.size() == 1 ? "" : "Caused by: ", at);
            for (Throwable suppressed : at.getSuppressed()) {
                if (seen.add(suppressed) && seen.size() <= MOST_CAUSES) {
                    append(text, "Suppressed: ", suppressed);
                }
            }
            at = cause(at);
        }
        return bounded(text.toString(), LONGEST_STACK);
    }

    private static void append(StringBuilder text, String caption, Throwable thrown) {
        String message = message(thrown);
        text.append(caption).append(thrown.getClass().getName());
        if (!message.isEmpty()) {
            text.append(": ").append(message);
        }
        text.append('\n');
        StackTraceElement[] frames = thrown.getStackTrace();
        int end = ownFrames(frames);
        for (int i = 0; i < end && i < MOST_FRAMES; i++) {
            text.append("\tat ").append(frames[i]).append('\n');
        }
        if (end > MOST_FRAMES) {
            text.append("\t... ").append(end - MOST_FRAMES).append(" more\n");
        }
    }

    /** Index of the first frame below user code. */
    private static int ownFrames(StackTraceElement[] frames) {
        int end = 0;
        while (end < frames.length
                && !frames[end].getClassName().startsWith(Callee.class.getName())
                && !frames[end].getClassName().equals(TaskRunner.class.getName())) {
            end++;
        }
        while (end > 0 && isReflection(frames[end - 1].getClassName())) {
            end--;
        }
        return end;
    }

    private static boolean isReflection(String className) {
        return className.startsWith("java.lang.reflect.")
                || className.startsWith("jdk.internal.reflect.")
                || className.startsWith("java.lang.invoke.");
    }

    private static String bounded(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }
}
