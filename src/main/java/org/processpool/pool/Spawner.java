package org.processpool.pool;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.ProcessTree;

/**
 * Starts worker processes, all from one platform thread that lives as long as the JVM: a
 * parent-death signal follows the thread that forked, so a pooled thread that ends would take
 * workers with it.
 *
 * <p>The command runs behind a few words of shell, which cost under a millisecond: they move the
 * protocol to descriptors 3 and 4 and point 0 at nothing and 1 at the log, so that not even native
 * code can print into the protocol; they bound open files, size of files and core files (none), by
 * the shell's own {@code ulimit}, which costs no process; umask 077; and the kernel, short of
 * memory, is told to prefer a worker to the parent. There is no bound on address space, of which a
 * JVM takes far more than it uses, nor on processes, which would count those of everybody with the
 * same user.
 *
 * <p>Then {@link Launcher} makes the worker a session of its own, so that Ctrl-C in a terminal
 * reaches the parent alone and descendants can be found, and takes its privileges, which costs a
 * millisecond or two; or {@link Bubblewrap} locks it up.
 */
final class Spawner {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    /**
     * Takes most open files, largest file (0 for no change) and the command. A limit that is lower
     * and must not be raised stays.
     */
    private static final String SCRIPT =
            "umask 077; { ulimit -c 0; ulimit -n \"$1\"; [ \"$2\" = 0 ] || ulimit -f \"$2\";"
                    + " echo 500 >/proc/self/oom_score_adj; } 2>/dev/null; shift 2;"
                    + " exec 3<&0 4>&1 0</dev/null 1>&2; exec \"$@\"";

    /** What {@code ulimit -f} counts in. */
    private static final long BLOCK = 512;

    private static final String PREFIX = "process-pool-";

    /** Belongs to the user of this process; on Linux only. */
    private static final Path SELF = Path.of("/proc/self");

    /** Memory with file names; Linux has it here, others nowhere. */
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private static final ExecutorService THREAD =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("process-pool-spawner").factory());

    private static final AtomicBoolean SWEPT = new AtomicBoolean();

    private Spawner() {}

    static WorkerProcess start(WorkerCommand.Separate start, PoolConfig config, String label)
            throws IOException {
        return start(Launcher.here(), start, config, label);
    }

    /**
     * As {@link #start(WorkerCommand.Separate, PoolConfig, String)}, by a launcher of one's own.
     */
    static WorkerProcess start(
            Launcher launcher, WorkerCommand.Separate start, PoolConfig config, String label)
            throws IOException {
        Child child = fork(launcher, start, config, label);
        if (config.sandbox() == PoolConfig.Sandbox.BWRAP) {
            child.meet(config.startTimeout());
        }
        return child;
    }

    private static Child fork(
            Launcher launcher, WorkerCommand.Separate start, PoolConfig config, String label)
            throws IOException {
        try {
            return THREAD.submit(() -> spawn(launcher, start, config, label)).get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException("cannot start a worker", failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting a worker", interrupted);
        }
    }

    private static Child spawn(
            Launcher launcher, WorkerCommand.Separate start, PoolConfig config, String label)
            throws IOException {
        if (!Files.isExecutable(start.program())) {
            throw new IOException("cannot start a worker: no executable file " + start.program());
        }
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        if (SWEPT.compareAndSet(false, true)) {
            sweepLeftovers(temporary);
            if (Files.isDirectory(SHARED_MEMORY)) {
                sweepLeftovers(SHARED_MEMORY);
            }
        }
        String token = UUID.randomUUID().toString();
        Path directory = newDirectory(temporary, label);
        Optional<Path> shelves = shelves(label);
        try {
            List<String> command =
                    new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "process-pool-worker"));
            command.add("" + config.maxOpenFiles());
            command.add("" + config.maxFileSize() / BLOCK);
            List<String> line = start.line(config, directory, shelves, label);
            if (config.sandbox() == PoolConfig.Sandbox.BWRAP) {
                command.addAll(launcher.wordsBeforeSandbox());
                command.addAll(
                        Bubblewrap.here()
                                .around(
                                        line,
                                        start,
                                        config.workingDirectory(),
                                        directory,
                                        shelves));
            } else {
                command.addAll(launcher.words());
                command.addAll(line);
            }
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.directory(config.workingDirectory().orElse(directory).toFile());
            Map<String, String> environment = builder.environment();
            Map<String, String> inherited = Map.copyOf(environment);
            environment.clear();
            for (String variable : List.of("PATH", "LANG", "LC_ALL", "TZ")) {
                String value = inherited.get(variable);
                if (value != null) {
                    environment.put(variable, value);
                }
            }
            environment.put("HOME", directory.toString());
            environment.put("TMPDIR", directory.toString());
            environment.put(ProcessTree.TOKEN, token);
            environment.putAll(config.environment());
            Process process = builder.start();
            return new Child(process, ProcessTree.of(process.pid(), token), directory, shelves);
        } catch (IOException | RuntimeException failed) {
            delete(directory);
            if (shelves.isPresent()) {
                delete(shelves.get());
            }
            throw failed;
        }
    }

    /** A new directory that is nobody else's. */
    private static Path newDirectory(Path parent, String label) throws IOException {
        return Files.createTempDirectory(
                parent,
                PREFIX + ProcessHandle.current().pid() + "-" + label + "-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static Optional<Path> shelves(String label) {
        if (!Files.isWritable(SHARED_MEMORY)) {
            return Optional.empty();
        }
        try {
            return Optional.of(newDirectory(SHARED_MEMORY, label));
        } catch (IOException full) {
            LOG.log(System.Logger.Level.DEBUG, "large payloads go through the pipe", full);
            return Optional.empty();
        }
    }

    /** Deletes what workers of parents that were killed have left behind. */
    private static void sweepLeftovers(Path parent) {
        try (var left = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path directory : left) {
                if (!isOurs(directory)) {
                    continue; // its owner could lead us elsewhere while it is being deleted
                }
                String name = directory.getFileName().toString().substring(PREFIX.length());
                int dash = name.indexOf('-');
                if (dash > 0
                        && name.chars().limit(dash).allMatch(Character::isDigit)
                        && dash < 19
                        && ProcessHandle.of(Long.parseLong(name.substring(0, dash))).isEmpty()) {
                    sweep(directory);
                }
            }
        } catch (IOException | DirectoryIteratorException unreadable) {
            LOG.log(System.Logger.Level.WARNING, "cannot look for leftovers", unreadable);
        }
    }

    /** Whether a directory is one, and belongs to the user of this process. */
    private static boolean isOurs(Path directory) throws IOException {
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                && (!Files.exists(SELF)
                        || Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS)
                                .equals(Files.getOwner(SELF)));
    }

    /** What another user or a process that lives on has left is no reason not to start. */
    private static void sweep(Path directory) {
        try {
            delete(directory);
        } catch (IOException left) {
            LOG.log(System.Logger.Level.WARNING, "cannot delete " + directory, left);
        }
    }

    private static void delete(Path directory) throws IOException {
        try {
            Files.walkFileTree(
                    directory,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                                throws IOException {
                            Files.deleteIfExists(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path folder, @Nullable IOException failed) throws IOException {
                            Files.deleteIfExists(folder);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (NoSuchFileException gone) {
            // somebody else deleted it: that is what we want
        }
    }

    /** A real process. */
    private static final class Child implements WorkerProcess {

        /** Most of what a sandbox says that could not be. */
        private static final int WORDS = 2000;

        private final Process process;
        private final ProcessTree tree;
        private final Path directory;
        private final Optional<Path> shelves;

        /** The reading end of the pipe the worker reads from; guarded by this. */
        private @Nullable InputStream input;

        private boolean ended;

        /** The process itself, or in a sandbox one that it has started. */
        private volatile ProcessHandle worker;

        Child(Process process, ProcessTree tree, Path directory, Optional<Path> shelves) {
            this.process = process;
            this.worker = process.toHandle();
            this.tree = tree;
            this.directory = directory;
            this.shelves = shelves;
        }

        /**
         * Waits until the sandbox stands, finds the worker in it, and tells it by which number it
         * is known out here.
         *
         * @throws IOException there is no sandbox, and nothing is left of the attempt
         */
        void meet(Duration patience) throws IOException {
            try {
                awaitSandbox(patience);
                worker = last(process.toHandle());
                process.getOutputStream()
                        .write((worker.pid() + "\n").getBytes(StandardCharsets.US_ASCII));
                process.getOutputStream().flush();
            } catch (IOException | RuntimeException none) {
                try {
                    String words = lastWords();
                    throw new IOException(
                            words.isEmpty()
                                    ? String.valueOf(none.getMessage())
                                    : none.getMessage() + ": " + words,
                            none);
                } finally {
                    kill();
                    cleanUp();
                }
            }
        }

        /** What a sandbox that could not be made has said of it. */
        private String lastWords() throws IOException {
            boolean _ = process.toHandle().destroyForcibly(); // leaves the streams open
            return new String(process.getErrorStream().readNBytes(WORDS), StandardCharsets.UTF_8)
                    .strip();
        }

        private void awaitSandbox(Duration patience) throws IOException {
            var said = new CompletableFuture<Integer>();
            Threads.lend(() -> {
                try {
                    said.complete(process.getInputStream().read());
                } catch (IOException torn) {
                    said.completeExceptionally(torn);
                }
            });
            try {
                if (said.get(patience.toNanos(), TimeUnit.NANOSECONDS) != '\n') {
                    throw new IOException("the sandbox of a worker could not be made");
                }
            } catch (TimeoutException late) {
                throw new IOException(
                        "the sandbox of a worker was not there within "
                                + CallException.words(patience),
                        late);
            } catch (ExecutionException torn) {
                throw new IOException("the sandbox of a worker could not be made", torn.getCause());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while starting a worker", interrupted);
            }
        }

        /** The youngest of a process that has one child, which has one child, and so on. */
        private static ProcessHandle last(ProcessHandle first) throws IOException {
            List<ProcessHandle> below = first.descendants().toList();
            for (ProcessHandle each : below) {
                if (below.stream().noneMatch(other -> other.parent().equals(Optional.of(each)))) {
                    return each;
                }
            }
            throw new IOException("the worker in its sandbox could not be found");
        }

        @Override
        public Optional<Path> shelves() {
            return shelves;
        }

        /**
         * Linux lets a process open its own descriptors anew, and its children's. While the worker
         * lives this end is not read from; it keeps what the worker has not read from vanishing
         * with it.
         */
        @Override
        public synchronized void watchInput() {
            Path pipe = Path.of("/proc", "" + worker.pid(), "fd", "3");
            if (!ended && Files.isReadable(pipe)) {
                try {
                    input = new FileInputStream(pipe.toFile());
                } catch (IOException unreadable) {
                    // then a call that did not reach a dying worker counts as possibly started
                    LOG.log(System.Logger.Level.DEBUG, "cannot watch " + pipe, unreadable);
                }
            }
        }

        @Override
        public synchronized int unread() {
            ended = true;
            try (InputStream pipe = input) {
                input = null;
                return pipe == null ? 0 : pipe.available();
            } catch (IOException unknown) {
                return 0;
            }
        }

        @Override
        public InputStream fromWorker() {
            return process.getInputStream();
        }

        @Override
        public OutputStream toWorker() {
            return process.getOutputStream();
        }

        @Override
        public InputStream printed() {
            return process.getErrorStream();
        }

        @Override
        public long pid() {
            return worker.pid();
        }

        @Override
        public int awaitExit() {
            while (true) {
                try {
                    return process.waitFor();
                } catch (InterruptedException meaningless) {
                    // nobody who interrupts can know this thread
                }
            }
        }

        @Override
        public void terminate() {
            if (worker.pid() == process.pid()) {
                process.destroy();
            } else {
                boolean _ = worker.destroy();
            }
        }

        @Override
        public void kill() {
            List<ProcessHandle> descendants = List.of();
            try {
                descendants = process.descendants().toList();
            } catch (RuntimeException unreadable) {
                // out of file descriptors, say: the process itself comes first
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot see what worker " + pid() + " has started",
                        unreadable);
            }
            boolean _ = worker.destroyForcibly();
            process.destroyForcibly();
            descendants.forEach(ProcessHandle::destroyForcibly);
        }

        @Override
        public void cleanUp() {
            tree.kill();
            try {
                process.waitFor(1, TimeUnit.SECONDS);
                delete(directory);
                if (shelves.isPresent()) {
                    delete(shelves.get());
                }
            } catch (IOException left) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot delete a directory of worker " + pid(),
                        left);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public long residentBytes() {
            return Memory.resident(pid());
        }

        @Override
        public Optional<Meter> meter() {
            return Optional.of(new Meter(worker));
        }

        @Override
        public Optional<Duration> cpu() {
            return Cpu.used(pid());
        }
    }
}
