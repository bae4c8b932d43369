package org.processpool.security;

/**
 * Who asks for something.
 *
 * @param name as the token file or the identity provider has it; for logs and for people
 * @param role what they may do
 * @param tenant whose jobs and rooms they see, and nobody else's; empty where there is one tenant
 */
public record Caller(String name, Role role, String tenant) {

    /** Whoever comes while nobody is asked who they are: may do everything. */
    public static final Caller ANYBODY = new Caller("anonymous", Role.OPERATE, "");

    /** Whether they may do what takes a role. */
    public boolean may(Role needed) {
        return role.covers(needed);
    }
}
