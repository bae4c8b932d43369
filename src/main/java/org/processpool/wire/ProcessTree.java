package org.processpool.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The processes a worker has started, directly or not, also those that were detached from it. On
 * Linux they are known by the worker's session and by a token in their environment; elsewhere only
 * the descendants of a living worker are known.
 *
 * <p>Make one while the worker lives, so that a later process with the same id is not mistaken for
 * it. Safe for use by several threads.
 */
public final class ProcessTree {

    /** Environment variable that holds a worker's token; its children inherit it. */
    public static final String TOKEN = "PROCESS_POOL_WORKER";

    private static final Path PROC = Path.of("/proc");
    private static final boolean LINUX = Files.isReadable(PROC.resolve("self/stat"));

    /** The first process, of the system or of a sandbox. */
    private static final long INIT = 1;

    /** How often is looked again for children born while their parents were killed. */
    private static final int ROUNDS = 100;

    /** Longest time one killing takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /**
     * What /proc/[pid]/stat tells.
     *
     * @param started clock ticks from the start of the system to the start of the process
     */
    private record Stat(boolean dead, long session, long started) {
        static final Stat UNKNOWN = new Stat(true, -1, -1);
    }

    private final long worker;
    private final byte[] token;
    private final long started;

    private ProcessTree(long worker, byte[] token, long started) {
        this.worker = worker;
        this.token = token;
        this.started = started;
    }

    /**
     * Of a living worker.
     *
     * @param pid the worker's process id
     * @param token value of {@link #TOKEN} in its environment; empty if there is none
     */
    public static ProcessTree of(long pid, String token) {
        byte[] entry =
                token.isEmpty()
                        ? new byte[0]
                        : (TOKEN + "=" + token + "\0").getBytes(StandardCharsets.UTF_8);
        return new ProcessTree(pid, entry, stat(directory(pid)).started());
    }

    /**
     * Kills all of them forcibly, and those they start meanwhile, but never the worker and never
     * this process. Blocks for at most a second or so; does nothing if none is left.
     *
     * @return how many were killed
     */
    public int kill() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Set<Long> killed = new HashSet<>();
        for (int round = 0; round < ROUNDS && System.nanoTime() < deadline; round++) {
            Set<Long> found = find();
            if (found.isEmpty()) {
                break;
            }
            for (Long pid : found) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            killed.addAll(found);
            Thread.onSpinWait();
        }
        return killed.size();
    }

    private Set<Long> find() {
        Set<Long> found = new HashSet<>();
        Optional<ProcessHandle> now = ProcessHandle.of(worker);
        boolean reused = LINUX && now.isPresent() && stat(directory(worker)).started() != started;
        if (now.isPresent() && !reused) {
            now.get().descendants().forEach(each -> found.add(each.pid()));
        }
        if (LINUX) {
            scan(found, reused);
        }
        found.remove(worker);
        found.remove(ProcessHandle.current().pid());
        found.remove(INIT); // which nobody can kill, nor needs to
        return found;
    }

    private void scan(Set<Long> found, boolean reused) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                Stat stat = stat(process);
                if (stat.dead() || stat.started() < started) {
                    found.remove(pid);
                } else if ((stat.session() == worker && !reused) || hasToken(process)) {
                    found.add(pid);
                }
            }
        } catch (IOException | DirectoryIteratorException unreadable) {
            // then the descendants are all we know
        }
    }

    private boolean hasToken(Path process) {
        if (token.length == 0) {
            return false;
        }
        try {
            byte[] environment = Files.readAllBytes(process.resolve("environ"));
            for (int at = 0; at <= environment.length - token.length; at++) {
                boolean begins = at == 0 || environment[at - 1] == 0;
                if (begins
                        && Arrays.equals(
                                environment, at, at + token.length, token, 0, token.length)) {
                    return true;
                }
            }
            return false;
        } catch (IOException goneOrForeign) {
            return false;
        }
    }

    private static Path directory(long pid) {
        return PROC.resolve(Long.toString(pid));
    }

    private static Stat stat(Path process) {
        try {
            String line = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            // behind the name, which may hold blanks and brackets: state (field 3), ppid, pgrp,
            // session
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", 21);
            boolean dead = fields[0].equals("Z") || fields[0].equals("X");
            return new Stat(dead, Long.parseLong(fields[3]), Long.parseLong(fields[19]));
        } catch (IOException | RuntimeException gone) {
            return Stat.UNKNOWN;
        }
    }
}
