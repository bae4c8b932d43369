package org.processpool.chat;

import org.processpool.security.Caller;

/** The way to one client, whatever its subprotocol. Safe for use by any thread; never blocks. */
interface Connection {

    /** Who is at the other end, and so whom they may meet. */
    Caller caller();

    /** Tells it; in the order of one caller. Does nothing once it is closed. */
    void send(Shared frame);

    /** Ends it, telling why. Idempotent. */
    void close(CloseCode code, String reason);
}
