package org.processpool.wire;

import java.io.IOException;

/** The other side broke the protocol: its bytes are not a message. */
public final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1;

    public ProtocolException(String message) {
        super(message);
    }
}
