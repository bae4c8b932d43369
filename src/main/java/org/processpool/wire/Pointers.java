package org.processpool.wire;

import com.fasterxml.jackson.core.JsonStreamContext;

/** JSON pointers (RFC 6901) of where a parser or generator is. */
final class Pointers {

    private Pointers() {}

    /** The value a parser has just read. */
    static String current(JsonStreamContext context) {
        return pointer(context, 0);
    }

    /** The value a generator is about to write. */
    static String next(JsonStreamContext context) {
        return pointer(context, 1);
    }

    /** How a message about that place begins; nothing for the whole value. */
    static String prefix(String pointer) {
        return pointer.isEmpty() ? "" : "at " + pointer + ": ";
    }

    private static String pointer(JsonStreamContext context, int ahead) {
        StringBuilder pointer = new StringBuilder();
        int step = ahead;
        for (JsonStreamContext at = context; at != null && !at.inRoot(); at = at.getParent()) {
            if (at.inArray()) {
                int index = at.getEntryCount() - 1 + step;
                if (index >= 0) {
                    pointer.insert(0, "/" + index);
                }
            } else if (at.getCurrentName() != null) {
                pointer.insert(0, "/" + at.getCurrentName().replace("~", "~0").replace("/", "~1"));
            }
            step = 0;
        }
        return pointer.toString();
    }
}
