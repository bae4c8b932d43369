package org.processpool.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * How long: {@code 30} (seconds), {@code 500ms}, {@code 1.5s}, {@code 2m}, {@code 1h}, or ISO 8601.
 */
final class Patience implements ITypeConverter<Duration> {

    /** What is waited when a wait is asked for and no length told. */
    static final String FOR_EVER = "PT0S";

    private static final Pattern SHORT = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m|h|)");

    @Override
    public Duration convert(String text) {
        Matcher number = SHORT.matcher(text);
        if (number.matches()) {
            double unit =
                    switch (number.group(2)) {
                        case "ms" -> 1;
                        case "m" -> 60_000;
                        case "h" -> 3_600_000;
                        default -> 1000;
                    };
            return Duration.ofMillis(Math.round(Double.parseDouble(number.group(1)) * unit));
        }
        try {
            Duration duration = Duration.parse(text.toUpperCase(Locale.ROOT));
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException none) {
            // said below
        }
        throw new TypeConversionException(
                "must be a duration such as 30, 500ms, 2m or PT30S, was '%s'".formatted(text));
    }

    /**
     * Of an option whose length may be left out: it is one only if it is attached, as in {@code
     * --wait=10}. What follows a blank belongs to the command.
     */
    static final class Attached implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments,
                CommandSpec command,
                ArgSpec option,
                Map<String, Object> info) {
            if (" ".equals(info.get("separator"))) {
                arguments.push(FOR_EVER);
            }
            return false;
        }
    }

    /** As the seconds of {@code Prefer: wait}, rounded up: shorter than asked would be wrong. */
    static long seconds(Duration duration) {
        return duration.plusMillis(999).toSeconds();
    }
}
