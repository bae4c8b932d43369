package org.processpool.store;

/** The promises on SQLite. */
class SqliteJobQueueTest extends JobQueueContract {

    @Override
    Database database() throws Exception {
        return Database.sqlite(temporary);
    }
}
