package org.processpool.store;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Reads, beside whoever writes: each statement sees what is committed when it begins. */
final class Reader {

    /** Something to read. */
    interface Query<T> {
        T ask(Session session) throws SQLException;
    }

    private final DataSource source;

    Reader(DataSource source) {
        this.source = source;
    }

    <T> T read(Query<T> query) {
        try (Connection connection = source.getConnection();
                var session = new Session(connection)) {
            return query.ask(session);
        } catch (SQLException failed) {
            throw Failures.of(failed);
        }
    }
}
