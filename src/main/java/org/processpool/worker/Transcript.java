package org.processpool.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.processpool.wire.Channel;
import org.processpool.wire.Message.Said;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;

/**
 * Tells the parent what one call prints: whole lines at once, the rest when it is flushed and at
 * the end. Safe for use by several threads; may wait for the parent.
 */
final class Transcript {

    private static final int SMALLEST = 1 << 10;

    private final Channel<ToParent, ToWorker> channel;
    private final long callId;

    // guarded by this
    private final Half output = new Half();
    private final Half error = new Half();
    private boolean ended;

    /** What was printed to one stream and not told yet. */
    private static final class Half {
        byte[] bytes = new byte[0];
        int count;
        long told;
        boolean inLine;
        boolean cut;

        /** Takes what there is room for in one message and tells how much that was. */
        int take(byte[] from, int at, int length) {
            int taken = Math.min(length, Said.PIECE - count);
            if (bytes.length - count < taken) {
                int enough = Math.max(count + taken, Math.max(SMALLEST, 2 * bytes.length));
                bytes = Arrays.copyOf(bytes, Math.min(Said.PIECE, enough));
            }
            System.arraycopy(from, at, bytes, count, taken);
            count += taken;
            return taken;
        }

        /** How many of the bytes are whole lines. */
        int wholeLines() {
            int end = count;
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            return end;
        }

        /** How many of so many bytes are whole characters, as far as they are UTF-8. */
        int wholeCharacters(int most) {
            for (int behind = 1; behind <= Math.min(3, most); behind++) {
                int value = bytes[most - behind] & 0xff;
                if (value >= 0xc0) { // it begins a character of 2, 3 or 4 bytes
                    int needed = value >= 0xf0 ? 4 : value >= 0xe0 ? 3 : 2;
                    return needed > behind ? most - behind : most;
                }
                if (value < 0x80) {
                    break;
                }
            }
            return most;
        }

        /** Gives the first bytes as text and keeps the others. */
        String give(int length) {
            String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
            inLine = bytes[length - 1] != '\n';
            told += length;
            count -= length;
            System.arraycopy(bytes, length, bytes, 0, count);
            return text;
        }
    }

    Transcript(Channel<ToParent, ToWorker> channel, long callId) {
        this.channel = channel;
        this.callId = callId;
    }

    /** So many bytes were printed. */
    synchronized void add(boolean toError, byte[] bytes, int from, int length) {
        Half half = toError ? error : output;
        int at = from;
        int left = length;
        while (left > 0 && !ended && !half.cut) {
            int taken = half.take(bytes, at, left);
            at += taken;
            left -= taken;
            int lines = half.wholeLines();
            if (lines > 0) {
                tell(toError, half, lines);
            } else if (half.count == Said.PIECE) {
                tell(toError, half, half.wholeCharacters(half.count));
            }
        }
    }

    /** What was printed to a stream is to be told now, also without a newline. */
    synchronized void flush(boolean toError) {
        Half half = toError ? error : output;
        if (!ended && !half.cut) {
            tell(toError, half, half.wholeCharacters(half.count));
        }
    }

    /** Tells the rest; nothing follows. */
    synchronized void end() {
        if (!ended) {
            tell(false, output, output.count);
            tell(true, error, error.count);
            ended = true;
        }
    }

    private void tell(boolean toError, Half half, int length) {
        if (half.cut || length == 0) {
            return;
        }
        long room = Said.MOST - half.told;
        if (length <= room) {
            send(new Said(callId, toError, half.give(length)));
            return;
        }
        int last = half.wholeCharacters((int) room);
        if (last > 0) {
            send(new Said(callId, toError, half.give(last)));
        }
        String notice =
                "%sprocess-pool: the call printed more than %,d bytes to standard %s; the rest is cut\n"
                        .formatted(
                                half.inLine ? "\n" : "", Said.MOST, toError ? "error" : "output");
        send(new Said(callId, toError, notice));
        half.cut = true;
        half.bytes = new byte[0];
        half.count = 0;
    }

    private void send(Said said) {
        if (ended) {
            return;
        }
        try {
            channel.send(List.of(said));
        } catch (IOException torn) {
            ended = true; // whoever reads or answers next notices that the parent is gone
        }
    }
}
