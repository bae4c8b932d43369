package org.processpool.chat;

/** As many wait for a worker as may. */
public final class LineFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LineFullException(int waiting, int limit) {
        super("%,d wait for a worker already, and no more than %,d may".formatted(waiting, limit));
    }
}
