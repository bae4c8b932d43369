package org.processpool.rest;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts NDJSON: one JSON value a line, lines ending with LF or CR LF. Blank lines are passed over,
 * the last line needs no end, and a byte order mark at the beginning is no part of the first.
 */
final class LineCutter implements ItemCutter {

    private final int maxLine;
    private byte[] piece = {};
    private int at;

    /** The beginning of a line whose end has not arrived. */
    private byte[] begun = {};

    private int begunSize;
    private long lineNumber;

    /**
     * @param maxLine most bytes of a line, its end not counted
     */
    LineCutter(int maxLine) {
        this.maxLine = maxLine;
    }

    @Override
    public void feed(byte[] next) {
        piece = next;
        at = 0;
    }

    @Override
    public byte @Nullable [] next() {
        while (at < piece.length) {
            int end = at;
            while (end < piece.length && piece[end] != '\n') {
                end++;
            }
            refuseTooLong(end);
            if (end == piece.length) {
                begin(end);
                at = end;
                return null;
            }
            byte[] line = line(end);
            at = end + 1;
            lineNumber++;
            if (line.length > 0) {
                return checked(line);
            }
        }
        return null;
    }

    @Override
    public byte @Nullable [] end() {
        piece = new byte[0];
        at = 0;
        byte[] line = line(0);
        lineNumber++;
        return line.length == 0 ? null : checked(line);
    }

    /** What was begun and the piece up to there, without blanks at either end. */
    private byte[] line(int end) {
        byte[] from = piece;
        int start = at;
        int stop = end;
        if (begunSize > 0) {
            begin(end);
            from = begun;
            start = 0;
            stop = begunSize;
            begunSize = 0;
        }
        if (lineNumber == 0 && ByteOrderMark.starts(from, start, stop)) {
            start += ByteOrderMark.LENGTH;
        }
        while (start < stop && isBlank(from[start])) {
            start++;
        }
        while (stop > start && isBlank(from[stop - 1])) {
            stop--;
        }
        return Arrays.copyOfRange(from, start, stop);
    }

    private void begin(int end) {
        int more = end - at;
        if (begunSize + more > begun.length) {
            begun = Arrays.copyOf(begun, Math.max(2 * begun.length, begunSize + more));
        }
        System.arraycopy(piece, at, begun, begunSize, more);
        begunSize += more;
    }

    private static boolean isBlank(byte each) {
        return each == ' ' || each == '\t' || each == '\r';
    }

    private void refuseTooLong(int end) {
        if ((long) begunSize + end - at > maxLine) {
            throw new ProblemException(
                    new Problem(
                                    ProblemType.CONTENT_TOO_LARGE,
                                    Phrase.LINE_OVER_LIMIT,
                                    lineNumber + 1,
                                    maxLine)
                            .with("limitBytes", maxLine)
                            .with("lineNumber", lineNumber + 1));
        }
    }

    private byte[] checked(byte[] line) {
        try {
            JsonSyntax.check(line);
            return line;
        } catch (ProblemException malformed) {
            Map<String, Object> place = malformed.problem().extensions();
            throw new ProblemException(
                    new Problem(
                                    ProblemType.MALFORMED_LINE,
                                    Phrase.LINE_NOT_JSON,
                                    lineNumber,
                                    malformed.problem().detail())
                            .with("lineNumber", lineNumber)
                            .with("column", place.get("column")));
        }
    }
}
