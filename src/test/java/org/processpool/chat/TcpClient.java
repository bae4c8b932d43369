package org.processpool.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/** Somebody who chats with a plain socket, as the first clients did. */
public final class TcpClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SMALL = 1 << 12;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private TcpClient(int port, boolean slow) throws IOException {
        socket = new Socket();
        if (slow) {
            socket.setReceiveBufferSize(SMALL);
        }
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** Connects. */
    public static TcpClient to(int port) throws IOException {
        return new TcpClient(port, false);
    }

    /** Connects with a small buffer for what comes. */
    public static TcpClient slow(int port) throws IOException {
        return new TcpClient(port, true);
    }

    public TcpClient say(byte... bytes) throws IOException {
        out.write(bytes);
        return this;
    }

    public TcpClient say(String text) throws IOException {
        return say(text.getBytes(UTF_8));
    }

    /** Waits for so many bytes; fewer come only at the end. */
    public byte[] hear(int length) throws IOException {
        return in.readNBytes(length);
    }

    /** Waits for what is as long as this, and then is to be this. */
    public boolean hears(String text) throws IOException {
        return new String(hear(text.getBytes(UTF_8).length), UTF_8).equals(text);
    }

    /** Waits for the end and tells what came before. */
    public String hearAll() throws IOException {
        return new String(in.readAllBytes(), UTF_8);
    }

    /** Whether something has come that was not heard yet. */
    public boolean hasMore() throws IOException {
        return in.available() > 0;
    }

    /** Says that nothing more will be said, but goes on listening. */
    public TcpClient endTalk() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Goes away as the machine of somebody does who is gone. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
