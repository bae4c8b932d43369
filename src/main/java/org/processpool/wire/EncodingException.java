package org.processpool.wire;

import org.jspecify.annotations.Nullable;

/** A value cannot travel; the message says where in it (RFC 6901) and what to do. */
public final class EncodingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private String pointer = "";

    EncodingException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    EncodingException(String message) {
        super(message);
    }

    /**
     * The same refusal, seen from one level further out.
     *
     * @param part name or index of the part that was refused
     */
    EncodingException within(String part) {
        pointer = "/" + Pointers.escaped(part) + pointer;
        return this;
    }

    @Override
    public String getMessage() {
        return Pointers.prefix(pointer) + super.getMessage();
    }
}
