package org.processpool.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A chat server that plays a script to each that connects, for one test. */
final class FakeChat implements AutoCloseable {

    private final ServerSocket socket;
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

    /** What it does with a connection, which is closed afterwards. */
    interface Script {
        void play(Line line) throws IOException;
    }

    /** A connection; what is read from it is heard. */
    final class Line {

        private final Socket client;
        private final InputStream in;
        private final OutputStream out;

        Line(Socket client) throws IOException {
            this.client = client;
            this.in = client.getInputStream();
            this.out = client.getOutputStream();
        }

        /** Waits for so many bytes. */
        byte[] hear(int length) throws IOException {
            byte[] bytes = in.readNBytes(length);
            note(bytes, bytes.length);
            return bytes;
        }

        /** Whether something has come that was not heard yet. */
        boolean hasMore() throws IOException {
            return in.available() > 0;
        }

        void say(byte... bytes) throws IOException {
            out.write(bytes);
        }

        /** Says back whatever comes, until the client leaves. */
        void echo() throws IOException {
            byte[] buffer = new byte[1000];
            for (int length; (length = in.read(buffer)) >= 0; ) {
                note(buffer, length);
                out.write(buffer, 0, length);
            }
        }

        /** Waits until the client leaves. */
        void hearAll() throws IOException {
            byte[] all = in.readAllBytes();
            note(all, all.length);
        }

        /** Breaks the connection as a machine that has crashed does. */
        void reset() throws IOException {
            client.setSoLinger(true, 0);
            client.close();
        }
    }

    FakeChat(Script script) throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(() -> accept(script));
    }

    private void accept(Script script) {
        while (true) {
            try (Socket client = socket.accept()) {
                script.play(new Line(client));
            } catch (IOException gone) {
                if (socket.isClosed()) {
                    return;
                }
            }
        }
    }

    private void note(byte[] bytes, int length) {
        synchronized (heard) {
            heard.write(bytes, 0, length);
        }
    }

    /** All that was said to it. */
    byte[] heard() {
        synchronized (heard) {
            return heard.toByteArray();
        }
    }

    String port() {
        return Integer.toString(socket.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
