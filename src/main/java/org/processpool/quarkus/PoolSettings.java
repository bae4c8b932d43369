package org.processpool.quarkus;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithDefaults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.processpool.pool.PoolConfig;

/**
 * What the outside says about the pools.
 *
 * <p>Every setting of a pool is {@code process-pool.pools.<name>.<key>}. The pool {@code default}
 * is always there; another one exists as soon as one of its keys is set, and needs no more than
 * that. Durations are written {@code 10s}, {@code 5m} or ISO-8601 ({@code PT0.5S}), sizes {@code
 * 512M}. A key that nobody knows and a value that cannot be refuse the start.
 */
@ConfigMapping(prefix = "process-pool")
public interface PoolSettings {

    /** The pool that {@code @Inject ProcessPool} and the REST tasks use. */
    String DEFAULT_POOL = "default";

    /** The pools by name. */
    @WithDefaults
    Map<String, Pool> pools();

    /**
     * Whether every pool offers the sample tasks that make trouble on purpose (crash, hang, eat
     * memory); a pool can decide otherwise. Default false, in dev and test mode true.
     */
    @WithDefault("false")
    boolean offerTrouble();

    /**
     * How long requests are still served after SIGTERM or SIGINT while readiness is off already, so
     * that load balancers can notice. Not negative; default 0 s, or {@code quarkus.shutdown.delay}
     * where that is set.
     */
    @WithDefault("0s")
    Duration shutdownDelay();

    /**
     * How long requests, jobs and chats that are under way may then take to end, all at once; after
     * it jobs are given back and workers are killed. Not negative, default 20 s.
     */
    @WithDefault("20s")
    Duration shutdownGrace();

    /**
     * Whether nobody may operate the pools over REST: resize, pause, recycle, drain, terminate or
     * kill. Calls and looking at things are not touched. Default false.
     */
    @WithDefault("false")
    boolean readOnly();

    /** The settings of a pool, which are all at their defaults if none is set. */
    default Pool pool(String name) {
        return Objects.requireNonNull(pools().get(name), "every name has a pool");
    }

    /** One pool. */
    interface Pool {

        /** Most worker processes, 1 to 4,096; default as many as processors are available. */
        OptionalInt processes();

        /** Workers kept even when idle, 0 to {@code processes}; default {@code processes}. */
        OptionalInt minProcesses();

        /** Warm workers kept besides to replace one that leaves, 0 to 4,096; default 0. */
        @WithDefault("0")
        int spares();

        /** After this time idle a worker above {@code min-processes} leaves; positive. */
        @WithDefault("60s")
        Duration idleTimeout();

        /** Conversations that one worker may hold at once, at least 1. */
        @WithDefault("1")
        int conversationsPerWorker();

        /** Calls after which a worker is replaced, at least 1; default never. */
        OptionalInt maxTasksPerChild();

        /** Up to so many calls are added to that number at random per worker, at least 0. */
        @WithDefault("0")
        int maxTasksJitter();

        /** Age after which a worker is replaced once its call has ended; 0 s is never. */
        @WithDefault("0s")
        Duration maxAge();

        /**
         * Resident memory over which a worker is replaced once its call has ended; 0 is no limit.
         */
        @WithDefault("0")
        MemorySize softMemory();

        /**
         * Resident memory over which a worker is killed, at least {@code soft-memory}; 0 is no
         * limit. Also bounds the worker's Java heap.
         */
        @WithDefault("0")
        MemorySize hardMemory();

        /** Most calls that wait for a worker, at least 0, where 0 means none waits. */
        @WithDefault("1000")
        int queueLimit();

        /**
         * {@code refuse} a call over that limit, or {@code block} its thread until there is room.
         */
        @WithDefault("refuse")
        PoolConfig.WhenFull whenFull();

        /**
         * Longest run of a call that sets no limit itself; 0 s is no limit. Calls over REST always
         * set one: that of the task or {@code process-pool.rest.timeout}.
         */
        @WithDefault("0s")
        Duration timeout();

        /** Longest wait for a worker of a call that sets no limit itself; 0 s is no limit. */
        @WithDefault("0s")
        Duration queueTimeout();

        /** How long a cancelled or timed-out call may take to give up by itself; not negative. */
        @WithDefault("500ms")
        Duration cancelGrace();

        /** How long its process may then take to end before it is killed; not negative. */
        @WithDefault("500ms")
        Duration killGrace();

        /** Longest time until a started worker is ready; positive. */
        @WithDefault("30s")
        Duration startTimeout();

        /** Starts that may fail in a row before the pool is broken; at least 1. */
        @WithDefault("5")
        int startFailures();

        /** How often a silent worker is asked whether it lives; 0 s is never. */
        @WithDefault("5s")
        Duration heartbeat();

        /** How long it may then stay silent before it is killed; positive. */
        @WithDefault("15s")
        Duration heartbeatTimeout();

        /** Most bytes of one argument or result, 1 KiB to 1 GiB. */
        @WithDefault("256M")
        MemorySize maxPayload();

        /**
         * The {@code java} executable of the workers, 25 or newer; default the service's own. In a
         * native executable the workers are the executable itself unless this is set; then {@code
         * class-path} has to name all they need.
         */
        Optional<Path> java();

        /**
         * A native executable of this service whose tasks the workers offer; default none, or in a
         * native executable the executable itself. Not together with {@code java}.
         */
        Optional<Path> executable();

        /**
         * Flags for the workers' JVM or native executable, separated by commas; of two the last
         * counts.
         */
        Optional<List<String>> jvmFlags();

        /**
         * Jars and class folders the workers need besides those that register a task, separated by
         * commas.
         */
        Optional<List<Path>> classPath();

        /** Variables for the workers' environment, which is otherwise nearly empty. */
        Map<String, String> environment();

        /** Where workers run; default a private directory each, deleted with its worker. */
        Optional<Path> workingDirectory();

        /**
         * Files and connections a worker may have open at once, at least 64; fewer where the
         * service has a lower limit and must not raise it.
         */
        @WithDefault("4096")
        int maxOpenFiles();

        /** Bytes a worker may write to one file, at least 4 MiB; 0 is no limit. */
        @WithDefault("4G")
        MemorySize maxFileSize();

        /**
         * {@code bwrap} locks each worker up by Bubblewrap: no network, no other processes, and of
         * the file system only what a JVM needs, its class path and its own directory; what {@code
         * working-directory} names it may write. Refuses the start where there is no {@code bwrap}
         * or it is not allowed to work. {@code none}, the default: a worker has the service's user,
         * files and network, but no privileges.
         */
        @WithDefault("none")
        PoolConfig.Sandbox sandbox();

        /** Overrides {@code process-pool.offer-trouble} for this pool. */
        Optional<Boolean> offerTrouble();

        /**
         * Restricted tasks and conversations this pool offers all the same, separated by commas;
         * default none. {@code jshell} runs any Java it is told.
         */
        Optional<List<String>> offer();
    }
}
