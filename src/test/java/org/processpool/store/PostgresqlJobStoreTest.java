package org.processpool.store;

/** The promises on PostgreSQL. */
class PostgresqlJobStoreTest extends JobStoreContract {

    @Override
    Database database() throws Exception {
        return Database.postgresql();
    }
}
