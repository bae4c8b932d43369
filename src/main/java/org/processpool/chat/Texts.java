package org.processpool.chat;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What people may write where. */
final class Texts {

    /** Most code points of a nick or the name of a room. */
    static final int LONGEST_NAME = 32;

    static final int LONGEST_REF = 64;

    /**
     * Neither seen nor heard, or turning the direction of what follows; a joiner of emoji may be.
     */
    private static final Pattern UNSEEN =
            Pattern.compile(
                    "[\\p{Cc}\\p{Cs}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}\\u00ad\\u061c\\u180e\\u200b\\u200e"
                            + "\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]");

    /**
     * What is not seen where it stands: of two names that differ in it, one is taken for the other.
     */
    private static final Pattern IGNORABLE =
            Pattern.compile(
                    "[\\p{Cf}\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u3164\\uffa0"
                            + "\\ufe00-\\ufe0f\\x{e0100}-\\x{e01ef}]");

    private static final Pattern ROOM = Pattern.compile("[\\p{L}\\p{M}\\p{N}_-]+");
    private static final Pattern REF = Pattern.compile("[\\x21-\\x7e]{1," + LONGEST_REF + "}");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}&&[^\\t]]");

    private Texts() {}

    /** A nick in its normal form; empty if it cannot be one. */
    static Optional<String> nick(@Nullable String wanted) {
        return name(wanted).filter(nick -> !UNSEEN.matcher(nick).find() && !key(nick).isBlank());
    }

    /** The name of a room in its normal form; empty if it cannot be one. */
    static Optional<String> room(@Nullable String wanted) {
        return name(wanted)
                .map(room -> room.toLowerCase(Locale.ROOT))
                .filter(room -> ROOM.matcher(room).matches());
    }

    private static Optional<String> name(@Nullable String wanted) {
        return Optional.ofNullable(wanted)
                .filter(text -> text.length() <= 8 * LONGEST_NAME)
                .map(text -> Normalizer.normalize(text, Normalizer.Form.NFC).strip())
                .filter(text -> !text.isBlank() && codePoints(text) <= LONGEST_NAME);
    }

    /** What two nicks that look alike have in common. */
    static String key(String nick) {
        String seen = IGNORABLE.matcher(nick).replaceAll("");
        return Normalizer.normalize(seen, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    }

    static boolean isRef(String ref) {
        return REF.matcher(ref).matches();
    }

    static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    /** Most bytes that a text takes as a JSON string. */
    static int jsonSize(String text) {
        int size = 2;
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            size += each < 0x20 ? 6 : each < 0x80 ? 2 : 3;
        }
        return size;
    }

    /** Whether no half of a surrogate pair stands alone, which no UTF-8 has. */
    static boolean isWellFormed(String text) {
        return text.codePoints().noneMatch(point -> point >= 0xd800 && point <= 0xdfff);
    }

    /** At most so many characters, well formed. */
    static String cut(String text, int characters) {
        String begin = text;
        if (text.length() > characters) {
            int end = Character.isHighSurrogate(text.charAt(characters - 1)) ? 1 : 0;
            begin = text.substring(0, characters - end) + "…";
        }
        return isWellFormed(begin)
                ? begin
                : begin.codePoints()
                        .map(point -> point >= 0xd800 && point <= 0xdfff ? 0xfffd : point)
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString();
    }

    /** A line for a terminal: what would move its cursor is shown as a replacement character. */
    static String printable(String line) {
        return CONTROL.matcher(line).replaceAll("\ufffd");
    }
}
