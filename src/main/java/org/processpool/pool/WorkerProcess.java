package org.processpool.pool;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** One running worker as the operating system, or inline mode, gives it. */
interface WorkerProcess {

    /** What the worker says. */
    InputStream fromWorker();

    /** What it hears. */
    OutputStream toWorker();

    /** What it prints. */
    InputStream printed();

    long pid();

    /** A directory in shared memory that it knows, too; deleted after its end. */
    default Optional<Path> shelves() {
        return Optional.empty();
    }

    /** Waits until it has ended, and tells the exit code. Does not heed interrupts. */
    int awaitExit();

    /** From now on {@link #unread} can tell; called once it is ready. */
    default void watchInput() {}

    /** Once it has ended: how many bytes it had not read; 0 also where nobody can tell. */
    default int unread() {
        return 0;
    }

    /** Asks it to end: SIGTERM. */
    void terminate();

    /** Ends it and every process it has started: SIGKILL. Does not wait. */
    void kill();

    /**
     * Kills what it left behind and deletes its directory; called once, after its end. May block.
     */
    void cleanUp();

    /** Resident memory in bytes, or 0 where nobody can tell. */
    long residentBytes();

    /** What tells how much it uses, if anything can. */
    default Optional<Meter> meter() {
        return Optional.empty();
    }

    /** Processor time used so far; empty where nobody can tell, and once it has ended. */
    default Optional<Duration> cpu() {
        return Optional.empty();
    }

    /** Starts one. Blocks for the time of a fork. */
    static WorkerProcess start(PoolConfig config, String label) throws IOException {
        return switch (config.command()) {
            case WorkerCommand.Separate start -> Spawner.start(start, config, label);
            case WorkerCommand.Inline _ -> new InlineWorker(label);
        };
    }
}
