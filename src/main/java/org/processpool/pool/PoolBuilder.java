package org.processpool.pool;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskName;

/**
 * Describes a pool and starts it. Every value has a default that suits a small service; a value out
 * of its range is refused by {@link #build} with a message that names it. For one thread.
 */
public final class PoolBuilder {

    private final List<Class<?>> classPathOf = new ArrayList<>();
    private final List<Path> classPath = new ArrayList<>();
    private final List<String> jvmFlags = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable WorkerCommand command;
    private @Nullable Path java;
    private String name = "pool";
    private int processes = Runtime.getRuntime().availableProcessors();
    private int minProcesses = -1;
    private int spares = 0;
    private Duration idleTimeout = Duration.ofSeconds(60);
    private int maxTasksPerChild = 0;
    private int maxTasksJitter = 0;
    private Duration maxAge = Duration.ZERO;
    private long softMemory = 0;
    private long hardMemory = 0;
    private int queueLimit = 10_000;
    private PoolConfig.WhenFull whenFull = PoolConfig.WhenFull.REFUSE;
    private Duration timeout = Duration.ZERO;
    private Duration queueTimeout = Duration.ZERO;
    private Duration cancelGrace = Duration.ofMillis(500);
    private Duration killGrace = Duration.ofMillis(500);
    private Duration startTimeout = Duration.ofSeconds(30);
    private int startFailures = 5;
    private Duration heartbeat = Duration.ofSeconds(5);
    private Duration heartbeatTimeout = Duration.ofSeconds(15);
    private int maxPayload = 256 << 20;
    private int conversationsPerWorker = 1;
    private Optional<Work<?, ?>> initializer = Optional.empty();
    private List<?> initArgs = List.of();
    private Optional<Path> workingDirectory = Optional.empty();
    private boolean offerTrouble = false;
    private int maxOpenFiles = 4096;
    private long maxFileSize = 4L << 30;
    private PoolConfig.Sandbox sandbox = PoolConfig.Sandbox.NONE;
    private final Set<TaskName> offer = new HashSet<>();
    private PoolListener listener = PoolListener.SILENT;

    PoolBuilder(Class<?> caller) {
        classPathOf.add(caller);
    }

    /** Name in logs, metrics and thread names; default {@code pool}. */
    public PoolBuilder name(String value) {
        name = value;
        return this;
    }

    /**
     * Most worker processes, at least 1; default as many as processors are available to this
     * process (cgroup and affinity included). Python's {@code processes}.
     */
    public PoolBuilder processes(int value) {
        processes = value;
        return this;
    }

    /** Workers kept even when idle, 0 to {@code processes}; default {@code processes}. */
    public PoolBuilder minProcesses(int value) {
        PoolConfig.between("minProcesses", value, 0, Integer.MAX_VALUE);
        minProcesses = value;
        return this;
    }

    /** Warm workers kept besides to replace one that leaves; default 0. */
    public PoolBuilder spares(int value) {
        spares = value;
        return this;
    }

    /** After this time idle a worker above {@code minProcesses} leaves; default 60 s. */
    public PoolBuilder idleTimeout(Duration value) {
        idleTimeout = value;
        return this;
    }

    /**
     * Calls after which a worker is replaced, at least 1; a chunk of a map is one call. Default:
     * never. Python's {@code maxtasksperchild}.
     */
    public PoolBuilder maxTasksPerChild(int value) {
        PoolConfig.between("maxTasksPerChild", value, 1, Integer.MAX_VALUE);
        maxTasksPerChild = value;
        return this;
    }

    /** Up to so many calls more, at random per worker; default 0. */
    public PoolBuilder maxTasksJitter(int value) {
        maxTasksJitter = value;
        return this;
    }

    /**
     * Age after which a worker is replaced once its call has ended; zero, the default, for never.
     */
    public PoolBuilder maxAge(Duration value) {
        maxAge = value;
        return this;
    }

    /**
     * Resident memory of a worker.
     *
     * @param soft bytes over which it is replaced once its call has ended; 0 for no limit
     * @param hard bytes over which it is killed, its call ending as {@link Outcome.MemoryExceeded};
     *     0 for no limit. Also bounds the worker's Java heap
     */
    public PoolBuilder maxMemory(long soft, long hard) {
        softMemory = soft;
        hardMemory = hard;
        return this;
    }

    /** Most calls that wait, at least 0; default 10,000. */
    public PoolBuilder queueLimit(int value) {
        queueLimit = value;
        return this;
    }

    /** What happens to a submission over {@code queueLimit}; default {@code REFUSE}. */
    public PoolBuilder whenFull(PoolConfig.WhenFull value) {
        whenFull = value;
        return this;
    }

    /** Longest run of a call that sets none itself; zero, the default, for no limit. */
    public PoolBuilder timeout(Duration value) {
        timeout = value;
        return this;
    }

    /** Longest wait of a call that sets none itself; zero, the default, for no limit. */
    public PoolBuilder queueTimeout(Duration value) {
        queueTimeout = value;
        return this;
    }

    /** See {@link PoolConfig#cancelGrace} and {@link PoolConfig#killGrace}; default 500 ms each. */
    public PoolBuilder grace(Duration cancel, Duration kill) {
        cancelGrace = cancel;
        killGrace = kill;
        return this;
    }

    /** Longest time until a started worker is ready; default 30 s. */
    public PoolBuilder startTimeout(Duration value) {
        startTimeout = value;
        return this;
    }

    /** Starts that may fail in a row before the pool is broken, at least 1; default 5. */
    public PoolBuilder startFailures(int value) {
        startFailures = value;
        return this;
    }

    /**
     * How often a silent worker is asked whether it lives, default 5 s, zero for never; and how
     * long it may then stay silent, default 15 s.
     */
    public PoolBuilder heartbeat(Duration every, Duration patience) {
        heartbeat = every;
        heartbeatTimeout = patience;
        return this;
    }

    /** Most bytes of one argument or result, 1 KiB to 1 GiB; default 256 MiB. */
    public PoolBuilder maxPayload(int value) {
        maxPayload = value;
        return this;
    }

    /** Conversations one worker may hold at once, at least 1; default 1. */
    public PoolBuilder conversationsPerWorker(int value) {
        conversationsPerWorker = value;
        return this;
    }

    /** Runs once in each worker and each replacement before its first call. */
    public PoolBuilder initializer(RemoteCallable<?> code) {
        return initializer(Work.of(code), List.of());
    }

    /** As {@link #initializer(RemoteCallable)}, with Python's {@code initargs}. */
    public <A extends @Nullable Object> PoolBuilder initializer(
            RemoteFunction<A, ? extends @Nullable Object> code, A argument) {
        return initializer(Work.of(code), Arrays.asList(argument));
    }

    /** As {@link #initializer(RemoteCallable)}, with Python's {@code initargs}. */
    public <A extends @Nullable Object, B extends @Nullable Object> PoolBuilder initializer(
            RemoteBiFunction<A, B, ? extends @Nullable Object> code, A first, B second) {
        return initializer(Work.of(code), Arrays.asList(first, second));
    }

    /** Any code as initializer, with positional arguments. */
    public PoolBuilder initializer(Work<?, ?> code, List<?> arguments) {
        initializer = Optional.of(code);
        initArgs = arguments;
        return this;
    }

    /**
     * Adds the jars or class folders of these classes to the workers' class path, which otherwise
     * has process-pool, Jackson's streaming parser and the place of the class that called {@link
     * ProcessPool#builder}.
     */
    public PoolBuilder classPathOf(Class<?>... classes) {
        classPathOf.addAll(Arrays.asList(classes));
        return this;
    }

    /** Adds jars or class folders to the workers' class path. */
    public PoolBuilder classPath(Path... places) {
        classPath.addAll(Arrays.asList(places));
        return this;
    }

    /** Adds flags for the workers' JVM, such as {@code -Xmx512m}; the last of two counts. */
    public PoolBuilder jvmFlags(String... flags) {
        jvmFlags.addAll(Arrays.asList(flags));
        return this;
    }

    /**
     * The {@code java} executable of the workers, version 25 or newer; default the one this process
     * runs on. In a native executable, workers are that same executable unless this is set; then
     * {@link #classPath} has to name all they need: Process Pool's jar, jackson-core and
     * jackson-dataformat-cbor.
     */
    public PoolBuilder java(Path value) {
        java = value;
        return this;
    }

    /**
     * How a worker is started: Python's {@code context}. Default: a JVM with the class path and
     * flags given here, or in a native executable the executable itself with these flags.
     */
    public PoolBuilder context(WorkerCommand value) {
        command = value;
        return this;
    }

    /**
     * Runs calls in threads of this process, for unit tests: same API, everything is still encoded
     * and decoded, but a time-out cannot kill and a crash is not contained.
     */
    public PoolBuilder inline() {
        return context(new WorkerCommand.Inline());
    }

    /** Adds a variable to the workers' environment, which is otherwise nearly empty. */
    public PoolBuilder environment(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Where workers run; default a private directory each, deleted with its worker. */
    public PoolBuilder workingDirectory(Path value) {
        workingDirectory = Optional.of(value);
        return this;
    }

    /**
     * Files and connections a worker may have open at once, at least 64; default 4,096. Fewer where
     * this process has a lower limit and must not raise it.
     */
    public PoolBuilder maxOpenFiles(int value) {
        maxOpenFiles = value;
        return this;
    }

    /**
     * Bytes a worker may write to one file, at least 4 MiB, or 0 for no limit; default 4 GiB. What
     * goes beyond fails in the worker as an {@link java.io.IOException}.
     */
    public PoolBuilder maxFileSize(long bytes) {
        maxFileSize = bytes;
        return this;
    }

    /**
     * What workers are locked up in; default nothing. Where there can be no such sandbox, {@link
     * #build} refuses.
     */
    public PoolBuilder sandbox(PoolConfig.Sandbox value) {
        sandbox = Objects.requireNonNull(value, "sandbox");
        return this;
    }

    /** Whether tasks that make trouble on purpose are offered; default no. */
    public PoolBuilder offerTrouble(boolean value) {
        offerTrouble = value;
        return this;
    }

    /**
     * Has the workers offer these tasks and conversations although they are restricted: whoever may
     * call them can do more than a list of tasks suggests. {@code jshell} runs any Java it is told.
     *
     * @throws IllegalArgumentException if one cannot be a name
     */
    public PoolBuilder offer(String... names) {
        for (String each : names) {
            try {
                offer.add(new TaskName(each));
            } catch (IllegalArgumentException none) {
                throw new IllegalArgumentException(
                        "offer must be names of tasks: " + none.getMessage(), none);
            }
        }
        return this;
    }

    /** Hears what happens in the pool. */
    public PoolBuilder listener(PoolListener value) {
        listener = Objects.requireNonNull(value, "listener");
        return this;
    }

    /**
     * The configuration as it stands.
     *
     * @throws IllegalArgumentException naming the value that is out of its range or cannot be here
     */
    public PoolConfig config() {
        WorkerCommand start = command != null ? command : ordinary(WorkerCommand.Native.isHere());
        if (sandbox == PoolConfig.Sandbox.BWRAP && start instanceof WorkerCommand.Separate) {
            requireSandbox();
        }
        return new PoolConfig(
                name,
                processes,
                minProcesses < 0 ? processes : minProcesses,
                spares,
                idleTimeout,
                maxTasksPerChild,
                maxTasksJitter,
                maxAge,
                softMemory,
                hardMemory,
                queueLimit,
                whenFull,
                timeout,
                queueTimeout,
                cancelGrace,
                killGrace,
                startTimeout,
                startFailures,
                heartbeat,
                heartbeatTimeout,
                maxPayload,
                conversationsPerWorker,
                initializer,
                initArgs,
                start,
                environment,
                workingDirectory,
                offerTrouble,
                maxOpenFiles,
                maxFileSize,
                sandbox,
                offer);
    }

    /**
     * How workers are started if nothing else is said.
     *
     * @param natively whether this process is a native executable
     */
    WorkerCommand.Separate ordinary(boolean natively) {
        List<String> flags = List.copyOf(jvmFlags);
        if (!natively) {
            WorkerClassPath places = WorkerClassPath.of(classPathOf, classPath);
            return java == null
                    ? WorkerCommand.Jvm.of(places, flags)
                    : new WorkerCommand.Jvm(java, places, flags);
        }
        if (java == null) {
            return WorkerCommand.Native.ofThisProcess(flags);
        }
        try {
            return new WorkerCommand.Jvm(java, WorkerClassPath.only(classPath), flags);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "classPath cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private void requireSandbox() {
        try {
            var _ = Bubblewrap.here();
        } catch (IOException missing) {
            throw new IllegalArgumentException(
                    "sandbox cannot be bwrap: " + missing.getMessage(), missing);
        }
    }

    /**
     * Starts the pool and returns while its workers start.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ProcessPool build() {
        return PoolView.start(config(), listener, false);
    }

    /**
     * As {@link #build}, for a try-with-resources block: leaving it terminates the pool and waits
     * until its processes are gone, as Python's {@code with} does.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ProcessPool open() {
        return PoolView.start(config(), listener, true);
    }
}
