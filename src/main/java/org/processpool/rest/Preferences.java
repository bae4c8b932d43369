package org.processpool.rest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a client wishes (RFC 7240). Of a wish told twice the first counts; one that is not
 * understood is passed over.
 *
 * @param patience {@code wait}: how long it wants to wait for the answer
 * @param respondAsync {@code respond-async}: it would rather be told where to look for the result
 * @param returns how much of it the answer should have
 */
record Preferences(Optional<Duration> patience, boolean respondAsync, Optional<Return> returns) {

    /** How much an answer has. */
    enum Return {
        /** As little as possible. */
        MINIMAL,
        /** All there is. */
        REPRESENTATION
    }

    /** Up to a comma, which does not count within quotes. */
    private static final Pattern WISH = Pattern.compile("(?:[^,\"]|\"(?:[^\"\\\\]|\\\\.)*+\"?)++");

    private static final Pattern WAIT =
            Pattern.compile("(?i)wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(;.*)?");
    private static final Pattern RESPOND_ASYNC =
            Pattern.compile("(?i)respond-async\\s*(=\\s*\"\"\\s*)?(;.*)?");
    private static final Pattern RETURN =
            Pattern.compile("(?i)return\\s*=\\s*(\"?)(minimal|representation)\\1\\s*(;.*)?");

    /** Reads the lines of header {@code Prefer}. */
    static Preferences of(List<String> lines) {
        List<String> wishes =
                lines.stream()
                        .flatMap(line -> WISH.matcher(line).results())
                        .map(MatchResult::group)
                        .map(String::strip)
                        .toList();
        return new Preferences(
                matches(WAIT, wishes)
                        .map(wait -> Duration.ofSeconds(Long.parseLong(wait.group(1))))
                        .findFirst(),
                matches(RESPOND_ASYNC, wishes).findAny().isPresent(),
                matches(RETURN, wishes)
                        .map(wish -> Return.valueOf(wish.group(2).toUpperCase(Locale.ROOT)))
                        .findFirst());
    }

    private static Stream<Matcher> matches(Pattern pattern, List<String> wishes) {
        return wishes.stream().map(pattern::matcher).filter(Matcher::matches);
    }

    /** That a wait was granted, for the header {@code Preference-Applied}. */
    static Optional<String> waited(Optional<Duration> wait) {
        return wait.map(granted -> "wait=" + granted.toSeconds());
    }

    /**
     * The preferences that were followed, for the header {@code Preference-Applied}.
     *
     * @param wait the wait that was granted
     */
    Optional<String> applied(Optional<Duration> wait) {
        List<String> applied = new ArrayList<>();
        if (respondAsync) {
            applied.add("respond-async");
        }
        wait.ifPresent(granted -> applied.add("wait=" + granted.toSeconds()));
        returns.ifPresent(wish -> applied.add("return=" + wish.name().toLowerCase(Locale.ROOT)));
        return applied.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", applied));
    }

    /** The wait that is granted, at most so long; empty if none was wished. */
    Optional<Duration> waitUpTo(Duration longest) {
        return patience.map(wished -> wished.compareTo(longest) < 0 ? wished : longest);
    }
}
