package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;

/**
 * UTF-8 that comes in pieces, which may end inside a character. What is no UTF-8 becomes the
 * replacement character. For one thread.
 */
final class PiecedText {

    private final CharsetDecoder decoder =
            UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);

    /** The beginning of a character. */
    private ByteBuffer rest = ByteBuffer.allocate(0);

    /** The characters that are whole with this piece. */
    String next(ByteBuffer piece) {
        return decoded(piece, false);
    }

    /** What is left when no piece follows; after that another text may begin. */
    String end() {
        String last = decoded(ByteBuffer.allocate(0), true);
        decoder.reset();
        return last;
    }

    private String decoded(ByteBuffer piece, boolean last) {
        ByteBuffer bytes =
                ByteBuffer.allocate(rest.remaining() + piece.remaining())
                        .put(rest)
                        .put(piece)
                        .flip();
        CharBuffer text = CharBuffer.allocate(bytes.remaining()); // no byte makes two characters
        decoder.decode(bytes, text, last);
        rest = bytes;
        return text.flip().toString();
    }
}
