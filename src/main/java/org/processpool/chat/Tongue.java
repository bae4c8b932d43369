package org.processpool.chat;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The languages the chat speaks itself. */
enum Tongue {
    ENGLISH("en"),
    CHINESE("zh");

    private static final List<String> TAGS = List.of(ENGLISH.tag, CHINESE.tag);

    private final String tag;

    Tongue(String tag) {
        this.tag = tag;
    }

    /**
     * The one a client likes best (RFC 4647, lookup); English if it likes none of ours or does not
     * say so in a way that can be understood.
     *
     * @param wanted a language tag or a header {@code Accept-Language}
     */
    static Tongue of(@Nullable String wanted) {
        if (wanted == null) {
            return ENGLISH;
        }
        try {
            String best = Locale.lookupTag(Locale.LanguageRange.parse(wanted), TAGS);
            return CHINESE.tag.equals(best) ? CHINESE : ENGLISH;
        } catch (IllegalArgumentException unclear) {
            return ENGLISH; // a language is no reason to refuse a conversation
        }
    }
}
