package org.processpool.quarkus;

import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.processpool.pool.PoolListener;

/** Passes what workers print to the log, category {@code org.processpool.worker}. */
final class WorkerLog implements PoolListener {

    private static final Logger LOG = Logger.getLogger("org.processpool.worker");

    /** Whatever could move a terminal's cursor, forge a line or turn the direction of writing. */
    private static final Pattern UNPRINTABLE =
            Pattern.compile("[\\p{Cc}\\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069&&[^\t]]");

    @Override
    public void workerSaid(String worker, long pid, String line) {
        LOG.infof("%s (pid %d): %s", worker, pid, printable(line));
    }

    /** The text with control characters as Java would escape them. */
    static String printable(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
    }
}
