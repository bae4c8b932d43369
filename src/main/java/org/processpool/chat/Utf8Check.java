package org.processpool.chat;

import io.vertx.core.buffer.Buffer;

/**
 * Whether bytes that come in pieces are UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing
 * above U+10FFFF. A character may be split over pieces; a wrong byte is found in the piece it is
 * in. For one thread.
 */
final class Utf8Check {
    private static final int FIRST = 0x80;
    private static final int LAST = 0xBF;

    /** Bytes that the character begun still needs. */
    private int missing;

    /** What the next of them may be; only the first of them is ever held narrower. */
    private int lowest = FIRST;

    private int highest = LAST;

    /**
     * Takes the next piece. False from the first wrong byte on; then this object is of no more use.
     */
    boolean accepts(Buffer piece) {
        for (int i = 0; i < piece.length(); i++) {
            if (!accepts(piece.getUnsignedByte(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the pieces so far end where a character ends. */
    boolean isWhole() {
        return missing == 0;
    }

    private boolean accepts(int next) {
        if (missing > 0) {
            if (next < lowest || next > highest) {
                return false;
            }
            missing--;
            expect(missing, FIRST, LAST);
            return true;
        }
        if (next < 0x80) {
            return true;
        }
        switch (next) {
            case 0xE0 -> expect(2, 0xA0, LAST); // shorter would do below U+0800
            case 0xED -> expect(2, FIRST, 0x9F); // the surrogates begin at U+D800
            case 0xF0 -> expect(3, 0x90, LAST); // shorter would do below U+10000
            case 0xF4 -> expect(3, FIRST, 0x8F); // nothing above U+10FFFF
            default -> {
                if (next >= 0xC2 && next <= 0xDF) {
                    expect(1, FIRST, LAST);
                } else if (next >= 0xE1 && next <= 0xEF) {
                    expect(2, FIRST, LAST);
                } else if (next >= 0xF1 && next <= 0xF3) {
                    expect(3, FIRST, LAST);
                } else {
                    return false;
                }
            }
        }
        return true;
    }

    private void expect(int more, int from, int to) {
        missing = more;
        lowest = from;
        highest = to;
    }
}
