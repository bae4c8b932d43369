package org.processpool.rest;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts one JSON array into its elements. It looks at strings and brackets only, to find where an
 * element ends; whether that is JSON is then checked for each.
 */
final class ArrayCutter implements ItemCutter {

    private enum Place {
        BEFORE_ARRAY,
        BEFORE_FIRST,
        BEFORE_NEXT,
        IN_ITEM,
        BEHIND_ARRAY
    }

    private final int maxItem;
    private Place place = Place.BEFORE_ARRAY;
    private byte[] piece = {};
    private int at;

    /** The bytes of the item so far. */
    private byte[] item = new byte[64];

    private int size;
    private int depth;
    private boolean inString;
    private boolean escaped;

    private long count;
    private long line = 1;
    private long column = 1;
    private long itemLine;
    private long itemColumn;
    private int marked;

    /**
     * @param maxItem most bytes of an item
     */
    ArrayCutter(int maxItem) {
        this.maxItem = maxItem;
    }

    @Override
    public void feed(byte[] next) {
        piece = next;
        at = 0;
    }

    @Override
    public byte @Nullable [] next() {
        while (at < piece.length) {
            byte[] found = take(piece[at]);
            if (piece[at] == '\n') {
                line++;
                column = 1;
            } else {
                column++;
            }
            at++;
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    @Override
    public byte @Nullable [] end() {
        if (place != Place.BEHIND_ARRAY) {
            throw malformed(
                    place == Place.BEFORE_ARRAY ? Phrase.BLANK_BODY : Phrase.ARRAY_HAS_NO_END);
        }
        return null;
    }

    private byte @Nullable [] take(byte each) {
        return switch (place) {
            case BEFORE_ARRAY -> open(each);
            case BEFORE_FIRST -> each == ']' ? close() : begin(each);
            case BEFORE_NEXT -> begin(each);
            case IN_ITEM -> goOn(each);
            case BEHIND_ARRAY -> {
                if (!isBlank(each)) {
                    throw malformed(Phrase.MORE_AFTER_ARRAY);
                }
                yield null;
            }
        };
    }

    private byte @Nullable [] open(byte each) {
        if (each == '[') {
            place = Place.BEFORE_FIRST;
        } else if (!isBlank(each) && !isMark(each)) {
            throw malformed(Phrase.NO_ARRAY_OF_ITEMS);
        }
        return null;
    }

    private byte @Nullable [] close() {
        place = Place.BEHIND_ARRAY;
        return null;
    }

    private boolean isMark(byte each) {
        byte[] mark = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
        return line == 1 && column == marked + 1 && marked < 3 && each == mark[marked++];
    }

    private byte @Nullable [] begin(byte each) {
        if (isBlank(each)) {
            return null;
        }
        if (each == ',' || each == ']') {
            throw malformed(Phrase.ITEM_MISSING, (char) each);
        }
        place = Place.IN_ITEM;
        itemLine = line;
        itemColumn = column;
        return goOn(each);
    }

    private byte @Nullable [] goOn(byte each) {
        if (inString) {
            if (escaped) {
                escaped = false;
            } else if (each == '\\') {
                escaped = true;
            } else if (each == '"') {
                inString = false;
            }
        } else {
            switch (each) {
                case '"' -> inString = true;
                case '[', '{' -> depth++;
                case '}' -> depth = Math.max(0, depth - 1); // one too many is seen by the check
                case ']' -> {
                    if (depth == 0) {
                        place = Place.BEHIND_ARRAY;
                        return whole();
                    }
                    depth--;
                }
                case ',' -> {
                    if (depth == 0) {
                        place = Place.BEFORE_NEXT;
                        return whole();
                    }
                }
                default -> {}
            }
        }
        if (size == maxItem) {
            throw new ProblemException(
                    new Problem(
                                    ProblemType.CONTENT_TOO_LARGE,
                                    Phrase.ITEM_OVER_LIMIT,
                                    count,
                                    maxItem)
                            .with("limitBytes", maxItem)
                            .with("index", count));
        }
        if (size == item.length) {
            item = Arrays.copyOf(item, 2 * size);
        }
        item[size++] = each;
        return null;
    }

    private byte[] whole() {
        while (size > 0 && isBlank(item[size - 1])) {
            size--;
        }
        byte[] found = Arrays.copyOf(item, size);
        try {
            JsonSyntax.check(found);
        } catch (ProblemException malformed) {
            throw inBody(malformed.problem());
        }
        size = 0;
        count++;
        return found;
    }

    /** Counts lines and columns from the beginning of the body instead of that of the item. */
    private ProblemException inBody(Problem inItem) {
        Problem problem = new Problem(inItem.type(), inItem.detail());
        if (inItem.extensions().get("line") instanceof Number l
                && inItem.extensions().get("column") instanceof Number c) {
            problem =
                    problem.with("line", itemLine + l.longValue() - 1)
                            .with(
                                    "column",
                                    l.longValue() == 1
                                            ? itemColumn + c.longValue() - 1
                                            : c.longValue());
        }
        return new ProblemException(problem);
    }

    private ProblemException malformed(Phrase detail, Object... arguments) {
        return new ProblemException(
                new Problem(ProblemType.MALFORMED_JSON, detail, arguments)
                        .with("line", line)
                        .with("column", column));
    }

    private static boolean isBlank(byte each) {
        return each == ' ' || each == '\t' || each == '\r' || each == '\n';
    }
}
