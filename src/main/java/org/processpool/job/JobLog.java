package org.processpool.job;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a job prints while it runs: its last lines, bounded in bytes. Safe for use by any number of
 * threads; whoever prints never waits for readers.
 */
public final class JobLog {

    /** Where a line was printed. */
    public enum Stream {
        /** Standard output. */
        STDOUT,
        /** Standard error. */
        STDERR,
        /** Said by the service itself, such as that a job is tried again. */
        SERVICE;

        private char mark() {
            return switch (this) {
                case STDOUT -> 'o';
                case STDERR -> 'e';
                case SERVICE -> '-';
            };
        }

        private static Stream of(char mark) {
            return switch (mark) {
                case 'o' -> STDOUT;
                case 'e' -> STDERR;
                default -> SERVICE;
            };
        }
    }

    /**
     * A line.
     *
     * @param number its number, from 1
     * @param stream where it was printed
     * @param text without its end
     */
    public record Line(long number, Stream stream, String text) {
        private int size() {
            return text.length() + 2;
        }
    }

    /**
     * Some lines.
     *
     * @param lines in order
     * @param last number to read on from
     * @param missed whether lines before these were dropped
     * @param ended whether no more will come
     */
    public record Lines(List<Line> lines, long last, boolean missed, boolean ended) {}

    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final ArrayDeque<Line> lines = new ArrayDeque<>();
    private long next = 1;
    private int size;
    private boolean ended;
    private long saved;

    /**
     * An empty one.
     *
     * @param limit characters that are kept, at least 1
     */
    public JobLog(int limit) {
        this.limit = limit;
    }

    /** Reads what {@link #unsaved} gave; it is {@link #end ended} unless more is added. */
    public static JobLog of(byte[] bytes, int limit) {
        JobLog log = new JobLog(limit);
        String text = new String(bytes, StandardCharsets.UTF_8);
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("#")) {
                log.next = Long.parseLong(line.substring(1));
            } else if (!line.isEmpty()) {
                log.add(Stream.of(line.charAt(0)), line.substring(1));
            }
        }
        log.saved = log.next - 1;
        return log;
    }

    /** Adds what was printed, one or more lines. */
    public void add(Stream stream, String text) {
        lock.lock();
        try {
            String whole = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
            for (String line : whole.split("\r?\n", -1)) {
                String kept = line.length() > limit ? line.substring(0, limit) : line;
                Line added = new Line(next++, stream, kept);
                lines.add(added);
                size += added.size();
            }
            while (size > limit && lines.size() > 1) {
                size -= lines.remove().size();
            }
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more will be added. */
    void end() {
        lock.lock();
        try {
            ended = true;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Reads on behind a line, and waits if there is nothing yet. */
    public Lines read(long after, Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (after >= next - 1 && !ended && left > 0) {
                left = more.awaitNanos(left);
            }
            List<Line> found = new ArrayList<>();
            for (Line line : lines) {
                if (line.number() > after) {
                    found.add(line);
                }
            }
            boolean missed = !found.isEmpty() && found.getFirst().number() > after + 1;
            return new Lines(found, next - 1, missed, ended);
        } finally {
            lock.unlock();
        }
    }

    /**
     * What is to be stored: the number of the first line behind a hash, then a line each behind one
     * letter for its stream.
     *
     * @param bytes all there is
     * @param last number of the last line in it
     */
    @SuppressWarnings("ArrayRecordComponent") // written once and compared with nothing
    record Unsaved(byte[] bytes, long last) {}

    /** What there is, if there is more than was stored. */
    Optional<Unsaved> unsaved() {
        var bytes = new ByteArrayOutputStream();
        lock.lock();
        try {
            if (saved == next - 1) {
                return Optional.empty();
            }
            long first = lines.isEmpty() ? next : lines.getFirst().number();
            bytes.writeBytes(("#" + first + "\n").getBytes(StandardCharsets.UTF_8));
            for (Line line : lines) {
                bytes.write(line.stream().mark());
                bytes.writeBytes(line.text().getBytes(StandardCharsets.UTF_8));
                bytes.write('\n');
            }
            return Optional.of(new Unsaved(bytes.toByteArray(), next - 1));
        } finally {
            lock.unlock();
        }
    }

    /** That was stored. */
    void saved(Unsaved stored) {
        lock.lock();
        try {
            saved = stored.last();
        } finally {
            lock.unlock();
        }
    }
}
