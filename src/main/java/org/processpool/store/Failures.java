package org.processpool.store;

import java.sql.SQLException;
import org.processpool.job.StoreException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Says what the trouble of a database means to those who use the store. */
final class Failures {

    private Failures() {}

    /** The exception to throw: a {@link StoreException}, or for a mistake of ours another one. */
    static RuntimeException of(Throwable trouble) {
        return switch (trouble) {
            case SQLiteException sqlite -> ofSqlite(sqlite);
            case SQLException sql -> ofState(sql);
            case RuntimeException known -> known;
            default -> new IllegalStateException(trouble);
        };
    }

    /** Whether the same may succeed when it is tried once more: two transactions have met. */
    static boolean isTransient(Throwable trouble) {
        return trouble instanceof SQLException sql
                && sql.getSQLState() != null
                && sql.getSQLState().startsWith("40");
    }

    private static RuntimeException ofSqlite(SQLiteException trouble) {
        SQLiteErrorCode code = trouble.getResultCode();
        return switch (code) {
            case SQLITE_FULL,
                    SQLITE_IOERR_WRITE,
                    SQLITE_IOERR_FSYNC,
                    SQLITE_IOERR_DIR_FSYNC,
                    SQLITE_IOERR_TRUNCATE,
                    SQLITE_IOERR_SHMSIZE ->
                    new StoreException.Full("the store has no room (%s)".formatted(code), trouble);
            default ->
                    switch (code.code & 0xFF) { // the class of an extended code
                        case 1,
                                18,
                                19,
                                20,
                                21,
                                25 -> // error, too big, constraint, mismatch, misuse, range
                                new IllegalStateException(
                                        "the store was asked for nonsense (%s)".formatted(code),
                                        trouble);
                        default -> unavailable(code.name(), trouble);
                    };
        };
    }

    private static RuntimeException ofState(SQLException trouble) {
        String state = trouble.getSQLState() == null ? "" : trouble.getSQLState();
        if (state.equals("53100")) {
            return new StoreException.Full("the database has no room", trouble);
        }
        if (state.startsWith("22") || state.startsWith("23") || state.startsWith("42")) {
            return new IllegalStateException(
                    "the store was asked for nonsense (%s)".formatted(state), trouble);
        }
        return unavailable(state.isEmpty() ? trouble.getClass().getSimpleName() : state, trouble);
    }

    private static StoreException unavailable(String why, Throwable trouble) {
        return new StoreException.Unavailable("the store does not work now (" + why + ")", trouble);
    }
}
