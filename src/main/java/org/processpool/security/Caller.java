package org.processpool.security;

import java.util.regex.Pattern;

/**
 * Who asks for something.
 *
 * @param name as the token file or the identity provider has it; for logs and for people
 * @param role what they may do
 * @param tenant whose jobs and rooms they see, and nobody else's; empty where there is one tenant
 */
public record Caller(String name, Role role, String tenant) {

    private static final Pattern PLAIN = Pattern.compile("[^\\p{Cntrl}]*");
    private static final int LONGEST = 200;

    /**
     * @throws IllegalArgumentException if the name or the tenant is too long or has control
     *     characters in it
     */
    public Caller {
        check("name", name);
        check("tenant", tenant);
    }

    private static void check(String what, String value) {
        if (value.length() > LONGEST || !PLAIN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a caller's %s must have at most %d characters and no control characters"
                            .formatted(what, LONGEST));
        }
    }

    /** Whoever comes while nobody is asked who they are: may do everything. */
    public static final Caller ANYBODY = new Caller("anonymous", Role.OPERATE, "");

    /** Whether they may do what takes a role. */
    public boolean may(Role needed) {
        return role.covers(needed);
    }
}
