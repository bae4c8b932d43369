package org.processpool.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** CPython's {@code multiprocessing.Pool}: a Python process that is told what to run. */
final class PythonPool implements Side {

    private static final Path SCRIPT = Path.of("src", "bench", "python", "bench.py");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process python;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    PythonPool() throws IOException {
        if (!Files.exists(SCRIPT)) {
            throw new IOException(
                    "%s is not here; run this from the project's directory".formatted(SCRIPT));
        }
        python =
                new ProcessBuilder("python3", SCRIPT.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        commands = python.outputWriter();
        answers = python.inputReader();
    }

    @Override
    public Map<String, Double> run(Scenario scenario) throws IOException {
        commands.write("%s %d%n".formatted(scenario, scenario.size()));
        commands.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("Python ended during '%s', see above".formatted(scenario));
        }
        return JSON.readValue(answer, new TypeReference<>() {});
    }

    /** The end of its input tells it to leave; it takes its workers along. */
    @Override
    public void close() throws IOException {
        commands.close();
        python.onExit().completeOnTimeout(python, 10, TimeUnit.SECONDS).join();
        python.descendants().forEach(ProcessHandle::destroyForcibly);
        python.destroyForcibly();
    }
}
