package org.processpool.job;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id of a job: a UUID of version 7 (RFC 9562) that counts up within a millisecond, so ids of
 * one process sort by the order of their making.
 *
 * @param value the UUID
 */
public record JobId(UUID value) implements Comparable<JobId> {

    private static final TimeBasedEpochGenerator GENERATOR = Generators.timeBasedEpochGenerator();

    private static final Pattern SYNTAX =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    /** A new one. */
    public static JobId next() {
        return new JobId(GENERATOR.generate());
    }

    /** Reads what {@link #toString} writes; empty if it is nothing like it. */
    public static Optional<JobId> parse(String text) {
        return SYNTAX.matcher(text).matches()
                ? Optional.of(new JobId(UUID.fromString(text)))
                : Optional.empty();
    }

    /** In the order of their text, which is that of time; UUID itself compares signed. */
    @Override
    public int compareTo(JobId other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
