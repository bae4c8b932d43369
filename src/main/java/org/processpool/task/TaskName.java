package org.processpool.task;

import java.util.regex.Pattern;

/**
 * The name a task or conversation is called by, over REST and from Java.
 *
 * @param value 1 to 63 characters: a lower case letter, then lower case letters, digits, dots and
 *     dashes
 */
public record TaskName(String value) implements Comparable<TaskName> {

    private static final Pattern SYNTAX = Pattern.compile("[a-z][a-z0-9.-]{0,62}");

    /**
     * @throws IllegalArgumentException if the value does not have that form
     */
    public TaskName {
        if (!SYNTAX.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    ("task name must be 1 to 63 lower case letters, digits, dots and dashes and"
                                    + " begin with a letter, was '%s'")
                            .formatted(value));
        }
    }

    @Override
    public int compareTo(TaskName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
