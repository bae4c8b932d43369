package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import org.jspecify.annotations.Nullable;

/** A value cannot travel; the message says where in it (RFC 6901) and what to do. */
public final class EncodingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    EncodingException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** At the place the generator is about to write to. */
    static EncodingException at(JsonGenerator out, String message, @Nullable Throwable cause) {
        return new EncodingException(
                Pointers.prefix(Pointers.next(out.getOutputContext())) + message, cause);
    }
}
