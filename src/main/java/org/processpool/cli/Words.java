package org.processpool.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.StringJoiner;

/** Members of the server's JSON as people say them; a member that is missing is a dash. */
final class Words {

    private static final String NOTHING = "-";
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Words() {}

    static String text(JsonNode member) {
        return member.isMissingNode() || member.isNull() ? NOTHING : member.asText();
    }

    /** Milliseconds. */
    static String millis(JsonNode member) {
        return member.isNumber() ? duration(Duration.ofMillis(member.asLong())) : NOTHING;
    }

    /** {@code 250 ms}, {@code 1.5 s}, {@code 2 min 5 s}, {@code 3 h 20 min}, {@code 2 d 3 h}. */
    static String duration(Duration duration) {
        if (duration.toMillis() < 1000) {
            return duration.toMillis() + " ms";
        }
        if (duration.toSeconds() < 60) {
            long tenths = duration.toMillis() / 100;
            return tenths % 10 == 0 ? tenths / 10 + " s" : tenths / 10.0 + " s";
        }
        if (duration.toHours() < 1) {
            return two(duration.toMinutes(), "min", duration.toSecondsPart(), "s");
        }
        return duration.toDays() < 1
                ? two(duration.toHours(), "h", duration.toMinutesPart(), "min")
                : two(duration.toDays(), "d", duration.toHoursPart(), "h");
    }

    private static String two(long large, String unit, int small, String smallUnit) {
        return small == 0
                ? large + " " + unit
                : "%d %s %d %s".formatted(large, unit, small, smallUnit);
    }

    /** An instant, in the time zone of whoever reads it. */
    static String time(JsonNode member) {
        if (!member.isTextual()) {
            return NOTHING;
        }
        try {
            return SECONDS.format(Instant.parse(member.asText()).atZone(ZoneId.systemDefault()));
        } catch (DateTimeParseException other) {
            return member.asText();
        }
    }

    /** Bytes. */
    static String bytes(JsonNode member) {
        if (!member.isNumber()) {
            return NOTHING;
        }
        long mebibytes = Math.round(member.asDouble() / (1 << 20));
        return mebibytes + " MiB";
    }

    /** {@code tenant=acme, kind=night}. */
    static String pairs(JsonNode members) {
        var pairs = new StringJoiner(", ").setEmptyValue(NOTHING);
        members.properties()
                .forEach(pair -> pairs.add(pair.getKey() + "=" + pair.getValue().asText()));
        return pairs.toString();
    }
}
