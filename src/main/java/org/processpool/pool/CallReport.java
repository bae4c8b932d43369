package org.processpool.pool;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a call at its end.
 *
 * @param worker name of the slot of the worker that ran it last; null if it never started
 * @param pid that worker's process id; -1 if it never started
 * @param attempts how often it was run; 0 if it never started
 * @param waited time from the submission to the start of the last run, or to the end of a call that
 *     never started
 * @param ran time of the last run, zero if it never started
 * @param cpu processor time of the worker process during the last run, with all its threads, the
 *     JVM's own among them, in steps of usually 10 ms; of a worker that was killed by the pool, up
 *     to then; empty of one that died by itself and where nobody can tell, as in inline mode
 * @param maxRssBytes most resident memory of the worker process during the last run, with what the
 *     worker had before; where the kernel keeps no such figure for one run, the most that was seen
 *     at its beginning and its end; empty as above
 */
public record CallReport(
        @Nullable String worker,
        long pid,
        int attempts,
        Duration waited,
        Duration ran,
        Optional<Duration> cpu,
        OptionalLong maxRssBytes) {}
