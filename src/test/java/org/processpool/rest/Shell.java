package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A bash that runs one command after the other, so that variables stay. For one thread. */
final class Shell implements AutoCloseable {

    private final String mark = "end-of-command-" + UUID.randomUUID();
    private final Process bash;
    private final BufferedReader output;
    private final Writer input;

    Shell() throws IOException {
        bash =
                new ProcessBuilder("bash", "--noprofile", "--norc")
                        .redirectErrorStream(true)
                        .start();
        output = new BufferedReader(new InputStreamReader(bash.getInputStream(), UTF_8));
        input = bash.outputWriter(UTF_8);
    }

    /**
     * Runs a command and waits for it.
     *
     * @return what it wrote, by lines
     * @throws TimeoutException if it takes longer; the shell is of no more use then
     */
    List<String> run(String command, Duration longest)
            throws IOException, InterruptedException, TimeoutException {
        // on a line of its own, whether the output ends with a newline or not
        input.write("{ %s\n} </dev/null\nprintf '\\n%s\\n'\n".formatted(command, mark));
        input.flush();
        var lines = CompletableFuture.supplyAsync(this::upToMark, Thread::startVirtualThread);
        try {
            return lines.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException broken) {
            throw new IOException("the shell ended during: " + command, broken.getCause());
        }
    }

    private List<String> upToMark() {
        var lines = new ArrayList<String>();
        try {
            for (String line; (line = output.readLine()) != null; ) {
                if (line.equals(mark)) {
                    if (!lines.isEmpty() && lines.getLast().isEmpty()) {
                        lines.removeLast();
                    }
                    return lines;
                }
                lines.add(line);
            }
        } catch (IOException torn) {
            throw new UncheckedIOException(torn);
        }
        throw new IllegalStateException("the output ended with " + lines);
    }

    @Override
    public void close() {
        bash.descendants().forEach(ProcessHandle::destroyForcibly);
        bash.destroyForcibly();
    }
}
