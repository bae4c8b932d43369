package org.processpool.chat;

/** The way to one client, whatever its subprotocol. Safe for use by any thread; never blocks. */
interface Connection {

    /** Whose members it may meet. */
    String tenant();

    /** Tells it; in the order of one caller. Does nothing once it is closed. */
    void send(Shared frame);

    /** Ends it, telling why. Idempotent. */
    void close(CloseCode code, String reason);
}
