package org.processpool.store;

import static java.lang.System.Logger.Level.INFO;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.processpool.job.JobQueue;
import org.processpool.job.JobStore;
import org.processpool.job.StoreException;

/** An open database of jobs: its two sides, and its end. */
public final class Store implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Store.class.getName());

    private final @Nullable FileChannel lock;
    private final JobStore jobs;
    private final SchedulerQueue queue;

    private Store(@Nullable FileChannel lock, JobStore jobs, SchedulerQueue queue) {
        this.lock = lock;
        this.jobs = jobs;
        this.queue = queue;
    }

    /**
     * Opens the store: locks the directory of an embedded one, brings the tables up to date, and
     * makes due again what the last process was at. Blocks until that is done. The data sources are
     * used from then on until {@link #close}, and have to be closed by the caller after it.
     *
     * @param writer the connections that write; of SQLite exactly one, in auto-commit mode, with
     *     {@code journal_mode=WAL} and a {@code busy_timeout}
     * @param reader the connections that read; of PostgreSQL it may be the same
     * @throws IllegalStateException if another process has the directory, or the database is not as
     *     described
     * @throws StoreException if the database cannot be reached
     */
    public static Store open(StoreConfig config, DataSource writer, DataSource reader) {
        FileChannel lock = config.directory().map(Store::lock).orElse(null);
        try {
            return open(config, lock, writer, reader);
        } catch (RuntimeException | Error failed) {
            try {
                unlock(lock);
            } catch (RuntimeException alsoFailed) {
                failed.addSuppressed(alsoFailed);
            }
            throw failed;
        }
    }

    private static Store open(
            StoreConfig config, @Nullable FileChannel lock, DataSource writer, DataSource reader) {
        Dialect dialect = config.dialect();
        long maxPages = dialect == Dialect.SQLITE ? checked(writer, config.maxBytes()) : 0;
        migrate(dialect, writer);
        var gate = new Gate(dialect, writer, maxPages);
        if (dialect == Dialect.SQLITE) {
            release(gate);
        }
        var group = new GroupWriter(dialect, gate);
        var jobs = new SqlJobStore(dialect, group, new Reader(reader), config.clock());
        var queue = new SchedulerQueue(dialect, gate, config.replica(), config.clock());
        return new Store(lock, jobs, queue);
    }

    /** The side that writes down what jobs are. */
    public JobStore jobs() {
        return jobs;
    }

    /** The side that says when they are due. */
    public JobQueue queue() {
        return queue;
    }

    /**
     * Ends the queue if it has not been stopped, writes what is asked already, and gives the
     * directory free. A second time it does nothing.
     */
    @Override
    public void close() {
        queue.close();
        jobs.close();
        unlock(lock);
    }

    private static FileChannel lock(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel channel =
                    FileChannel.open(
                            directory.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                String by = content(channel);
                channel.close();
                throw new IllegalStateException(
                        "the store in %s is in use by another service (process %s)"
                                .formatted(directory.toAbsolutePath(), by));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(
                            Long.toString(ProcessHandle.current().pid())
                                    .getBytes(StandardCharsets.US_ASCII)));
            return channel;
        } catch (IOException failed) {
            throw new UncheckedIOException(
                    "the store's directory %s cannot be used".formatted(directory), failed);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException ours) {
            return false; // this process has it open already
        }
    }

    private static String content(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(20);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    }

    private static void unlock(@Nullable FileChannel lock) {
        if (lock == null) {
            return;
        }
        try {
            lock.close();
        } catch (IOException failed) {
            throw new UncheckedIOException("the store's directory cannot be given free", failed);
        }
    }

    /** Refuses a connection that would lose jobs. @return most pages of the file; 0 is no limit */
    private static long checked(DataSource writer, long maxBytes) {
        try (Connection connection = writer.getConnection();
                var session = new Session(connection)) {
            String mode =
                    session.first("pragma journal_mode", row -> row.getString(1)).orElseThrow();
            if (!mode.equals("wal")) {
                throw new IllegalStateException(
                        "the embedded store needs journal_mode=WAL, was " + mode);
            }
            long page = session.number("pragma page_size");
            return maxBytes == 0 ? 0 : Math.max(1, maxBytes / page);
        } catch (SQLException failed) {
            throw Failures.of(failed);
        }
    }

    private static void migrate(Dialect dialect, DataSource writer) {
        try {
            int steps =
                    Flyway.configure(Store.class.getClassLoader())
                            .dataSource(writer)
                            .locations("classpath:" + dialect.migrations())
                            .load()
                            .migrate()
                            .migrationsExecuted;
            if (steps > 0) {
                LOG.log(INFO, "the store''s tables took {0} steps to be up to date", steps);
            }
        } catch (FlywayException failed) {
            throw new StoreException.Unavailable("the store's tables cannot be made", failed);
        }
    }

    private static void release(Gate gate) {
        try {
            int released =
                    gate.enter(connection -> {
                        try (var session = new Session(connection)) {
                            return Schedule.release(session, "%");
                        }
                    });
            if (released > 0) {
                LOG.log(INFO, "{0} runs were cut off by the last end and are due again", released);
            }
        } catch (SQLException failed) {
            throw Failures.of(failed);
        }
    }
}
