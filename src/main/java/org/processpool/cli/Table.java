package org.processpool.cli;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.List;

/** Columns of text, as wide as their widest cell on a terminal. */
final class Table {

    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /** A table with a heading. */
    static Table of(String... heading) {
        var table = new Table();
        table.rows.add(List.of(heading).stream().map(Style::heading).toList());
        return table;
    }

    /** Adds a row; control characters in it become blanks. */
    Table row(Object... cells) {
        rows.add(List.of(cells).stream().map(Object::toString).map(Table::cell).toList());
        return this;
    }

    boolean isEmpty() {
        return rows.size() < 2;
    }

    void print(Output out) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        var widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < row.size(); column++) {
                widths[column] = Math.max(widths[column], width(row.get(column)));
            }
        }
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                line.append(cell);
                if (column < row.size() - 1) {
                    line.append(" ".repeat(widths[column] - width(cell))).append(GAP);
                }
            }
            out.line(line.toString().stripTrailing());
        }
    }

    /** Colours of ours are kept, those of others are not. */
    private static String cell(String text) {
        String bare = Style.without(text);
        return Style.state(bare).equals(text) ? text : Style.plain(bare);
    }

    /** Columns that a text takes on a terminal: two for each Chinese, Japanese or Korean sign. */
    static int width(String text) {
        return Style.without(text).codePoints().map(Table::width).sum();
    }

    private static int width(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
            default -> isWide(codePoint) ? 2 : 1;
        };
    }

    private static boolean isWide(int codePoint) {
        if (codePoint < 0x1100) {
            return false;
        }
        boolean fullWidth = codePoint >= 0xFF01 && codePoint <= 0xFF60;
        boolean punctuation = codePoint >= 0x3000 && codePoint <= 0x303E;
        return fullWidth
                || punctuation
                || Character.isEmojiPresentation(codePoint)
                || switch (UnicodeScript.of(codePoint)) {
                    case HAN, HIRAGANA, KATAKANA, HANGUL, BOPOMOFO, YI ->
                            codePoint < 0xFF61 || codePoint > 0xFFDC;
                    default -> false;
                };
    }
}
