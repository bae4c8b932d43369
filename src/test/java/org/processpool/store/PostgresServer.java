package org.processpool.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A PostgreSQL that is started for the first class that needs it and ends after the last test. It
 * does not wait for the end of the JVM, where its own shutdown hook may hang.
 */
final class PostgresServer implements BeforeAllCallback {

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static volatile EmbeddedPostgres running;

    /** What JUnit closes after the last test. */
    private record Ending(EmbeddedPostgres server) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        running =
                context.getRoot()
                        .getStore(ExtensionContext.Namespace.GLOBAL)
                        .computeIfAbsent(
                                PostgresServer.class, _ -> new Ending(start()), Ending.class)
                        .server();
    }

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder().start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The address of a new, empty database. */
    static String freshDatabase() throws SQLException {
        String name = "jobs" + DATABASES.incrementAndGet();
        try (var connection = running.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        return running.getJdbcUrl("postgres", name);
    }
}
