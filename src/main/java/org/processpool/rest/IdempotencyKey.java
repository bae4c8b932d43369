package org.processpool.rest;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client's name for a request, by which it is known when it comes again.
 *
 * @param value 1 to 255 visible characters of ASCII, without quotes around them
 */
record IdempotencyKey(String value) {

    static final String HEADER = "Idempotency-Key";

    /** A string of RFC 8941, where a backslash stands before a quote and before itself. */
    private static final Pattern QUOTED =
            Pattern.compile("\"((?:[\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\"\\\\])*+)\"");

    /** What clients send that leave the quotes out. */
    private static final Pattern BARE = Pattern.compile("[\\x21\\x23-\\x2b\\x2d-\\x7e]+");

    private static final int LONGEST = 255;

    /**
     * Reads the header.
     *
     * @param lines its lines
     * @return empty if there is none
     * @throws ProblemException if it is not written as it should be
     */
    static Optional<IdempotencyKey> of(List<String> lines) {
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        if (lines.size() > 1) {
            throw InvalidHeader.of(HEADER, Phrase.HEADER_ONCE, HEADER, lines.size());
        }
        String line = lines.getFirst().strip();
        Matcher quoted = QUOTED.matcher(line);
        String value =
                quoted.matches()
                        ? quoted.group(1).replaceAll("\\\\(.)", "$1")
                        : BARE.matcher(line).matches() ? line : "";
        if (value.isEmpty() || value.length() > LONGEST) {
            throw InvalidHeader.of(HEADER, Phrase.IDEMPOTENCY_KEY, HEADER);
        }
        return Optional.of(new IdempotencyKey(value));
    }
}
