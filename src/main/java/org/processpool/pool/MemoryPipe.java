package org.processpool.pool;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the operating system's pipe is to a process, for inline mode: any thread may write, any may
 * read, a full pipe blocks the writer. (The JDK's piped streams refuse to work once the first
 * writer thread has ended.)
 */
final class MemoryPipe {

    private final byte[] ring = new byte[64 << 10];
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int start;
    private int size;
    private boolean closed;

    final InputStream in = new In();
    final OutputStream out = new Out();

    private void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** An interrupt is meant for the task, not for the line it speaks on. */
    @SuppressWarnings("WaitNotInLoop") // its callers are the loops
    private void pause() {
        changed.awaitUninterruptibly();
    }

    private final class In extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            lock.lock();
            try {
                while (size == 0) {
                    if (closed) {
                        return -1;
                    }
                    pause();
                }
                int count = Math.min(length, Math.min(size, ring.length - start));
                System.arraycopy(ring, start, target, offset, count);
                start = (start + count) % ring.length;
                size -= count;
                changed.signalAll();
                return count;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public int available() {
            lock.lock();
            try {
                return size;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            MemoryPipe.this.close();
        }
    }

    private final class Out extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            lock.lock();
            try {
                int done = 0;
                while (done < length) {
                    while (size == ring.length && !closed) {
                        pause();
                    }
                    if (closed) {
                        throw new IOException("pipe is closed");
                    }
                    int end = (start + size) % ring.length;
                    int count =
                            Math.min(
                                    length - done, Math.min(ring.length - size, ring.length - end));
                    System.arraycopy(source, offset + done, ring, end, count);
                    size += count;
                    done += count;
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            MemoryPipe.this.close();
        }
    }
}
