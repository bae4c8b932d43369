package org.processpool.worker;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Bytes from one thread to another, unbounded, and not disturbed by interrupts. */
final class BytePipe {

    private final ArrayDeque<Byte> bytes = new ArrayDeque<>();
    private boolean closed;

    InputStream in() {
        return new InputStream() {
            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int from, int length) {
                return take(buffer, from, length);
            }

            @Override
            public int available() {
                synchronized (BytePipe.this) {
                    return bytes.size();
                }
            }
        };
    }

    OutputStream out() {
        return new OutputStream() {
            @Override
            public void write(int value) {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] buffer, int from, int length) {
                put(buffer, from, length);
            }

            @Override
            public void close() {
                end();
            }
        };
    }

    private synchronized int take(byte[] buffer, int from, int length) {
        boolean interrupted = false;
        while (bytes.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        int count = 0;
        while (count < length) {
            @Nullable Byte next = bytes.poll();
            if (next == null) {
                break;
            }
            buffer[from + count++] = next;
        }
        return count == 0 ? -1 : count;
    }

    private synchronized void put(byte[] buffer, int from, int length) {
        for (int i = 0; i < length; i++) {
            bytes.add(buffer[from + i]);
        }
        notifyAll();
    }

    private synchronized void end() {
        closed = true;
        notifyAll();
    }
}
