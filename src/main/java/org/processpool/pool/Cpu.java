package org.processpool.pool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the kernel says of processor time. {@link ProcessHandle.Info} would say it, too, but looks
 * up command line and user each time.
 */
final class Cpu {

    /** Linux counts for user space in hundredths of a second, whatever its own clock (proc(5)). */
    private static final long TICK_MILLIS = 10;

    /** Places of utime and stime after the name of the program, which may contain anything. */
    private static final int USER = 11;

    private static final int SYSTEM = 12;

    private Cpu() {}

    /** Time a process has used; empty if it is gone or the system does not say. */
    static Optional<Duration> used(long pid) {
        try {
            return used(Files.readString(Path.of("/proc", "" + pid, "stat")));
        } catch (IOException unknown) {
            return Optional.empty();
        }
    }

    /** Reads the line that {@code /proc/<pid>/stat} consists of. */
    static Optional<Duration> used(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", SYSTEM + 2);
        try {
            return fields.length <= SYSTEM
                    ? Optional.empty()
                    : Optional.of(
                            Duration.ofMillis(
                                    TICK_MILLIS
                                            * (Long.parseLong(fields[USER])
                                                    + Long.parseLong(fields[SYSTEM]))));
        } catch (NumberFormatException unknown) {
            return Optional.empty();
        }
    }
}
