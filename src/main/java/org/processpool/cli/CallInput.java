package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A task and its input as they stand on the command line, in a file or in standard input. */
final class CallInput {

    /** As a file: standard input. */
    static final String STDIN = "-";

    @Parameters(index = "0", paramLabel = "TASK", description = "The task to run.")
    private String task = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "JSON",
            description = {
                "The input. One value is the input itself; several are its positional arguments,"
                        + " and - is standard input."
            })
    private List<String> values = List.of();

    @Option(
            names = {"-k", "--kwargs"},
            paramLabel = "NAME=VALUE",
            description =
                    "A named argument; may be repeated. A value that is no JSON is taken as text.")
    private Map<String, String> named = new LinkedHashMap<>();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Read the input from a file; - is standard input.")
    private @Nullable String file;

    String task() {
        return task;
    }

    /** What stands between the options, after the task. */
    List<String> values() {
        return values;
    }

    /** The file that holds the input, if one was named. */
    Optional<String> file() {
        return values.equals(List.of(STDIN)) ? Optional.of(STDIN) : Optional.ofNullable(file);
    }

    boolean hasNamed() {
        return !named.isEmpty();
    }

    /**
     * The input as one JSON text, which is checked to be JSON only if it stands on the command
     * line; empty if there is no input at all.
     */
    Optional<byte[]> json(Subcommand command) {
        Optional<String> from = file();
        if (from.isPresent()) {
            if (hasNamed() || values.size() > (STDIN.equals(from.get()) && file == null ? 1 : 0)) {
                throw command.senseless("the input stands in a file or on the command line");
            }
            return Optional.of(bytes(command, from.get()));
        }
        if (hasNamed()) {
            if (!values.isEmpty()) {
                throw command.senseless("arguments are positional or named, not both");
            }
            return Optional.of(kwargs().getBytes(UTF_8));
        }
        if (values.size() == 1) {
            return Optional.of(checked(command, values.getFirst()).getBytes(UTF_8));
        }
        return values.isEmpty()
                ? Optional.empty()
                : Optional.of(positional(command).getBytes(UTF_8));
    }

    /** All values as a JSON array. */
    String positional(Subcommand command) {
        return values.stream()
                .map(value -> checked(command, value))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** The named arguments as a JSON object. */
    String kwargs() {
        return named.entrySet().stream()
                .map(pair -> quoted(pair.getKey()) + ":" + jsonOrText(pair.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** All that a file holds. */
    static byte[] bytes(Subcommand command, String file) {
        try (InputStream in = open(command, file)) {
            return in.readAllBytes();
        } catch (IOException unreadable) {
            throw command.senseless("cannot read %s: %s".formatted(file, unreadable.getMessage()));
        }
    }

    /** A file, or standard input. */
    static InputStream open(Subcommand command, String file) {
        if (file.equals(STDIN)) {
            return command.terminal().in();
        }
        try {
            Path path = Path.of(file);
            if (!Files.isReadable(path) || Files.isDirectory(path)) {
                throw command.senseless("there is no file %s that can be read".formatted(file));
            }
            return Files.newInputStream(path);
        } catch (InvalidPathException | IOException unreadable) {
            throw command.senseless("cannot read %s: %s".formatted(file, unreadable.getMessage()));
        }
    }

    private static String checked(Subcommand command, String value) {
        Json.fault(value)
                .ifPresent(fault -> {
                    throw command.senseless(
                            "'%s' is no JSON: %s%nA text needs quotes of its own: '%s'"
                                    .formatted(value, fault, quoted(value)));
                });
        return value;
    }

    private static String jsonOrText(String value) {
        return Json.fault(value).isEmpty() ? value : quoted(value);
    }

    private static String quoted(String text) {
        return JsonNodeFactory.instance.textNode(text).toString();
    }
}
