package org.processpool.quarkus;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that may be installed here. */
record Program(Path file) {

    private static final long LONGEST_SECONDS = 120;

    /** What it said, standard error included, and its exit code. */
    record Answer(int code, String text) {}

    /** Looks for it where the shell would. */
    static Optional<Program> named(String name) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Program::new);
    }

    /** Runs it in a folder and waits for its end. */
    Answer run(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                Stream.concat(Stream.of(file.toString()), Stream.of(arguments)).toList();
        Path output = Files.createTempFile("program", ".txt");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command + " took over " + LONGEST_SECONDS + " s");
            }
            return new Answer(process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }
}
