package org.processpool.rest;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a client wishes (RFC 7240). Of a wish told twice the first counts; one that is not
 * understood is passed over.
 *
 * @param patience {@code wait}: how long it wants to wait for the answer
 */
record Preferences(Optional<Duration> patience) {

    private static final Pattern WAIT =
            Pattern.compile("(?i)wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(;.*)?");

    /** Reads the lines of header {@code Prefer}. */
    static Preferences of(List<String> lines) {
        return new Preferences(
                lines.stream()
                        .flatMap(line -> Stream.of(line.split(",", -1)))
                        .map(wish -> WAIT.matcher(wish.strip()))
                        .filter(Matcher::matches)
                        .map(wait -> Duration.ofSeconds(Long.parseLong(wait.group(1))))
                        .findFirst());
    }

    /** The wait that is granted, at most so long; empty if none was wished. */
    Optional<Duration> waitUpTo(Duration longest) {
        return patience.map(wished -> wished.compareTo(longest) < 0 ? wished : longest);
    }
}
