package org.processpool.sample;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one turn of a {@link JavaShell} answers: what snippets print and what the shell says of
 * them, in the order in which it came. Safe for use by several threads.
 */
final class ShellAnswer {

    /** Most bytes of prints; a line says that more is cut. */
    static final int MOST_PRINTED = 64 << 10;

    /** Most bytes that the shell itself says. */
    private static final int MOST_SAID = 64 << 10;

    /** Prints are sent ahead when so many have gathered, or after so long. */
    private static final int LARGE_PART = 4 << 10;

    private static final long PART_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

    // guarded by this
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private boolean inLine;
    private int printed;
    private int said;
    private boolean printsCut;
    private boolean printsWait;
    private int sent;
    private long lastSent = System.nanoTime();
    private boolean ended;

    /** Takes what a snippet prints, in UTF-8. */
    synchronized void print(byte[] bytes, int from, int length) {
        if (ended || printsCut || length == 0) {
            return;
        }
        int room = Math.min(length, MOST_PRINTED - printed);
        int taken = room < length ? wholeCharacters(bytes, from, room) : length;
        printed += taken;
        add(bytes, from, taken);
        printsWait = true;
        if (room < length) {
            printsCut = true;
            line(
                    "|  More than %d KiB were printed: the rest is cut."
                            .formatted(MOST_PRINTED >> 10));
        }
        notifyAll();
    }

    /** Adds a line of the shell itself, or several. */
    synchronized void say(String lines) {
        if (said <= MOST_SAID) {
            said += lines.length();
            line(said <= MOST_SAID ? lines : "|  There is more to say: it is left out.");
        }
    }

    private void line(String line) {
        String whole = (inLine ? "\n" : "") + line + "\n";
        byte[] bytes = whole.getBytes(UTF_8);
        add(bytes, 0, bytes.length);
    }

    private void add(byte[] bytes, int from, int length) {
        if (length > 0) {
            text.write(bytes, from, length);
            inLine = bytes[from + length - 1] != '\n';
        }
    }

    /** Nothing will be added any more. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /**
     * Waits until there are prints that should be sent ahead.
     *
     * @return what has come since the last part; null once the turn has ended
     */
    synchronized @Nullable String nextPart() throws InterruptedException {
        while (!ended) {
            long wait = lastSent + PART_NANOS - System.nanoTime();
            int size = text.size() - sent;
            if (printsWait && (wait <= 0 || size >= LARGE_PART)) {
                byte[] bytes = text.toByteArray();
                int length = wholeCharacters(bytes, sent, size);
                String part = new String(bytes, sent, length, UTF_8);
                sent += length;
                printsWait = length < size;
                lastSent = System.nanoTime();
                if (length > 0) {
                    return part;
                }
            } else if (printsWait) {
                TimeUnit.NANOSECONDS.timedWait(this, wait);
            } else {
                wait();
            }
        }
        return null;
    }

    /**
     * Waits until the turn has ended.
     *
     * @return whether it has
     */
    synchronized boolean awaitEnd(long millis) throws InterruptedException {
        long limit = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left; !ended && (left = limit - System.nanoTime()) > 0; ) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return ended;
    }

    /** All of it, without the line end at its end. */
    synchronized String whole() {
        String all = text.toString(UTF_8);
        return all.endsWith("\n") ? all.substring(0, all.length() - 1) : all;
    }

    /** How many of the bytes hold whole characters of UTF-8, if they begin with one. */
    private static int wholeCharacters(byte[] bytes, int from, int length) {
        int end = from + length;
        for (int back = 1; back <= Math.min(3, length); back++) {
            int lead = bytes[end - back] & 0xff;
            if (lead >= 0xc0) {
                int needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
                return needed > back ? length - back : length;
            }
            if (lead < 0x80) {
                return length;
            }
        }
        return length;
    }
}
