package org.processpool.quarkus;

import io.quarkus.logging.LoggingFilter;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import org.jboss.logmanager.ExtLogRecord;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each entry of the log one line, whatever text of users is in it: control characters in
 * messages, and in those of exceptions, are shown as Java would escape them. A stack trace follows
 * in lines of its own where the format has it so.
 */
@LoggingFilter(name = "printable")
public final class PrintableLog implements Filter {

    /** Whatever could move a terminal's cursor, forge a line or turn the direction of writing. */
    private static final Pattern UNPRINTABLE =
            Pattern.compile("[\\p{Cc}\\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069&&[^\t]]");

    /** The text with control characters as Java would escape them. */
    static String printable(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
    }

    private static boolean isPrintable(@Nullable String text) {
        return text == null || !UNPRINTABLE.matcher(text).find();
    }

    /** Lets every record pass, mended if need be. */
    @Override
    public boolean isLoggable(LogRecord record) {
        if (record instanceof ExtLogRecord line) {
            String message = line.getFormattedMessage();
            if (!isPrintable(message)) {
                line.setMessage(printable(message), ExtLogRecord.FormatStyle.NO_FORMAT);
                line.setParameters(null);
            }
        }
        Throwable thrown = record.getThrown();
        if (thrown != null && !isPrintable(thrown, identitySet())) {
            record.setThrown(new Printable(thrown, identitySet()));
        }
        return true;
    }

    private static Set<Throwable> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private static boolean isPrintable(@Nullable Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) {
            return true;
        }
        boolean printable = isPrintable(thrown.toString()) && isPrintable(thrown.getCause(), seen);
        for (Throwable suppressed : thrown.getSuppressed()) {
            printable &= isPrintable(suppressed, seen);
        }
        return printable;
    }

    /** An exception that says what another one says, in one line. */
    private static final class Printable extends Throwable {

        private static final long serialVersionUID = 1;

        private final String text;

        Printable(Throwable original, Set<Throwable> seen) {
            super(null, null, true, true);
            seen.add(original);
            text = printable(original.toString());
            setStackTrace(original.getStackTrace());
            Throwable cause = original.getCause();
            if (cause != null && !seen.contains(cause)) {
                initCause(new Printable(cause, seen));
            }
            for (Throwable suppressed : original.getSuppressed()) {
                if (!seen.contains(suppressed)) {
                    addSuppressed(new Printable(suppressed, seen));
                }
            }
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
