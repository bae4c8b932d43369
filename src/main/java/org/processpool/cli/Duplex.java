package org.processpool.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One POST whose answer is read while its body is still being sent. {@code java.net.http} cannot do
 * this over HTTP/1.1: it looks at the answer only after the last byte of the body.
 *
 * <p>One thread may write the body and another read the answer. Closing it breaks the connection,
 * by which the server knows that nobody waits any more.
 */
final class Duplex implements AutoCloseable {

    private static final int MAX_LINE = 1 << 16;
    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    private final Socket socket;
    private final InputStream in;
    private final ChunkedBody body;

    /**
     * The head of an answer, and its body as it comes.
     *
     * @param status of it
     * @param body ends with an {@link EOFException} if it was cut off
     */
    record Answer(int status, InputStream body) {}

    private Duplex(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), MAX_LINE);
        this.body = new ChunkedBody(socket.getOutputStream());
    }

    /** Connects and sends the head of the request. */
    static Duplex post(URI uri, Map<String, String> headers, Duration connect) throws IOException {
        boolean secure = "https".equalsIgnoreCase(uri.getScheme());
        int port = uri.getPort() >= 0 ? uri.getPort() : secure ? HTTPS : HTTP;
        String host = uri.getHost().replaceAll("[\\[\\]]", "");
        Socket socket = connected(host, port, connect);
        try {
            if (secure) {
                socket = secured(socket, host, port);
            }
            socket.setTcpNoDelay(true);
            var head = new StringBuilder();
            head.append("POST ").append(uri.getRawPath());
            if (uri.getRawQuery() != null) {
                head.append('?').append(uri.getRawQuery());
            }
            head.append(" HTTP/1.1\r\nHost: ").append(uri.getRawAuthority());
            head.append("\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n");
            headers.forEach(
                    (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
            OutputStream out = socket.getOutputStream();
            out.write(head.append("\r\n").toString().getBytes(ISO_8859_1));
            out.flush();
            return new Duplex(socket);
        } catch (IOException failed) {
            socket.close();
            throw failed;
        }
    }

    /** A connection to the first of the host's addresses that takes one. */
    static Socket connected(String host, int port, Duration limit) throws IOException {
        IOException last = new UnknownHostException(host);
        for (InetAddress address : InetAddress.getAllByName(host)) {
            var socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, port), (int) limit.toMillis());
                return socket;
            } catch (IOException next) {
                socket.close();
                last = next;
            }
        }
        throw last;
    }

    private static Socket secured(Socket plain, String host, int port) throws IOException {
        var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        var socket = (SSLSocket) factory.createSocket(plain, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // or any certificate would do
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** The body to be sent; what is written goes out at once, and closing it ends it. */
    OutputStream body() {
        return body;
    }

    /** Blocks until the server begins to answer; to be called once. */
    Answer answer() throws IOException {
        while (true) {
            int status = status(line());
            Map<String, String> headers = headers();
            if (status >= 200) {
                return new Answer(status, body(headers));
            }
        }
    }

    private InputStream body(Map<String, String> headers) {
        if (headers.getOrDefault("transfer-encoding", "")
                .toLowerCase(Locale.ROOT)
                .contains("chunked")) {
            return new Pieces(true, 0);
        }
        String length = headers.get("content-length");
        return length == null ? in : new Pieces(false, Long.parseLong(length.strip()));
    }

    private static int status(String line) throws IOException {
        String[] words = line.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}")) {
            throw new IOException("what came is no HTTP: " + Style.plain(line));
        }
        return Integer.parseInt(words[1]);
    }

    private Map<String, String> headers() throws IOException {
        var headers = new TreeMap<String, String>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return headers;
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("it ended before the answer did");
            }
            if (line.size() >= MAX_LINE) {
                throw new IOException("a line of the answer's head has no end");
            }
            line.write(b);
        }
        return line.toString(ISO_8859_1).stripTrailing();
    }

    /** Breaks the connection. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What is written as chunks, each sent by itself. */
    private static final class ChunkedBody extends OutputStream {

        private static final byte[] END = "0\r\n\r\n".getBytes(ISO_8859_1);

        private final OutputStream out;
        private boolean ended;

        ChunkedBody(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return; // an empty chunk would be the end
            }
            var chunk = new ByteArrayOutputStream(length + 16);
            chunk.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(ISO_8859_1));
            chunk.write(bytes, offset, length);
            chunk.writeBytes(new byte[] {'\r', '\n'});
            chunk.writeTo(out);
            out.flush();
        }

        @Override
        public void close() throws IOException {
            if (!ended) {
                ended = true;
                out.write(END);
                out.flush();
            }
        }
    }

    /** A body that is told how long it is, as a whole or chunk by chunk. */
    private final class Pieces extends InputStream {

        private final boolean chunked;
        private long left;
        private boolean begun;
        private boolean ended;

        Pieces(boolean chunked, long left) {
            this.chunked = chunked;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (left == 0 && !next()) {
                return -1;
            }
            int read = in.read(bytes, offset, (int) Math.min(length, left));
            if (read < 0) {
                throw new EOFException("it ended before the answer did");
            }
            left -= read;
            return read;
        }

        /** Goes to the next chunk; false if there is none. */
        private boolean next() throws IOException {
            if (ended || !chunked) {
                return false;
            }
            if (begun) {
                line(); // that which ends the chunk before
            }
            begun = true;
            String size = line().split(";", 2)[0].strip();
            try {
                left = Long.parseLong(size, 16);
            } catch (NumberFormatException none) {
                throw new IOException("a chunk of the answer has no size", none);
            }
            if (left == 0) {
                headers(); // the trailer
                ended = true;
            }
            return !ended;
        }

        @Override
        public int available() throws IOException {
            return (int) Math.min(left, in.available());
        }
    }
}
