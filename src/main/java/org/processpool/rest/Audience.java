package org.processpool.rest;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whom problems are told: all of one request are told alike.
 *
 * @param language its language
 * @param traceId the request's number in a distributed trace (W3C Trace Context), 32 hexadecimal
 *     digits
 * @param problemBase what stands before the path in the type of a problem; empty makes it relative
 */
record Audience(Language language, String traceId, String problemBase) {

    /** The name of the number in the fields of the log. */
    static final String TRACE_ID = "traceId";

    /**
     * Version ff is none, and an id of zeros is invalid. A later version may have more at its end.
     */
    private static final Pattern TRACE_PARENT =
            Pattern.compile(
                    "(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

    private static final SecureRandom RANDOM = new SecureRandom();

    /** What calls for it are called in the log. */
    Map<String, String> labels() {
        return Map.of(TRACE_ID, traceId);
    }

    /**
     * The number of the trace a request is part of, or a new one if it names none or not in the way
     * it should.
     *
     * @param parents the lines of header {@code traceparent}
     */
    static String traceId(List<String> parents) {
        if (parents.size() == 1) {
            Matcher parent = TRACE_PARENT.matcher(parents.getFirst().strip());
            if (parent.matches() && (parent.group(3) == null || !parent.group(1).equals("00"))) {
                return parent.group(2);
            }
        }
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }
}
