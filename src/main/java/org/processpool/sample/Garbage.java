package org.processpool.sample;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Writes what no worker would say to the line between worker and parent, past the worker's own
 * code. Returns the number of bytes written; whether that answer arrives is the question.
 *
 * <ul>
 *   <li>{@code random}: 4 KiB of chance, the same each time
 *   <li>{@code huge-length}: a frame that claims to be 2³¹−1 bytes long
 *   <li>{@code negative-length}: a frame that claims to be −1 byte long
 *   <li>{@code half-frame}: the first 13 bytes of a frame of a megabyte; what follows is taken for
 *       its rest
 *   <li>{@code flood}: a million well-formed frames of a kind that nobody knows
 * </ul>
 */
@TaskDefinition(
        name = "garbage",
        summary = "Writes nonsense to its parent",
        example = "\"random\"",
        trouble = true)
public final class Garbage implements Task<String, Integer> {

    private static final int UNKNOWN_KIND = 120;
    private static final int KIND_AND_ID = 1 + Long.BYTES;

    private final Path line;

    /** Writes where a worker on the JVM has its protocol's output: file descriptor 4. */
    public Garbage() {
        this(Path.of("/dev/fd/4"));
    }

    Garbage(Path line) {
        this.line = line;
    }

    @Override
    public Integer run(String kind, TaskContext context) throws IOException {
        try (var out =
                new DataOutputStream(
                        new BufferedOutputStream(
                                Files.newOutputStream(line, StandardOpenOption.WRITE)))) {
            switch (kind) {
                case "random" -> out.write(random());
                case "huge-length" -> frame(out, Integer.MAX_VALUE, 0);
                case "negative-length" -> frame(out, -1, 0);
                case "half-frame" -> frame(out, 1 << 20, 0);
                case "flood" -> flood(out);
                default ->
                        throw new IllegalArgumentException(
                                ("garbage is random, huge-length, negative-length, half-frame or"
                                                + " flood, was '%s'")
                                        .formatted(kind));
            }
            return out.size();
        }
    }

    private static byte[] random() {
        var bytes = new byte[4096];
        new Random(4711).nextBytes(bytes);
        return bytes;
    }

    private static void flood(DataOutputStream out) throws IOException {
        for (long id = 0; id < 1_000_000; id++) {
            frame(out, KIND_AND_ID, id);
        }
    }

    private static void frame(DataOutputStream out, int length, long id) throws IOException {
        out.writeInt(length);
        out.writeByte(UNKNOWN_KIND);
        out.writeLong(id);
    }
}
