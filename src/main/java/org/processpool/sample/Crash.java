package org.processpool.sample;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Dies by a signal, as native code or the kernel would have it; null means SEGV.
 *
 * <p>What the parent sees is not always that signal. On SEGV, BUS, FPE and ILL a JVM writes an
 * {@code hs_err_pid*.log} to its working directory, takes a moment for it, and aborts: exit code
 * 134 (128 + SIGABRT), or 1 if the JVM runs with {@code -XX:-CreateCoredumpOnCrash}. ABRT gives 134
 * without the file, KILL 137, TERM 143 after the shutdown hooks. After STOP the process is there
 * but silent until it gets a CONT.
 */
@TaskDefinition(name = "crash", summary = "Dies by a signal", example = "\"SEGV\"", trouble = true)
public final class Crash implements Task<String, Void> {

    private static final Pattern SIGNAL = Pattern.compile("[A-Z]+[0-9]*");

    @Override
    public Void run(@Nullable String signal, TaskContext context)
            throws IOException, InterruptedException {
        throw die(signal == null ? "SEGV" : signal);
    }

    /** Sends a signal to this process and returns only if it lived on for a minute. */
    static IllegalStateException die(String signal) throws IOException, InterruptedException {
        if (!SIGNAL.matcher(signal).matches()) {
            throw new IllegalArgumentException(
                    "signal must be a name such as SEGV, was '%s'".formatted(signal));
        }
        long pid = ProcessHandle.current().pid();
        // The shell's own kill: small images have no other.
        int exitCode =
                new ProcessBuilder("sh", "-c", "kill -s %s %d".formatted(signal, pid))
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.INHERIT)
                        .start()
                        .waitFor();
        if (exitCode != 0) {
            throw new IllegalArgumentException(
                    "signal '%s' was refused: kill ended with %d".formatted(signal, exitCode));
        }
        Thread.sleep(Duration.ofMinutes(1)); // a result sent while dying would count
        return new IllegalStateException("process %d outlived SIG%s".formatted(pid, signal));
    }
}
