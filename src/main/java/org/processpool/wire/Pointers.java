package org.processpool.wire;

import com.fasterxml.jackson.core.JsonStreamContext;

/** JSON pointers (RFC 6901). */
final class Pointers {

    private Pointers() {}

    /** The value a parser has just read. */
    static String current(JsonStreamContext context) {
        StringBuilder pointer = new StringBuilder();
        for (JsonStreamContext at = context; at != null && !at.inRoot(); at = at.getParent()) {
            if (at.inArray() && at.hasCurrentIndex()) {
                pointer.insert(0, "/" + at.getCurrentIndex());
            } else if (at.getCurrentName() != null) {
                pointer.insert(0, "/" + escaped(at.getCurrentName()));
            }
        }
        return pointer.toString();
    }

    static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    /** How a message about that place begins; nothing for the whole value. */
    static String prefix(String pointer) {
        return pointer.isEmpty() ? "" : "at " + pointer + ": ";
    }
}
