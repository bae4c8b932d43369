package org.processpool.rest;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The languages in which problems are told. */
enum Language {
    ENGLISH("en"),
    CHINESE("zh");

    private static final List<String> TAGS = List.of(ENGLISH.tag, CHINESE.tag);

    private final String tag;

    Language(String tag) {
        this.tag = tag;
    }

    /** Its tag (RFC 5646). */
    String tag() {
        return tag;
    }

    /**
     * The one a client likes best (RFC 4647, lookup); English if it likes none of ours or says so
     * in a way that nobody understands.
     *
     * @param accepted header {@code Accept-Language}, if there is one
     */
    static Language of(@Nullable String accepted) {
        if (accepted == null) {
            return ENGLISH;
        }
        try {
            String best = Locale.lookupTag(Locale.LanguageRange.parse(accepted), TAGS);
            return CHINESE.tag.equals(best) ? CHINESE : ENGLISH;
        } catch (IllegalArgumentException unclear) {
            return ENGLISH; // a language is no reason to refuse a request
        }
    }
}
