package org.processpool.store;

import static java.lang.System.Logger.Level.DEBUG;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.processpool.job.StoreException;

/**
 * Writes. What is asked while it commits waits and then shares the next commit, so that many
 * callers wait for the disk once, not one after the other. A change that fails harms no other: each
 * has its own savepoint. Callers return after the commit, or with an exception.
 *
 * <p>One thread owns the connection while it is inside the {@link Gate}; changes are functions of a
 * session and of nothing else, because one may be run again when its neighbour has spoilt the
 * transaction of both.
 */
final class GroupWriter implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(GroupWriter.class.getName());
    private static final int MOST = 100;
    private static final int MOST_TRIES = 5;
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Something to write. */
    interface Change<T> {
        T apply(Session session) throws SQLException;
    }

    private static final class Entry<T> {
        final Change<T> change;
        final CompletableFuture<T> done = new CompletableFuture<>();
        @Nullable T value;
        int tries;

        Entry(Change<T> change) {
            this.change = change;
        }

        void apply(Session session) throws SQLException {
            tries++;
            value = change.apply(session);
        }

        @SuppressWarnings("NullAway") // a change may well return what it likes
        void committed() {
            done.complete(value);
        }

        void failed(Throwable why) {
            done.completeExceptionally(Failures.of(why));
        }
    }

    private final Dialect dialect;
    private final Gate gate;
    private final LinkedBlockingQueue<Entry<?>> waiting = new LinkedBlockingQueue<>();
    private final Entry<Boolean> last = new Entry<>(_ -> true);
    private final Thread thread;

    /**
     * Guarded by this: whether nothing is taken any more. Whatever is in line before is written.
     */
    private boolean closed;

    GroupWriter(Dialect dialect, Gate gate) {
        this.dialect = dialect;
        this.gate = gate;
        // not a virtual thread: it waits for the disk inside native code
        this.thread = Thread.ofPlatform().name("store-writer").daemon().start(this::run);
    }

    /**
     * Writes. Blocks until it is durable, also when interrupted.
     *
     * @throws StoreException if it is not
     */
    <T> T write(Change<T> change) {
        var entry = new Entry<>(change);
        synchronized (this) {
            if (closed) {
                throw new StoreException.Unavailable("the store is closed", null);
            }
            waiting.add(entry);
        }
        try {
            return entry.done.join();
        } catch (CompletionException failed) {
            throw rethrown(failed.getCause());
        }
    }

    /** With the stack of the caller too: the other one is that of the writing thread. */
    private static RuntimeException rethrown(@Nullable Throwable cause) {
        return switch (cause) {
            case StoreException.Full full -> new StoreException.Full(text(full), full);
            case StoreException.Unavailable not -> new StoreException.Unavailable(text(not), not);
            case null, default -> new IllegalStateException("a change failed", cause);
        };
    }

    private static String text(Throwable of) {
        return String.valueOf(of.getMessage());
    }

    private void run() {
        List<Entry<?>> group = new ArrayList<>(MOST);
        int before = 0;
        for (boolean more = true; more; ) {
            try {
                group.add(waiting.take());
                waiting.drainTo(group, MOST - group.size());
                linger(group, before);
            } catch (InterruptedException nobodys) {
                throw new IllegalStateException("nobody interrupts the writer", nobodys);
            }
            before = group.size();
            more = !group.contains(last);
            commit(group);
            group.clear();
        }
    }

    /**
     * Those whose changes shared the last commit are about to come back, and it pays to wait a
     * moment for them; who comes alone is not kept waiting.
     */
    private void linger(List<Entry<?>> group, int before) throws InterruptedException {
        long end = System.nanoTime() + LINGER_NANOS;
        while (group.size() < before && !group.contains(last)) {
            Entry<?> next = waiting.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                return;
            }
            group.add(next);
            waiting.drainTo(group, MOST - group.size());
        }
    }

    private void commit(List<Entry<?>> group) {
        List<Entry<?>> open = new ArrayList<>(group);
        try {
            var _ =
                    gate.enter(connection -> {
                        while (!open.isEmpty()) {
                            attempt(connection, open);
                        }
                        return true;
                    });
        } catch (SQLException | RuntimeException | Error unreachable) {
            // what has been completed before stays completed
            group.forEach(each -> each.failed(unreachable));
        }
    }

    /** Tries to commit all that is open; each one that ended, well or not, is taken off. */
    private void attempt(Connection connection, List<Entry<?>> open) throws SQLException {
        List<Entry<?>> written = new ArrayList<>(open.size());
        try (var session = new Session(connection)) {
            session.run(dialect.begin());
            try {
                for (Entry<?> each : List.copyOf(open)) {
                    if (applied(session, each, open)) {
                        written.add(each);
                    }
                }
                session.run("commit");
            } catch (Lost lost) {
                rollback(session);
                if (!retried(lost.trouble, lost.culprit)) {
                    open.remove(lost.culprit);
                    lost.culprit.failed(lost.trouble);
                }
                return; // the others once more, without it
            } catch (SQLException | RuntimeException | Error failed) {
                rollback(session);
                if (Failures.isTransient(failed)
                        && written.stream().allMatch(each -> each.tries < MOST_TRIES)) {
                    return;
                }
                throw failed;
            }
        }
        open.removeAll(written);
        written.forEach(Entry::committed);
    }

    private static boolean retried(Throwable trouble, Entry<?> entry) {
        return Failures.isTransient(trouble) && entry.tries < MOST_TRIES;
    }

    /** Applies one change in its savepoint; false if it is not part of the transaction. */
    private static boolean applied(Session session, Entry<?> entry, List<Entry<?>> open)
            throws SQLException, Lost {
        session.run("savepoint one");
        try {
            entry.apply(session);
            session.run("release savepoint one");
            return true;
        } catch (SQLException | RuntimeException | Error failed) {
            try {
                session.run("rollback to savepoint one");
                session.run("release savepoint one");
            } catch (SQLException gone) {
                failed.addSuppressed(gone);
                throw new Lost(failed, entry);
            }
            if (!retried(failed, entry)) {
                open.remove(entry);
                entry.failed(failed);
            }
            return false;
        }
    }

    private static void rollback(Session session) {
        try {
            session.run("rollback");
        } catch (SQLException nothingToRollBack) {
            // SQLite does it by itself after some errors; a connection that is broken has none
            LOG.log(DEBUG, "no transaction to roll back: {0}", nothingToRollBack.getMessage());
        }
    }

    /** A change has ended the transaction of all. */
    private static final class Lost extends Exception {
        private static final long serialVersionUID = 1;
        private final transient Throwable trouble;
        private final transient Entry<?> culprit;

        Lost(Throwable trouble, Entry<?> culprit) {
            super(trouble);
            this.trouble = trouble;
            this.culprit = culprit;
        }
    }

    /** Writes what waits and ends; a second time it does nothing. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            waiting.add(last);
        }
        try {
            thread.join();
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt(); // it ends by itself, as a daemon at the latest
        }
    }
}
