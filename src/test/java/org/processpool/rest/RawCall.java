package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One request whose body is written bit by bit while the answer is read, both in chunks. */
final class RawCall implements AutoCloseable {

    /** Longer than anything here takes on the slowest machine. */
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private final List<String> head = new ArrayList<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int leftInChunk;
    private boolean begun;

    RawCall(String base, String path, String... headers) throws IOException {
        URI uri = URI.create(base);
        socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new BufferedInputStream(socket.getInputStream());
        var request = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        out.write(request.append("Transfer-Encoding: chunked\r\n\r\n").toString().getBytes(UTF_8));
        out.flush();
    }

    Socket socket() {
        return socket;
    }

    void send(String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(UTF_8));
        out.write(bytes);
        out.write("\r\n".getBytes(UTF_8));
        out.flush();
    }

    void end() throws IOException {
        out.write("0\r\n\r\n".getBytes(UTF_8));
        out.flush();
    }

    int status() throws IOException {
        return Integer.parseInt(head().getFirst().split(" ", 3)[1]);
    }

    String header(String name) throws IOException {
        String prefix = name.toLowerCase(Locale.ROOT) + ": ";
        return head().stream()
                .filter(each -> each.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(each -> each.substring(prefix.length()))
                .findFirst()
                .orElse("");
    }

    private List<String> head() throws IOException {
        while (head.isEmpty() || !head.getLast().isEmpty()) {
            String read = rawLine();
            if (read.startsWith("HTTP/1.1 100")) {
                rawLine();
            } else {
                head.add(read);
            }
        }
        return head;
    }

    /** The next line of the answer's body without its end, or null after the last. */
    String line() throws IOException {
        line.reset();
        for (int each; (each = read()) != '\n'; ) {
            if (each < 0) {
                return line.size() == 0 ? null : line.toString(UTF_8);
            }
            line.write(each);
        }
        return line.toString(UTF_8);
    }

    List<String> rest() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String next; (next = line()) != null; ) {
            lines.add(next);
        }
        return lines;
    }

    private int read() throws IOException {
        if (leftInChunk == 0) {
            head();
            String length = header("content-length");
            if (begun && !length.isEmpty()) {
                return -1;
            }
            if (begun) {
                rawLine(); // the end of the chunk before
            }
            begun = true;
            leftInChunk =
                    length.isEmpty() ? Integer.parseInt(rawLine(), 16) : Integer.parseInt(length);
            if (leftInChunk == 0) {
                return -1;
            }
        }
        leftInChunk--;
        return in.read();
    }

    private String rawLine() throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (int each; (each = in.read()) != '\n'; ) {
            if (each < 0) {
                throw new IOException("the answer was cut after: " + bytes.toString(UTF_8));
            }
            bytes.write(each);
        }
        return bytes.toString(UTF_8).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
