package org.processpool.wire;

import java.io.IOException;

/** A message was not sent because it is over the channel's limit; the channel is unharmed. */
public final class PayloadTooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    private final long size;
    private final long limit;

    public PayloadTooLargeException(long size, long limit) {
        super("payload of %,d bytes is over the limit of %,d bytes".formatted(size, limit));
        this.size = size;
        this.limit = limit;
    }

    /** Bytes the payload has. */
    public long size() {
        return size;
    }

    /** Bytes a payload may have. */
    public long limit() {
        return limit;
    }
}
