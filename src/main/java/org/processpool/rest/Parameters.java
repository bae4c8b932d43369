package org.processpool.rest;

import static java.util.stream.Collectors.joining;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads query parameters and notes what is wrong with them. */
final class Parameters {

    private final Violations violations = new Violations();

    /** An integer in a range, or the default. */
    long number(String name, @Nullable String text, long otherwise, long least, long most) {
        if (text == null) {
            return otherwise;
        }
        if (text.matches("\\d{1,18}")) {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        }
        if (most == Long.MAX_VALUE) {
            violations.add(name, Phrase.INTEGER_FROM, least, text);
        } else {
            violations.add(name, Phrase.FROM_TO, least, most, text);
        }
        return otherwise;
    }

    /** One of the names of an enum, in lower or upper case. */
    <E extends Enum<E>> Optional<E> oneOf(String name, @Nullable String text, Class<E> type) {
        if (text == null) {
            return Optional.empty();
        }
        for (E value : type.getEnumConstants()) {
            if (value.name().equalsIgnoreCase(text)) {
                return Optional.of(value);
            }
        }
        violations.add(
                name,
                Phrase.AMONG,
                Stream.of(type.getEnumConstants())
                        .map(value -> value.name().toLowerCase(Locale.ROOT))
                        .collect(joining(" | ")),
                text);
        return Optional.empty();
    }

    /**
     * @throws ProblemException invalid-request if something was wrong
     */
    void throwIfAny() {
        violations.throwIfAny();
    }
}
