package org.processpool.rest;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One entry of the list of hosts that callbacks may name.
 *
 * @param name in lower case, without the {@code *.} of an entry for all names below
 * @param below whether the entry is for the names below and not for the name itself
 * @param port the only port; 0 if the entry has none
 */
record AllowedHost(String name, boolean below, int port) {

    private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    private static final Pattern ENTRY =
            Pattern.compile(
                    "(?<below>\\*\\.)?(?<name>%1$s(\\.%1$s)*|\\[[0-9a-f:.]+])(:(?<port>[1-9][0-9]{0,4}))?"
                            .formatted(LABEL));

    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");

    /**
     * Reads an entry.
     *
     * @throws IllegalArgumentException if it is none
     */
    static AllowedHost of(String entry) {
        Matcher parts = ENTRY.matcher(entry.strip().toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "must be a host such as hooks.example.com, *.example.com or"
                            + " hooks.example.com:8443, was '%s'".formatted(entry));
        }
        String name = parts.group("name");
        boolean below = parts.group("below") != null;
        if (below && isAddress(name)) {
            throw new IllegalArgumentException(
                    "has no names below an address, was '%s'".formatted(entry));
        }
        int port = parts.group("port") == null ? 0 : Integer.parseInt(parts.group("port"));
        if (port > 65535) {
            throw new IllegalArgumentException(
                    "must have a port of at most 65535, was '%s'".formatted(entry));
        }
        return new AllowedHost(name, below, port);
    }

    /** Whether a host is one of these; it has to be in lower case and without a final dot. */
    boolean covers(String host) {
        return below ? host.endsWith("." + name) : host.equals(name);
    }

    /**
     * Whether a host is an address, in brackets or as numbers, be it in one of the forms that only
     * C libraries read, such as {@code 0x7f.1}. No name ends in a number.
     */
    static boolean isAddress(String host) {
        return host.startsWith("[")
                || NUMBER.matcher(host.substring(host.lastIndexOf('.') + 1)).matches();
    }
}
