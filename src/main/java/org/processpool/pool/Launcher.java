package org.processpool.pool;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The programs of util-linux that start a worker with less than its parent has: {@code setsid}
 * gives it a session of its own, {@code setpriv} takes its capabilities and every way to gain
 * privileges. Each replaces itself by the next, so the process id stays. They are looked for and
 * tried once; where one is missing, or is not allowed to work, workers start without it.
 *
 * <p>No parent-death signal is set: it would kill a worker before it has taken along what it has
 * started. Workers notice the end of their input.
 */
final class Launcher {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");

    /** How long a program may take that does nothing. */
    private static final long TRIAL_SECONDS = 10;

    /**
     * From the strictest on. Only root may empty the bounding set; others have nothing to lose by
     * it, as without new privileges no program gives them any.
     */
    private static final List<List<String>> WAYS =
            List.of(
                    List.of(
                            "--no-new-privs",
                            "--inh-caps",
                            "-all",
                            "--ambient-caps",
                            "-all",
                            "--bounding-set",
                            "-all"),
                    List.of("--no-new-privs", "--inh-caps", "-all", "--ambient-caps", "-all"),
                    List.of("--no-new-privs"));

    /** Ends well if it is run without capabilities. */
    private static final String POWERLESS =
            "while read -r key value; do [ \"$key\" != CapEff: ] || [ \"$value\" ="
                    + " 0000000000000000 ] || exit 1; done </proc/self/status";

    /** Found when the first worker is started. */
    private static final class Here {
        static final Launcher LAUNCHER = new Launcher(Launcher::onPath);
    }

    private final List<String> session;
    private final List<String> confinement;

    /**
     * @param lookup where a program is, by its name
     */
    Launcher(Function<String, Optional<Path>> lookup) {
        session = lookup.apply("setsid").map(Path::toString).map(List::of).orElse(List.of());
        confinement = lookup.apply("setpriv").map(Launcher::strictest).orElse(List.of());
        LOG.log(
                LINUX && confinement.isEmpty()
                        ? System.Logger.Level.INFO
                        : System.Logger.Level.DEBUG,
                words().isEmpty()
                        ? "workers start with the privileges of this process: neither setsid nor a"
                                + " setpriv that works (util-linux) was found"
                        : "workers start by " + String.join(" ", words()));
    }

    /** The one of this machine. */
    static Launcher here() {
        return Here.LAUNCHER;
    }

    /** What is to stand before the command line of a worker. */
    List<String> words() {
        List<String> words = new ArrayList<>(session);
        words.addAll(confinement);
        return words;
    }

    /** As {@link #words}, for a worker that is confined by a sandbox. */
    List<String> wordsBeforeSandbox() {
        return session;
    }

    /** The strictest way that leaves no capability; else the strictest that works at all. */
    private static List<String> strictest(Path setpriv) {
        List<String> powerless = first(setpriv, POWERLESS);
        if (!powerless.isEmpty() || !LINUX) {
            return powerless;
        }
        List<String> working = first(setpriv, ":");
        if (!working.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "workers keep capabilities of this process, which may not take them away: give it"
                            + " SETPCAP or start it as another user than root");
        }
        return working;
    }

    private static List<String> first(Path setpriv, String script) {
        for (List<String> way : WAYS) {
            List<String> words = new ArrayList<>();
            words.add(setpriv.toString());
            words.addAll(way);
            List<String> trial = new ArrayList<>(words);
            trial.addAll(List.of("/bin/sh", "-c", script));
            try {
                run(trial);
                return words;
            } catch (IOException notAllowed) {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        "{0} does not work: {1}",
                        String.join(" ", words),
                        notAllowed.getMessage());
            }
        }
        return List.of();
    }

    /** Where a program is that users of this process could start by its name. */
    static Optional<Path> onPath(String program) {
        String path = System.getenv("PATH");
        for (String directory :
                (path == null ? "/usr/bin:/bin" : path).split(File.pathSeparator, -1)) {
            Path file = Path.of(directory).resolve(program);
            if (file.isAbsolute() && Files.isExecutable(file) && !Files.isDirectory(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /**
     * Runs a program to its end, with an empty environment and input.
     *
     * @throws IOException saying why it did not end well
     */
    static void run(List<String> command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().clear();
        Process process = builder.start();
        try (var out = process.getInputStream()) {
            if (!process.waitFor(TRIAL_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("it did not end within %d s".formatted(TRIAL_SECONDS));
            }
            if (process.exitValue() != 0) {
                String words =
                        new String(out.readNBytes(500), StandardCharsets.UTF_8)
                                .strip()
                                .replaceAll("\\p{Cntrl}+", " ");
                throw new IOException(words.isEmpty() ? "exit code " + process.exitValue() : words);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while it ran", interrupted);
        } finally {
            process.destroyForcibly();
        }
    }
}
