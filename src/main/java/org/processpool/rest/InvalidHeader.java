package org.processpool.rest;

/** The refusal of a header that cannot be read. */
final class InvalidHeader {

    private InvalidHeader() {}

    static ProblemException of(String name, Phrase why, Object... arguments) {
        return new ProblemException(
                new Problem(ProblemType.INVALID_HEADER, why, arguments).with("header", name));
    }
}
