package org.processpool.pool;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.processpool.task.TaskName;

/** How workers are started: what Python calls a context. */
public sealed interface WorkerCommand {

    /** A process of its own. */
    sealed interface Separate extends WorkerCommand {

        /** The program that is started. */
        Path program();

        /**
         * The command line of one worker, which begins with the program.
         *
         * @param directory its private directory
         * @param shelves its directory in shared memory
         * @param label what {@code ps} shows last
         */
        List<String> line(PoolConfig config, Path directory, Optional<Path> shelves, String label);
    }

    /**
     * A JVM of its own.
     *
     * @param java the {@code java} executable, version 25 or newer
     * @param classPath where it finds its classes
     * @param flags further flags; given last, so they win
     */
    record Jvm(Path java, WorkerClassPath classPath, List<String> flags) implements Separate {
        public Jvm {
            Objects.requireNonNull(java, "java");
            Objects.requireNonNull(classPath, "classPath");
            flags = List.copyOf(flags);
        }

        /** Flags that make the JVM refuse an AOT cache, which costs more than not having one. */
        private static boolean refusesCache(String flag) {
            return flag.startsWith("--")
                    || flag.startsWith("-javaagent")
                    || flag.startsWith("-agent")
                    || flag.startsWith("-Xshare")
                    || (flag.startsWith("-XX:+Use") && flag.endsWith("GC"))
                    || flag.contains("CompressedOops")
                    || flag.contains("CompactObjectHeaders");
        }

        /** The JVM this process runs on. */
        public static Jvm of(WorkerClassPath classPath, List<String> flags) {
            return new Jvm(
                    Path.of(System.getProperty("java.home"), "bin", "java"), classPath, flags);
        }

        @Override
        public Path program() {
            return java;
        }

        @Override
        public List<String> line(
                PoolConfig config, Path directory, Optional<Path> shelves, String label) {
            int processors = Runtime.getRuntime().availableProcessors();
            List<String> line = new ArrayList<>();
            line.add(java.toString());
            // Small and quick: one collector thread, few compiler threads, memory given back.
            line.add("-XX:+UseSerialGC");
            line.add("-XX:-UsePerfData");
            line.add(
                    "-XX:ActiveProcessorCount="
                            + Math.max(
                                    1, (processors + config.processes() - 1) / config.processes()));
            line.add("-XX:MinHeapFreeRatio=10");
            line.add("-XX:MaxHeapFreeRatio=30");
            if (config.sandbox() == PoolConfig.Sandbox.BWRAP) {
                // the bounds that hold for this process's container cannot be seen in there
                line.add("-XX:MaxRAM=" + Memory.ofMachine());
            }
            if (config.hardMemory() > 0) {
                line.add("-Xmx" + Math.max(16L << 20, config.hardMemory() / 4 * 3));
            } else {
                line.add("-XX:MaxRAMPercentage=" + Math.max(1.0, 50.0 / config.processes()));
            }
            // A full heap ends the worker at once, and no crash report litters the place.
            line.add("-XX:+ExitOnOutOfMemoryError");
            line.add("-XX:ErrorFile=" + directory.resolve("hs_err.log"));
            line.addAll(properties(config, directory, shelves));
            line.add("--enable-native-access=ALL-UNNAMED"); // as when the cache was made
            // What the JVM itself has to say is no business of the protocol's.
            line.add("-Xlog:disable");
            line.add("-Xlog:all=warning:stderr");
            line.add("-XX:+DisplayVMOutputToStderr");
            if (flags.stream().noneMatch(Jvm::refusesCache)) {
                classPath.aotCache().ifPresent(cache -> line.add("-XX:AOTCache=" + cache));
            }
            line.addAll(flags);
            line.add("-cp");
            line.add(classPath.joined());
            line.add("org.processpool.worker.WorkerMain");
            line.add(label);
            return line;
        }
    }

    /**
     * A native executable of the service, which is a worker when its first word is {@code worker}.
     * It offers the tasks that were built into it.
     *
     * @param executable where it is; anything that hands its words on to the service will do
     * @param flags options of its own run-time, such as {@code -Xmx64m}; given last, so they win
     */
    record Native(Path executable, List<String> flags) implements Separate {

        /** The first word of a worker's command line. */
        public static final String WORKER = "worker";

        public Native {
            Objects.requireNonNull(executable, "executable");
            flags = List.copyOf(flags);
        }

        /** Whether this process itself is a native executable. */
        static boolean isHere() {
            return "runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"));
        }

        /**
         * The executable of this process.
         *
         * @throws IllegalStateException the system does not tell which that is
         */
        public static Native ofThisProcess(List<String> flags) {
            return new Native(
                    ProcessHandle.current()
                            .info()
                            .command()
                            .map(Path::of)
                            .orElseThrow(() ->
                                    new IllegalStateException(
                                            "cannot tell which executable this process is")),
                    flags);
        }

        @Override
        public Path program() {
            return executable;
        }

        @Override
        public List<String> line(
                PoolConfig config, Path directory, Optional<Path> shelves, String label) {
            List<String> line = new ArrayList<>();
            line.add(executable.toString());
            line.add(WORKER);
            if (config.hardMemory() > 0) {
                line.add("-Xmx" + Math.max(16L << 20, config.hardMemory() / 4 * 3));
            } else {
                line.add("-XX:MaximumHeapSizePercent=" + Math.max(1, 50 / config.processes()));
            }
            line.add("-XX:+ExitOnOutOfMemoryError");
            line.addAll(properties(config, directory, shelves));
            line.addAll(flags);
            line.add(label);
            return line;
        }
    }

    /** A thread of this process; see {@link PoolBuilder#inline()}. */
    record Inline() implements WorkerCommand {}

    /** What a worker is told by system properties. */
    private static List<String> properties(
            PoolConfig config, Path directory, Optional<Path> shelves) {
        List<String> properties = new ArrayList<>();
        properties.add("-Djava.io.tmpdir=" + directory);
        properties.add("-Djava.awt.headless=true");
        properties.add("-Djdk.serialFilter=!*");
        properties.add("-Dstdout.encoding=UTF-8");
        properties.add("-Dstderr.encoding=UTF-8");
        properties.add("-Dprocess-pool.fds=3,4");
        if (!config.offer().isEmpty()) {
            properties.add(
                    "-Dprocess-pool.offer="
                            + config.offer().stream()
                                    .map(TaskName::value)
                                    .sorted()
                                    .collect(Collectors.joining(",")));
        }
        shelves.ifPresent(place -> properties.add("-Dprocess-pool.shelves=" + place));
        return properties;
    }
}
