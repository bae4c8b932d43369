package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How far a map has come, drawn on one line of standard error if a person sees it. For one thread.
 */
final class Progress {

    /** As a total: nobody knows. */
    static final long UNKNOWN = -1;

    private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();
    private static final int BAR = 24;
    private static final String ERASE = "\r\033[K";

    private final Terminal terminal;
    private final long total;
    private final LongSupplier nanos;
    private final long start;
    private long done;
    private long failed;
    private long drawnAt;
    private boolean visible;

    Progress(Terminal terminal, long total) {
        this(terminal, total, System::nanoTime);
    }

    Progress(Terminal terminal, long total, LongSupplier nanos) {
        this.terminal = terminal;
        this.total = total;
        this.nanos = nanos;
        this.start = nanos.getAsLong();
        draw();
    }

    /** One more item has ended. */
    void count(boolean ok) {
        done++;
        failed += ok ? 0 : 1;
    }

    long done() {
        return done;
    }

    long failed() {
        return failed;
    }

    /** Makes room for a line of output, if that goes to the same screen. */
    void hide() {
        if (terminal.outIsTerminal()) {
            erase();
        }
    }

    /** Draws it anew if that was last done long enough ago for a person to follow. */
    void show() {
        if (nanos.getAsLong() - drawnAt >= REDRAW_NANOS) {
            draw();
        }
    }

    /** Takes it off the screen. */
    void end() {
        erase();
    }

    /** One line that says how it all went. */
    String sum() {
        Duration took = Duration.ofNanos(nanos.getAsLong() - start);
        return "%,d items in %s, %,d failed".formatted(done, Words.duration(took), failed);
    }

    private void draw() {
        if (terminal.showsProgress()) {
            drawnAt = nanos.getAsLong();
            visible = true;
            write(ERASE + text());
        }
    }

    private void erase() {
        if (visible) {
            visible = false;
            write(ERASE);
        }
    }

    private String text() {
        double seconds = (nanos.getAsLong() - start) / 1e9;
        double rate = seconds > 0 ? done / seconds : 0;
        String speed = rate < 10 ? "%.1f/s".formatted(rate) : "%,.0f/s".formatted(rate);
        if (total <= 0) {
            return "%,d done, %,d failed, %s".formatted(done, failed, speed);
        }
        int full = (int) Math.min(BAR, BAR * done / total);
        String left =
                rate > 0 && done < total
                        ? ", %s left"
                                .formatted(
                                        Words.duration(
                                                Duration.ofSeconds(
                                                        Math.round((total - done) / rate))))
                        : "";
        return "[%s%s] %,d of %,d (%d %%), %,d failed, %s%s"
                .formatted(
                        "=".repeat(full),
                        " ".repeat(BAR - full),
                        done,
                        total,
                        100 * done / total,
                        failed,
                        speed,
                        left);
    }

    private void write(String text) {
        try {
            terminal.err().write(text.getBytes(UTF_8));
            terminal.err().flush();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
