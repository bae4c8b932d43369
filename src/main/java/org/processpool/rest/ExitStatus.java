package org.processpool.rest;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.PoolSnapshot;

/**
 * The end of a worker process as a client sees it.
 *
 * @param worker name of its slot
 * @param pid its process id, or null if it never was started
 * @param reason why it ended, such as crashed or recycled
 * @param exitCode 128 + n after signal n, or null if it never was started
 * @param at when
 */
@Schema(name = "WorkerExit")
record ExitStatus(
        String worker, @Nullable Long pid, String reason, @Nullable Integer exitCode, Instant at) {

    static ExitStatus of(PoolSnapshot.Exit exit) {
        return new ExitStatus(
                exit.worker(),
                exit.pid() < 0 ? null : exit.pid(),
                exit.reason().word(),
                exit.exitCode().isPresent() ? exit.exitCode().getAsInt() : null,
                exit.at().truncatedTo(ChronoUnit.MILLIS));
    }
}
