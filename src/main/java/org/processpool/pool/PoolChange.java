package org.processpool.pool;

import java.util.OptionalInt;

/**
 * What shall be different in a pool that runs; what is empty stays as it is. A value out of its
 * range is refused at birth, naming it.
 *
 * {@snippet :
 * pool.reconfigure(PoolChange.NONE.processes(8).queueLimit(500));
 * }
 *
 * @param processes most worker processes, 1 to 4,096
 * @param minProcesses workers kept even when idle, 0 to {@code processes}
 * @param maxTasksPerChild calls after which a worker is replaced, at least 1, or 0 for never
 * @param queueLimit most calls that wait for a worker, at least 0
 */
public record PoolChange(
        OptionalInt processes,
        OptionalInt minProcesses,
        OptionalInt maxTasksPerChild,
        OptionalInt queueLimit) {

    /** Changes nothing. */
    public static final PoolChange NONE =
            new PoolChange(
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty());

    /**
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public PoolChange {
        processes.ifPresent(value -> PoolConfig.between("processes", value, 1, 4096));
        minProcesses.ifPresent(
                value -> PoolConfig.between("minProcesses", value, 0, processes.orElse(4096)));
        maxTasksPerChild.ifPresent(
                value -> PoolConfig.between("maxTasksPerChild", value, 0, Integer.MAX_VALUE));
        queueLimit.ifPresent(
                value -> PoolConfig.between("queueLimit", value, 0, Integer.MAX_VALUE));
    }

    /** The same with another {@link #processes}. */
    public PoolChange processes(int value) {
        return new PoolChange(OptionalInt.of(value), minProcesses, maxTasksPerChild, queueLimit);
    }

    /** The same with another {@link #minProcesses}. */
    public PoolChange minProcesses(int value) {
        return new PoolChange(processes, OptionalInt.of(value), maxTasksPerChild, queueLimit);
    }

    /** The same with another {@link #maxTasksPerChild}. */
    public PoolChange maxTasksPerChild(int value) {
        return new PoolChange(processes, minProcesses, OptionalInt.of(value), queueLimit);
    }

    /** The same with another {@link #queueLimit}. */
    public PoolChange queueLimit(int value) {
        return new PoolChange(processes, minProcesses, maxTasksPerChild, OptionalInt.of(value));
    }
}
