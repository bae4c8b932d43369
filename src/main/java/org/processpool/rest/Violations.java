package org.processpool.rest;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What is wrong with a request, each with its place. Not safe for use by several threads. */
final class Violations {

    /** Beyond this nobody reads on. */
    private static final int MOST = 20;

    private final List<Violation> all = new ArrayList<>();

    /** A JSON pointer (RFC 6901) to a member. */
    static String pointer(String parent, String member) {
        return parent + "/" + member.replace("~", "~0").replace("/", "~1");
    }

    /**
     * Notes something.
     *
     * @param place a JSON pointer into the body, or the name of a parameter
     */
    void add(String place, Phrase phrase, Object... arguments) {
        if (all.size() < MOST) {
            all.add(Violation.of(place, phrase, arguments));
        }
    }

    /** Notes a member or parameter that nobody reads, and which one may be meant. */
    void addUnknown(String place, String name, Collection<String> known) {
        List<String> like = NearestNames.like(name, known);
        if (like.isEmpty()) {
            add(place, Phrase.UNKNOWN);
        } else {
            add(place, Phrase.DID_YOU_MEAN, like.getFirst());
        }
    }

    boolean has(String place) {
        return all.stream().anyMatch(violation -> violation.pointer().equals(place));
    }

    /** The problem that tells all of them. */
    ProblemException problem() {
        Violation first = all.getFirst();
        Sentence detail =
                first.pointer().isEmpty()
                        ? Sentence.of(Phrase.THE_BODY, first.message())
                        : Sentence.of(Phrase.PLACE, first.pointer(), first.message());
        return new ProblemException(
                new Problem(ProblemType.INVALID_REQUEST, detail).with("violations", all));
    }

    /**
     * Ends the request if something is wrong.
     *
     * @throws ProblemException invalid-request
     */
    void throwIfAny() {
        if (!all.isEmpty()) {
            throw problem();
        }
    }
}
