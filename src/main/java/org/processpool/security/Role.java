package org.processpool.security;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What somebody may do. Each role may do what those before it may. */
public enum Role {
    /** Look at tasks, jobs, pools and events. */
    READ,

    /** Have tasks run, cancel and forget jobs, and chat. */
    SUBMIT,

    /** Resize, recycle, pause, drain and kill, and send people away. */
    OPERATE;

    /** Whether who has this role may do what takes the other. */
    public boolean covers(Role other) {
        return compareTo(other) >= 0;
    }

    /** Its name in files, tokens and problems, such as {@code submit}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of that name; empty if there is none. */
    public static Optional<Role> of(String word) {
        return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
    }

    /** The highest of the roles among these names; empty if there is none among them. */
    public static Optional<Role> highest(Collection<String> words) {
        return words.stream().flatMap(word -> of(word).stream()).max(Comparator.naturalOrder());
    }
}
