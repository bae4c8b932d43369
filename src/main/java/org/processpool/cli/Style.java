package org.processpool.cli;

import java.util.regex.Pattern;

/** Colours, which only say again what the words say. */
final class Style {

    private static final Pattern SEQUENCE = Pattern.compile("\033\\[\\d+m");
    private static final String END = "\033[0m";

    private Style() {}

    static String heading(String text) {
        return "\033[1m" + text + END;
    }

    /** The state of a job, a pool or a worker. */
    static String state(String state) {
        String colour =
                switch (state) {
                    case "SUCCEEDED", "RUNNING", "idle" -> "\033[32m";
                    case "FAILED", "BROKEN", "killed" -> "\033[31m";
                    case "QUEUED", "CANCELLING", "CANCELLED", "busy", "leased" -> "\033[33m";
                    default -> "";
                };
        return colour.isEmpty() ? state : colour + state + END;
    }

    static String without(String text) {
        return text.indexOf('\033') < 0 ? text : SEQUENCE.matcher(text).replaceAll("");
    }

    /**
     * Text of somebody else's on one line: a control character in it cannot move the cursor or
     * change a colour.
     */
    static String plain(String text) {
        return text.codePoints().anyMatch(Character::isISOControl)
                ? text.codePoints()
                        .map(c -> Character.isISOControl(c) ? ' ' : c)
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString()
                : text;
    }
}
