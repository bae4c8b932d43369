package org.processpool.store;

/** The databases that are spoken to, and what they say differently. */
public enum Dialect {
    /** One file that belongs to one process. */
    SQLITE("db/embedded", "begin immediate", "", ""),
    /** A server that several processes share. */
    POSTGRESQL("db/cluster", "begin", " for update", " for update skip locked");

    private final String migrations;
    private final String begin;
    private final String locking;
    private final String skipping;

    Dialect(String migrations, String begin, String locking, String skipping) {
        this.migrations = migrations;
        this.begin = begin;
        this.locking = locking;
        this.skipping = skipping;
    }

    /** Where its migrations are on the class path. */
    String migrations() {
        return migrations;
    }

    /** Begins a transaction that may write. */
    String begin() {
        return begin;
    }

    /** Ends a query for rows which nobody else is to change meanwhile. */
    String locking() {
        return locking;
    }

    /** Ends a query for rows which nobody else has locked. */
    String skipping() {
        return skipping;
    }
}
