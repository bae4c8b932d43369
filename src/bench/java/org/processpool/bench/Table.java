package org.processpool.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Comparisons as a Markdown table with straight columns. */
final class Table {

    private static final List<String> HEAD =
            List.of(
                    "scenario",
                    "unit",
                    "ours, median [min–max]",
                    "Python (P), median [min–max]",
                    "times as good",
                    "target",
                    "met");

    private Table() {}

    static String of(List<Comparison> comparisons) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEAD);
        comparisons.forEach(comparison -> lines.add(cells(comparison)));
        int[] widths =
                IntStream.range(0, HEAD.size())
                        .map(i -> lines.stream().mapToInt(l -> l.get(i).length()).max().orElse(0))
                        .toArray();
        lines.add(1, IntStream.of(widths).mapToObj("-"::repeat).toList());
        return lines.stream()
                .map(line -> line(line, widths))
                .collect(Collectors.joining(System.lineSeparator()));
    }

    private static List<String> cells(Comparison comparison) {
        Row row = comparison.row();
        return List.of(
                row.title(),
                row.unit(),
                comparison.ours().toString(),
                comparison.python().toString(),
                comparison.ratio().toString(),
                row.target().toString(),
                comparison.met());
    }

    private static String line(List<String> cells, int[] widths) {
        return IntStream.range(0, widths.length)
                .mapToObj(i -> cells.get(i) + " ".repeat(widths[i] - cells.get(i).length()))
                .collect(Collectors.joining(" | ", "| ", " |"));
    }
}
