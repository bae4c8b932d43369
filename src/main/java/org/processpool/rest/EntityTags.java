package org.processpool.rest;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The versions a client names in a condition (RFC 9110, 13.1).
 *
 * @param any whether it names whichever there is, by {@code *}
 * @param tags those it names one by one
 */
record EntityTags(boolean any, List<Tag> tags) {

    /** The names of the two headers that hold such. */
    static final String IF_NONE_MATCH = "If-None-Match";

    static final String IF_MATCH = "If-Match";

    /** One and what follows it: a comma, several, or the end. */
    private static final Pattern TAG =
            Pattern.compile(
                    "[ \\t]*(W/)?\"([\\x21\\x23-\\x7e\\x80-\\xff]*+)\"[ \\t]*(?:,[ \\t,]*|$)");

    EntityTags {
        tags = List.copyOf(tags);
    }

    /**
     * The name of a version.
     *
     * @param weak whether two versions of the same name may differ in their bytes
     * @param opaque the name, without quotes
     */
    record Tag(boolean weak, String opaque) {

        static Tag strong(String opaque) {
            return new Tag(false, opaque);
        }

        static Tag weak(String opaque) {
            return new Tag(true, opaque);
        }

        /** As in header {@code ETag}. */
        @Override
        public String toString() {
            return (weak ? "W/\"" : "\"") + opaque + '"';
        }
    }

    /**
     * Reads a header.
     *
     * @param name its name
     * @param lines its lines; none name nothing
     * @throws ProblemException if they are not written as they should be
     */
    static EntityTags of(String name, List<String> lines) {
        String list = String.join(",", lines).strip();
        if (list.equals("*")) {
            return new EntityTags(true, List.of());
        }
        var tags = new ArrayList<Tag>();
        Matcher tag = TAG.matcher(list);
        int read = 0;
        while (read < list.length()) {
            if (!tag.find(read) || tag.start() != read) {
                throw InvalidHeader.of(name, Phrase.ENTITY_TAGS, name);
            }
            tags.add(new Tag(tag.group(1) != null, tag.group(2)));
            read = tag.end();
        }
        if (tags.isEmpty() && !lines.isEmpty()) {
            throw InvalidHeader.of(name, Phrase.ENTITY_TAGS, name);
        }
        return new EntityTags(false, tags);
    }

    /** Whether it names this version or one like it, as {@code If-None-Match} asks. */
    boolean matchWeakly(Tag current) {
        return any || tags.stream().anyMatch(tag -> tag.opaque().equals(current.opaque()));
    }

    /** Whether it names exactly this version, as {@code If-Match} asks. */
    boolean matchStrongly(Tag current) {
        return any || (!current.weak() && tags.contains(current));
    }
}
