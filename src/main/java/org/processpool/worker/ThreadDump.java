package org.processpool.worker;

import java.util.Map;

/** All threads with their stacks, in the manner of jstack. */
final class ThreadDump {

    private static final int LONGEST = 64 * 1024;

    private ThreadDump() {}

    /** Virtual threads are not part of it. */
    static String of(Thread first) {
        Map<Thread, StackTraceElement[]> stacks = Thread.getAllStackTraces();
        StringBuilder text = new StringBuilder();
        append(text, first, stacks.getOrDefault(first, first.getStackTrace()));
        for (Map.Entry<Thread, StackTraceElement[]> each : stacks.entrySet()) {
            if (each.getKey() != first && text.length() < LONGEST) {
                append(text, each.getKey(), each.getValue());
            }
        }
        if (text.length() > LONGEST) {
            text.setLength(LONGEST);
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Thread thread, StackTraceElement[] stack) {
        text.append('"').append(thread.getName()).append("\" #").append(thread.threadId());
        if (thread.isDaemon()) {
            text.append(" daemon");
        }
        text.append("\n   java.lang.Thread.State: ").append(thread.getState()).append('\n');
        for (StackTraceElement frame : stack) {
            text.append("\tat ").append(plain(frame)).append('\n');
        }
        text.append('\n');
    }

    /** Without the names of class loaders and modules. */
    private static StackTraceElement plain(StackTraceElement frame) {
        return new StackTraceElement(
                frame.getClassName(),
                frame.getMethodName(),
                frame.getFileName(),
                frame.getLineNumber());
    }
}
