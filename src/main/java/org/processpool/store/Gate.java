package org.processpool.store;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The way to a connection that writes. SQLite has one writer, so there those who write line up here
 * in the order of their coming: the group writer, and db-scheduler with its short statements.
 * Whoever is inside has the connection; nobody inside waits for anybody else who wants in.
 *
 * <p>db-scheduler's statements say who has been handed what. After a loss of power it does no harm
 * if the last of them are forgotten, so they do not wait for the disk ({@code synchronous=NORMAL});
 * the group writer's do, and each time it comes it says so itself.
 */
final class Gate {

    private final Dialect dialect;
    private final DataSource writer;
    private final String[] durable;
    private final String[] quick;
    private final ReentrantLock line = new ReentrantLock(true);

    Gate(Dialect dialect, DataSource writer, long maxPages) {
        this.dialect = dialect;
        this.writer = writer;
        String limit = "pragma max_page_count=" + maxPages;
        boolean sqlite = dialect == Dialect.SQLITE;
        this.durable = limited(sqlite, "pragma synchronous=FULL", maxPages, limit);
        this.quick = limited(sqlite, "pragma synchronous=NORMAL", maxPages, limit);
    }

    private static String[] limited(boolean sqlite, String how, long maxPages, String limit) {
        if (!sqlite) {
            return new String[0];
        }
        return maxPages == 0 ? new String[] {how} : new String[] {how, limit};
    }

    /** What is done with a connection. */
    interface Visit<T> {
        T with(Connection connection) throws SQLException;
    }

    /** Goes in, with a connection in auto-commit mode whose commits are durable. */
    <T> T enter(Visit<T> visit) throws SQLException {
        lock();
        try (Connection connection = writer.getConnection()) {
            prepare(connection, durable);
            return visit.with(connection);
        } finally {
            unlock();
        }
    }

    /** The same way for db-scheduler: it is inside from {@code getConnection} to {@code close}. */
    DataSource forScheduler() {
        return dialect == Dialect.SQLITE ? new Guarded() : writer;
    }

    private void lock() {
        if (dialect == Dialect.SQLITE) {
            line.lock();
        }
    }

    private void unlock() {
        if (dialect == Dialect.SQLITE) {
            line.unlock();
        }
    }

    private static void prepare(Connection connection, String[] statements) throws SQLException {
        if (statements.length == 0) {
            return;
        }
        try (var statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private Connection guarded() throws SQLException {
        lock();
        Connection inner = null;
        try {
            inner = writer.getConnection();
            prepare(inner, quick);
            return (Connection)
                    Proxy.newProxyInstance(
                            Gate.class.getClassLoader(),
                            new Class<?>[] {Connection.class},
                            new Leaving(inner));
        } catch (SQLException | RuntimeException | Error failed) {
            try {
                if (inner != null) {
                    inner.close();
                }
            } catch (SQLException alsoFailed) {
                failed.addSuppressed(alsoFailed);
            } finally {
                unlock();
            }
            throw failed;
        }
    }

    /** A connection whose closing also leaves the gate, once. */
    private final class Leaving implements InvocationHandler {
        private final Connection inner;
        private final AtomicBoolean left = new AtomicBoolean();

        Leaving(Connection inner) {
            this.inner = inner;
        }

        @Override
        public @Nullable Object invoke(
                Object proxy, java.lang.reflect.Method method, Object @Nullable [] arguments)
                throws Throwable {
            if (!method.getName().equals("close")) {
                return call(method, arguments);
            }
            if (left.compareAndSet(false, true)) {
                try {
                    inner.close();
                } finally {
                    unlock();
                }
            }
            return null;
        }

        private @Nullable Object call(
                java.lang.reflect.Method method, Object @Nullable [] arguments) throws Throwable {
            try {
                return method.invoke(inner, arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause() == null ? thrown : thrown.getCause();
            }
        }
    }

    /** Only what db-scheduler asks of a data source. */
    private final class Guarded implements DataSource {
        @Override
        public Connection getConnection() throws SQLException {
            return guarded();
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public @Nullable PrintWriter getLogWriter() {
            return null;
        }

        @Override
        public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public void setLoginTimeout(int seconds) throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public int getLoginTimeout() {
            return 0;
        }

        @Override
        public Logger getParentLogger() throws SQLFeatureNotSupportedException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }
    }
}
