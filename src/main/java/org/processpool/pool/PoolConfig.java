package org.processpool.pool;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.processpool.task.TaskName;

/**
 * How large a pool is, how patient, and how its workers are started. Made by {@link
 * ProcessPool#builder()}; a value out of its range refuses the start. No duration may be longer
 * than 3,650 days.
 *
 * @param name name in logs, metrics and thread names; 1 to 63 lower case letters, digits and dashes
 * @param processes most worker processes; at least 1, at most 4,096
 * @param minProcesses workers kept even when idle; 0 to {@code processes}
 * @param spares warm workers kept besides, to take the place of one that leaves; 0 to 4,096
 * @param idleTimeout after this time idle, a worker above {@code minProcesses} leaves; positive
 * @param maxTasksPerChild calls after which a worker is replaced, a chunk counts as one; at least
 *     1, or 0 for never
 * @param maxTasksJitter up to so many calls are added to that number at random, so that not all
 *     workers are replaced at once; at least 0
 * @param maxAge age after which a worker is replaced when its call has ended; zero for never
 * @param softMemory resident memory in bytes over which a worker is replaced when its call has
 *     ended; 0 for no limit
 * @param hardMemory resident memory in bytes over which a worker is killed; 0 for no limit
 * @param queueLimit most calls that wait for a worker; at least 0, where 0 means none waits. A map
 *     is accepted whole if one call may wait
 * @param whenFull what happens to a submission over that limit
 * @param timeout longest run of a call; zero for no limit
 * @param queueTimeout longest wait of a call; zero for no limit
 * @param cancelGrace how long a cancelled or timed-out call may take to give up by itself before
 *     its process is told to end; not negative
 * @param killGrace how long that process may take to end before it is killed; not negative
 * @param startTimeout longest time from the start of a process until it is ready; positive
 * @param startFailures starts that may fail in a row before the pool is broken; at least 1
 * @param heartbeat how often a worker that says nothing is asked whether it lives; zero for never
 * @param heartbeatTimeout longest silence after that question before the worker is killed; positive
 * @param maxPayload most bytes of one argument or result; 1 KiB to 1 GiB
 * @param conversationsPerWorker conversations one worker may hold at once; 1 to 100,000
 * @param initializer what each worker runs once before its first call
 * @param initArgs the initializer's arguments
 * @param command how a worker is started
 * @param environment variables for the workers besides PATH, LANG, TZ, HOME and TMPDIR; nothing
 *     else is inherited
 * @param workingDirectory where workers run; empty gives each a private directory that is deleted
 *     with it
 * @param offerTrouble whether tasks that make trouble on purpose are offered
 * @param maxOpenFiles files and connections a worker may have open at once; at least 64. Fewer
 *     where this process has a lower limit and must not raise it
 * @param maxFileSize bytes a worker may write to one file; at least 4 MiB, or 0 for no limit
 * @param sandbox what a worker is locked up in; not heeded inline
 * @param offer restricted tasks and conversations that are offered all the same
 */
public record PoolConfig(
        String name,
        int processes,
        int minProcesses,
        int spares,
        Duration idleTimeout,
        int maxTasksPerChild,
        int maxTasksJitter,
        Duration maxAge,
        long softMemory,
        long hardMemory,
        int queueLimit,
        WhenFull whenFull,
        Duration timeout,
        Duration queueTimeout,
        Duration cancelGrace,
        Duration killGrace,
        Duration startTimeout,
        int startFailures,
        Duration heartbeat,
        Duration heartbeatTimeout,
        int maxPayload,
        int conversationsPerWorker,
        Optional<Work<?, ?>> initializer,
        List<?> initArgs,
        WorkerCommand command,
        Map<String, String> environment,
        Optional<Path> workingDirectory,
        boolean offerTrouble,
        int maxOpenFiles,
        long maxFileSize,
        Sandbox sandbox,
        Set<TaskName> offer) {

    /** Longest duration a pool understands. */
    private static final Duration LONGEST = Duration.ofDays(3650);

    /** With fewer a JVM does not start. */
    private static final int LEAST_OPEN_FILES = 64;

    /** The files for large payloads have 2 MiB. */
    private static final long LEAST_FILE_SIZE = 4 << 20;

    /** What happens to a submission when {@code queueLimit} calls wait. */
    public enum WhenFull {
        /** It is refused with {@link PoolRejectedException.QueueFull}. */
        REFUSE,
        /** The submitting thread waits for room. */
        BLOCK
    }

    /** What a worker can be locked up in. */
    public enum Sandbox {
        /** Nothing: it has its parent's user, files and network, but no privileges. */
        NONE,
        /**
         * Bubblewrap: no network, no sight of other processes, and of the file system only what a
         * JVM needs, read-only, its class path, and, to write to, its own directory, {@code /tmp}
         * and a {@code workingDirectory} that was set; so a file that a flag of the JVM names has
         * to lie in one of these. Linux with the program {@code bwrap} only.
         */
        BWRAP
    }

    /**
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public PoolConfig {
        if (!name.matches("[a-z][a-z0-9-]{0,62}")) {
            throw new IllegalArgumentException(
                    "name must be 1 to 63 lower case letters, digits and dashes, was '%s'"
                            .formatted(name));
        }
        between("processes", processes, 1, 4096);
        between("minProcesses", minProcesses, 0, processes);
        between("spares", spares, 0, 4096);
        positive("idleTimeout", idleTimeout);
        between("maxTasksPerChild", maxTasksPerChild, 0, Integer.MAX_VALUE);
        between("maxTasksJitter", maxTasksJitter, 0, Integer.MAX_VALUE);
        notNegative("maxAge", maxAge);
        notNegative("softMemory", softMemory);
        notNegative("hardMemory", hardMemory);
        if (hardMemory > 0 && softMemory > hardMemory) {
            throw new IllegalArgumentException(
                    "softMemory must not be over hardMemory, was %,d over %,d bytes"
                            .formatted(softMemory, hardMemory));
        }
        between("queueLimit", queueLimit, 0, Integer.MAX_VALUE);
        Objects.requireNonNull(whenFull, "whenFull");
        notNegative("timeout", timeout);
        notNegative("queueTimeout", queueTimeout);
        notNegative("cancelGrace", cancelGrace);
        notNegative("killGrace", killGrace);
        positive("startTimeout", startTimeout);
        between("startFailures", startFailures, 1, Integer.MAX_VALUE);
        notNegative("heartbeat", heartbeat);
        positive("heartbeatTimeout", heartbeatTimeout);
        between("maxPayload", maxPayload, 1 << 10, 1 << 30);
        between("conversationsPerWorker", conversationsPerWorker, 1, 100_000);
        Objects.requireNonNull(initializer, "initializer");
        if (initializer.isEmpty() && !initArgs.isEmpty()) {
            throw new IllegalArgumentException("initArgs are given but no initializer");
        }
        Objects.requireNonNull(command, "command");
        environment = Map.copyOf(environment);
        for (String variable : environment.keySet()) {
            if (variable.isEmpty() || variable.indexOf('=') >= 0 || variable.indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "environment has a variable that cannot be: '%s'".formatted(variable));
            }
        }
        Objects.requireNonNull(workingDirectory, "workingDirectory");
        between("maxOpenFiles", maxOpenFiles, LEAST_OPEN_FILES, Integer.MAX_VALUE);
        if (maxFileSize != 0 && maxFileSize < LEAST_FILE_SIZE) {
            throw new IllegalArgumentException(
                    "maxFileSize must be 0 or at least %,d bytes, was %,d"
                            .formatted(LEAST_FILE_SIZE, maxFileSize));
        }
        Objects.requireNonNull(sandbox, "sandbox");
        if (sandbox == Sandbox.BWRAP
                && workingDirectory
                        .filter(place -> place.toAbsolutePath().getNameCount() == 0)
                        .isPresent()) {
            throw new IllegalArgumentException(
                    "workingDirectory must not be the root of the file system in a sandbox");
        }
        offer = Set.copyOf(offer);
    }

    static void between(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    most == Integer.MAX_VALUE
                            ? "%s must be at least %d, was %d".formatted(what, least, value)
                            : "%s must be from %d to %d, was %d"
                                    .formatted(what, least, most, value));
        }
    }

    static void notNegative(String what, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(
                    "%s must not be negative, was %s".formatted(what, value));
        }
        atMostTenYears(what, value);
    }

    static void notNegative(String what, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(
                    "%s must not be negative, was %d".formatted(what, value));
        }
    }

    private static void positive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "%s must be positive, was %s".formatted(what, value));
        }
        atMostTenYears(what, value);
    }

    /** Time is counted in nanoseconds, of which a long holds no more than 292 years. */
    private static void atMostTenYears(String what, Duration value) {
        if (value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "%s must be at most %d days, was %s".formatted(what, LONGEST.toDays(), value));
        }
    }
}
