package org.processpool.quarkus;

import io.quarkus.logging.LoggingFilter;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;
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

    /** The message with its parameters. */
    private static final ExtFormatter MESSAGE = new PatternFormatter("%s");

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
            String message = MESSAGE.format(line);
            if (!isPrintable(message)) {
                line.setMessage(printable(message), ExtLogRecord.FormatStyle.NO_FORMAT);
                line.setParameters(null);
            }
        }
        Throwable thrown = record.getThrown();
        if (thrown != null && !isPrintable(thrown, identitySet())) {
            record.setThrown(Printable.of(thrown, identitySet()));
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

        private Printable(String text) {
            this.text = text;
        }

        static Printable of(Throwable original, Set<Throwable> seen) {
            seen.add(original);
            var shown = new Printable(printable(original.toString()));
            shown.setStackTrace(original.getStackTrace());
            Throwable cause = original.getCause();
            if (cause != null && !seen.contains(cause)) {
                var _ = shown.initCause(of(cause, seen));
            }
            for (Throwable suppressed : original.getSuppressed()) {
                if (!seen.contains(suppressed)) {
                    shown.addSuppressed(of(suppressed, seen));
                }
            }
            return shown;
        }

        @Override
        @SuppressWarnings("OverrideThrowableToString") // the name of the class is the original's
        public String toString() {
            return text;
        }
    }
}
