package org.processpool.sample;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Prints many bytes without a single newline, and returns how many. None may reach the protocol and
 * not all may fit into the log.
 */
@TaskDefinition(
        name = "chatter",
        summary = "Prints many bytes without a newline",
        example = "{\"bytes\": 1048576, \"to\": \"stdout\"}",
        trouble = true)
public final class Chatter implements Task<Chatter.Input, Integer> {

    private static final String WORDS = "blah ";

    /**
     * What to print.
     *
     * @param bytes how many; at least 0
     * @param to {@code stdout} or {@code stderr} for Java's streams, {@code child} for a process
     *     that writes to file descriptor 1 as native code in this one would
     */
    public record Input(int bytes, String to) {
        public Input {
            if (bytes < 0) {
                throw new IllegalArgumentException(
                        "bytes to print must be at least 0, was %d".formatted(bytes));
            }
        }
    }

    @Override
    public Integer run(Input input, TaskContext context) throws IOException, InterruptedException {
        switch (input.to()) {
            case "stdout" -> print(System.out, input.bytes());
            case "stderr" -> print(System.err, input.bytes());
            case "child" -> printByChild(input.bytes());
            default ->
                    throw new IllegalArgumentException(
                            "chatter goes to stdout, stderr or child, was '%s'"
                                    .formatted(input.to()));
        }
        return input.bytes();
    }

    private static void print(PrintStream stream, int bytes) {
        stream.writeBytes(text(bytes));
        stream.flush();
    }

    private static void printByChild(int bytes) throws IOException, InterruptedException {
        var child =
                new ProcessBuilder("cat")
                        .redirectOutput(Redirect.INHERIT)
                        .redirectError(Redirect.INHERIT)
                        .start();
        try (var stdin = child.getOutputStream()) {
            stdin.write(text(bytes));
        }
        int exitCode = child.waitFor();
        if (exitCode != 0) {
            throw new IOException("the child that prints ended with %d".formatted(exitCode));
        }
    }

    private static byte[] text(int bytes) {
        return WORDS.repeat(bytes / WORDS.length() + 1)
                .substring(0, bytes)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
