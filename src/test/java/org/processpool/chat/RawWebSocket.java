package org.processpool.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A WebSocket client that sends whatever it is told, as no decent client would. */
final class RawWebSocket implements AutoCloseable {

    /** Longer than anything here takes on the slowest machine. */
    static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private RawWebSocket(Socket socket) throws IOException {
        this.socket = socket;
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** Connects and upgrades; the server must agree. */
    static RawWebSocket open(int port, String path, String... headers) throws IOException {
        return open(new Socket(), port, path, headers);
    }

    /** The same on a socket that is prepared but not connected. */
    static RawWebSocket open(Socket socket, int port, String path, String... headers)
            throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        var peer = new RawWebSocket(socket);
        var request = new StringBuilder("GET " + path + " HTTP/1.1\r\n");
        request.append("Host: 127.0.0.1:").append(port).append("\r\n");
        request.append("Upgrade: websocket\r\nConnection: Upgrade\r\n");
        request.append("Sec-WebSocket-Version: 13\r\n");
        request.append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        peer.write(request.append("\r\n").toString().getBytes(UTF_8));
        String head = peer.head();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            socket.close();
            throw new IOException("not upgraded: " + head);
        }
        return peer;
    }

    private String head() throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    /** All frames in one write. */
    void send(Frame... frames) throws IOException {
        byte[] all = new byte[0];
        for (Frame frame : frames) {
            byte[] octets = frame.octets();
            int before = all.length;
            all = Arrays.copyOf(all, before + octets.length);
            System.arraycopy(octets, 0, all, before, octets.length);
        }
        write(all);
    }

    /** All frames, no write of more than so many bytes. */
    void sendChopped(int most, Frame... frames) throws IOException {
        for (Frame frame : frames) {
            byte[] octets = frame.octets();
            for (int from = 0; from < octets.length; from += most) {
                write(Arrays.copyOfRange(octets, from, Math.min(octets.length, from + most)));
            }
        }
    }

    void write(byte[] octets) throws IOException {
        out.write(octets);
        out.flush();
    }

    /** The next frame, or null when the server has ended the connection. */
    @Nullable Frame next() throws IOException {
        try {
            int first = in.readUnsignedByte();
            int second = in.readUnsignedByte();
            if ((second & 0x80) != 0) {
                throw new IOException("the server masks its frames");
            }
            long length = second & 0x7F;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] payload = new byte[Math.toIntExact(length)];
            in.readFully(payload);
            return new Frame((first & 0x80) != 0, first >> 4 & 7, first & 0xF, payload);
        } catch (EOFException | SocketException ended) {
            return null;
        }
    }

    /** Whether anything, be it the end, can be read within so many milliseconds. */
    boolean hearsWithin(int millis) throws IOException {
        in.mark(1);
        socket.setSoTimeout(millis);
        try {
            if (in.read() >= 0) {
                in.reset();
            }
            return true;
        } catch (SocketTimeoutException nothing) {
            return false;
        } catch (SocketException reset) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
