package org.processpool.rest;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What does not fit and where.
 *
 * @param pointer the place, as JSON pointer (RFC 6901); the empty one is the whole input; without a
 *     slash at its beginning it is the name of a parameter
 * @param message what is wrong with it
 */
record Violation(String pointer, Sentence message) {

    static Violation of(String pointer, Phrase phrase, Object... arguments) {
        return new Violation(pointer, Sentence.of(phrase, arguments));
    }

    /** The same, as seen from a place further out. */
    Violation within(String outer) {
        return new Violation(outer + pointer, message);
    }

    /** The same at another place. */
    Violation at(String place) {
        return new Violation(place, message);
    }

    /** Place and message. */
    Sentence sentence() {
        return pointer.isEmpty() ? message : Sentence.of(Phrase.AT, pointer, message);
    }

    /** As a member of a problem. */
    Map<String, String> in(Language language) {
        var members = new LinkedHashMap<String, String>();
        boolean isPointer = pointer.isEmpty() || pointer.startsWith("/");
        members.put(isPointer ? "pointer" : "parameter", pointer);
        members.put("message", message.in(language));
        return members;
    }
}
