package org.processpool.store;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.exceptionsorter.PostgreSQLExceptionSorter;
import io.agroal.api.security.NamePrincipal;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A database as the service has it, to open stores on, one after the other. */
public final class Database implements AutoCloseable {

    final Dialect dialect;
    final AgroalDataSource writer;
    final AgroalDataSource reader;
    private final Optional<Path> directory;

    private Database(
            Dialect dialect,
            Optional<Path> directory,
            AgroalDataSource writer,
            AgroalDataSource reader) {
        this.dialect = dialect;
        this.directory = directory;
        this.writer = writer;
        this.reader = reader;
    }

    public static Database sqlite(Path directory) throws SQLException {
        String url = "jdbc:sqlite:" + directory.resolve("jobs.db");
        return new Database(
                Dialect.SQLITE,
                Optional.of(directory),
                source(
                        url
                                + "?journal_mode=WAL&synchronous=FULL&busy_timeout=10000"
                                + "&transaction_mode=IMMEDIATE&foreign_keys=true",
                        1),
                source(url + "?busy_timeout=10000", 4));
    }

    static Database postgresql() throws SQLException {
        AgroalDataSource source = source(PostgresServer.freshDatabase(), 10);
        return new Database(Dialect.POSTGRESQL, Optional.empty(), source, source);
    }

    private static AgroalDataSource source(String url, int connections) throws SQLException {
        return AgroalDataSource.from(
                new AgroalDataSourceConfigurationSupplier()
                        .connectionPoolConfiguration(pool ->
                                pool.maxSize(connections)
                                        .acquisitionTimeout(Duration.ofSeconds(5))
                                        .exceptionSorter(new PostgreSQLExceptionSorter())
                                        .connectionFactoryConfiguration(factory ->
                                                factory.jdbcUrl(url)
                                                        .principal(
                                                                new NamePrincipal("postgres")))));
    }

    public Store open(Clock clock) {
        return open(clock, 0);
    }

    Store open(Clock clock, long maxBytes) {
        return Store.open(
                new StoreConfig(dialect, directory, maxBytes, "test", clock), writer, reader);
    }

    /** The number that a query answers with. */
    public long number(String sql) throws SQLException {
        try (var connection = reader.getConnection();
                var session = new Session(connection)) {
            return session.number(sql);
        }
    }

    /** Whether SQLite finds its file in order. */
    public boolean isIntact() throws SQLException {
        try (var connection = reader.getConnection();
                var session = new Session(connection)) {
            return session.list("pragma integrity_check", row -> row.getString(1))
                    .equals(List.of("ok"));
        }
    }

    @Override
    public void close() {
        writer.close();
        reader.close();
    }
}
