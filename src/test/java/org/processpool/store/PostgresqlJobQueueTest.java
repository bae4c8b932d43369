package org.processpool.store;

import org.junit.jupiter.api.extension.ExtendWith;

/** The promises on PostgreSQL. */
@ExtendWith(PostgresServer.class)
class PostgresqlJobQueueTest extends JobQueueContract {

    @Override
    Database database() throws Exception {
        return Database.postgresql();
    }
}
