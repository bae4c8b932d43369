package org.processpool.rest;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What does not fit and where.
 *
 * @param pointer the place, as JSON pointer (RFC 6901); the empty one is the whole input
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

    /** Place and message. */
    Sentence sentence() {
        return pointer.isEmpty() ? message : Sentence.of(Phrase.AT, pointer, message);
    }

    /** As a member of a problem. */
    Map<String, String> in(Language language) {
        var members = new LinkedHashMap<String, String>();
        members.put("pointer", pointer);
        members.put("message", message.in(language));
        return members;
    }
}
