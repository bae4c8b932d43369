package org.processpool.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What a command says to standard output: text for people or JSON for programs. */
final class Output {

    /** How it is said. */
    enum Format {
        TEXT,
        JSON
    }

    private static final int BUFFER = 1 << 15;

    private final OutputStream out;
    private final Format format;
    private final boolean colours;

    Output(OutputStream out, Format format, boolean colours) {
        this.out = new BufferedOutputStream(out, BUFFER);
        this.format = format;
        this.colours = colours;
    }

    boolean isJson() {
        return format == Format.JSON;
    }

    /** A line of text, with colours where {@link Style} put some. */
    void line(String text) {
        bytes((colours ? text : Style.without(text)).getBytes(StandardCharsets.UTF_8));
        newline();
    }

    /** One JSON document of ours. */
    void json(JsonNode document) {
        line(document.toString());
    }

    /** One JSON document or text of the server's, as it came, on lines of its own. */
    void document(byte[] bytes) {
        bytes(bytes);
        if (bytes.length == 0 || bytes[bytes.length - 1] != '\n') {
            newline();
        }
    }

    void bytes(byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Everything that comes, as it comes. */
    void copy(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int length; (length = in.read(buffer)) >= 0; ) {
            out.write(buffer, 0, length);
            if (in.available() == 0) {
                out.flush();
            }
        }
    }

    void newline() {
        bytes(new byte[] {'\n'});
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
