package org.processpool.store;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * What kind of store to open.
 *
 * @param dialect which database
 * @param directory the directory of the embedded store, made if need be and locked for this
 *     process; empty for a server
 * @param maxBytes most bytes of the embedded store's file; 0 means no limit but the disk's
 * @param replica name of this process among those that share the store; not empty
 * @param clock by which jobs are dated and due
 */
public record StoreConfig(
        Dialect dialect, Optional<Path> directory, long maxBytes, String replica, Clock clock) {

    public StoreConfig {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes must not be negative, was " + maxBytes);
        }
        if (replica.isEmpty()) {
            throw new IllegalArgumentException("replica must have a name");
        }
        if (dialect == Dialect.SQLITE && directory.isEmpty()) {
            throw new IllegalArgumentException("an embedded store needs a directory");
        }
    }
}
