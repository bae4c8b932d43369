package org.processpool.store;

/** The promises on PostgreSQL. */
class PostgresqlJobQueueTest extends JobQueueContract {

    @Override
    Database database() throws Exception {
        return Database.postgresql();
    }
}
