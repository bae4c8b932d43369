package org.processpool.rest;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command of a document and what it writes.
 *
 * <p>It stands in a block that begins with {@code ```console}, behind a dollar and a blank, and
 * goes on in the next line after a backslash. The lines up to the next command are what it writes:
 * {@code ...} in a line stands for any text, as a line of its own for any lines.
 *
 * @param line where it stands, from 1
 * @param command for the shell
 * @param expected what it writes
 */
record ConsoleExample(int line, String command, List<String> expected) {

    private static final String PROMPT = "$ ";
    private static final String ANYTHING = "...";

    ConsoleExample {
        expected = List.copyOf(expected);
    }

    /** All of a document in Markdown, in order. */
    static List<ConsoleExample> of(String markdown) {
        var examples = new ArrayList<ConsoleExample>();
        List<String> lines = markdown.lines().toList();
        boolean inside = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.startsWith("```")) {
                inside = line.equals("```console");
            } else if (inside && line.startsWith(PROMPT)) {
                int first = i + 1;
                var command = new StringBuilder(line.substring(PROMPT.length()));
                while (command.toString().endsWith("\\")) {
                    i++;
                    command.append('\n').append(lines.get(i));
                }
                var expected = new ArrayList<String>();
                while (i + 1 < lines.size() && isOutput(lines.get(i + 1))) {
                    i++;
                    expected.add(lines.get(i));
                }
                examples.add(new ConsoleExample(first, command.toString(), expected));
            }
        }
        return examples;
    }

    private static boolean isOutput(String line) {
        return !line.strip().startsWith("```") && !line.strip().startsWith(PROMPT);
    }

    /** Whether the command wrote what the document says. */
    boolean fits(List<String> output) {
        String pattern =
                expected.stream()
                        .map(line ->
                                line.strip().equals(ANYTHING)
                                        ? "(?:[^\n]*\n)*"
                                        : inLine(line.stripTrailing()) + "[ \t\r]*\n")
                        .collect(joining());
        String text = output.stream().map(line -> line + "\n").collect(joining());
        return Pattern.matches(pattern, text);
    }

    private static String inLine(String line) {
        return Stream.of(line.split(Pattern.quote(ANYTHING), -1))
                .map(Pattern::quote)
                .collect(joining("[^\n]*"));
    }
}
