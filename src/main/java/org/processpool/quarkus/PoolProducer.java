package org.processpool.quarkus;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import org.processpool.job.JobEvents;
import org.processpool.pool.CallException;
import org.processpool.pool.PoolBuilder;
import org.processpool.pool.PoolConfig;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.WorkerCommand;
import org.processpool.rest.BodyLimits;
import org.processpool.rest.CallLimits;
import org.processpool.rest.OperatorRights;
import org.processpool.rest.Pools;

/**
 * Starts the pools with the service and ends them with it; in dev mode also around each live
 * reload.
 */
@Startup
@Singleton
public class PoolProducer {

    private static final Logger LOG = Logger.getLogger(PoolProducer.class);

    /** How long killed workers may take to be gone. */
    private static final Duration AFTER_KILL = Duration.ofSeconds(5);

    /** How long a pool may take to tell its tasks at the start. */
    private static final Duration LEARN = Duration.ofSeconds(60);

    private static final Pattern PROBLEM_BASE =
            Pattern.compile("https?://[^\\s/?#]+(/[^\\s/?#]+)*");

    private final Map<String, ProcessPool> pools = new LinkedHashMap<>();
    private final Duration shutdownGrace;
    private final OperatorRights rights;

    /**
     * Starts the pools; returns while their workers start.
     *
     * @throws ConfigurationException naming the setting that cannot be; then no pool was started
     */
    PoolProducer(
            Entrance entrance,
            PoolSettings settings,
            ChatSettings chat,
            CallLimits limits,
            BodyLimits bodies,
            Config config,
            MeterRegistry registry,
            JobEvents events)
            throws IOException {
        SettingKeys.ofTheService().refuseUnknown(config.getPropertyNames());
        entrance.refuseOpen(
                "quarkus.http.host", config.getValue("quarkus.http.host", String.class));
        shutdownGrace = settings.shutdownGrace();
        rights = new OperatorRights(settings.readOnly());
        if (shutdownGrace.isNegative()) {
            throw new ConfigurationException(
                    "process-pool.shutdown-grace must not be negative, was " + shutdownGrace);
        }
        positive("process-pool.rest.timeout", limits.timeout());
        positive("process-pool.rest.longest-wait", limits.longestWait());
        positive("process-pool.rest.max-body", bodies.maxBody());
        positive("process-pool.rest.max-line", bodies.maxLine());
        if (limits.requestsPerMinute() < 0) {
            throw new ConfigurationException(
                    "process-pool.rest.requests-per-minute must be at least 0, was "
                            + limits.requestsPerMinute());
        }
        limits.problemBase().ifPresent(PoolProducer::checkProblemBase);
        List<Path> tasks = TaskPlaces.of(Thread.currentThread().getContextClassLoader());
        var names = new TreeSet<>(settings.pools().keySet());
        names.add(PoolSettings.DEFAULT_POOL);
        var planned = new ArrayList<Planned>();
        for (String name : names) {
            var meters = new PoolMeters(registry, name);
            PoolBuilder builder =
                    builder(name, settings.pool(name), settings.offerTrouble())
                            .classPath(tasks.toArray(Path[]::new))
                            .listener(
                                    new Listeners(
                                            List.of(
                                                    meters,
                                                    new WorkerLog(),
                                                    new PoolEvents(name, events))));
            if (chat.jshell() && name.equals(chat.pool())) {
                builder.offer(ChatProducer.JSHELL);
            }
            planned.add(new Planned(builder, meters, check(name, builder)));
        }
        for (Planned pool : planned) {
            ProcessPool started = pool.builder().build();
            pools.put(started.name(), started);
            pool.meters().watch(started, pool.config());
            Thread.ofVirtual().name(started.name() + "-tasks").start(() -> learnTasks(started));
        }
    }

    /**
     * Has the pool ask for its tasks while a worker is free, so that the first request need not
     * wait for one.
     */
    private static void learnTasks(ProcessPool pool) {
        try {
            if (pool.snapshot().minProcesses() > 0 && pool.awaitReady(LEARN)) {
                LOG.debugf("pool '%s' offers %s", pool.name(), pool.tasks(LEARN));
            }
        } catch (PoolRejectedException | CallException | TimeoutException later) {
            LOG.debugf(later, "the first request asks pool '%s' for its tasks again", pool.name());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** A pool that is not started before all have been found to be right. */
    private record Planned(PoolBuilder builder, PoolMeters meters, PoolConfig config) {}

    /** The pool {@code default}. */
    @Produces
    @Singleton
    ProcessPool defaultPool() {
        return pools().named(PoolSettings.DEFAULT_POOL).orElseThrow();
    }

    /** All pools. */
    @Produces
    @Singleton
    Pools pools() {
        return new Pools(pools);
    }

    /** What clients may do to them. */
    @Produces
    @Singleton
    OperatorRights rights() {
        return rights;
    }

    /** Ends all calls and workers now; what waits or runs gets that as its outcome. */
    void terminate() {
        pools.values().forEach(ProcessPool::terminate);
    }

    /** Lets the calls that run end, as long as they may, and leaves no worker behind. */
    @PreDestroy
    void end() throws InterruptedException {
        pools.values().forEach(ProcessPool::close);
        long deadline = System.nanoTime() + shutdownGrace.toNanos();
        for (ProcessPool pool : pools.values()) {
            if (!pool.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
                LOG.infof(
                        "pool '%s' has calls left after %s: ending its workers",
                        pool.name(), shutdownGrace);
                pool.terminate();
            }
        }
        for (ProcessPool pool : pools.values()) {
            if (!pool.join(AFTER_KILL)) {
                LOG.warnf(
                        "pool '%s' still has workers: %s", pool.name(), pool.snapshot().workers());
            }
        }
    }

    /** The builder of one pool, as its settings have it. */
    static PoolBuilder builder(String name, PoolSettings.Pool settings, boolean offerTrouble) {
        String key = "process-pool.pools.%s.".formatted(name);
        if (settings.java().isPresent() && settings.executable().isPresent()) {
            throw new ConfigurationException(
                    key + "executable must not be set together with " + key + "java");
        }
        try {
            PoolBuilder builder =
                    ProcessPool.builder()
                            .name(name)
                            .spares(settings.spares())
                            .idleTimeout(settings.idleTimeout())
                            .maxTasksJitter(settings.maxTasksJitter())
                            .conversationsPerWorker(settings.conversationsPerWorker())
                            .maxAge(settings.maxAge())
                            .maxMemory(
                                    settings.softMemory().asLongValue(),
                                    settings.hardMemory().asLongValue())
                            .queueLimit(settings.queueLimit())
                            .whenFull(settings.whenFull())
                            .timeout(settings.timeout())
                            .queueTimeout(settings.queueTimeout())
                            .grace(settings.cancelGrace(), settings.killGrace())
                            .startTimeout(settings.startTimeout())
                            .startFailures(settings.startFailures())
                            .heartbeat(settings.heartbeat(), settings.heartbeatTimeout())
                            .maxPayload(bytes("maxPayload", settings.maxPayload()))
                            .maxOpenFiles(settings.maxOpenFiles())
                            .maxFileSize(settings.maxFileSize().asLongValue())
                            .sandbox(settings.sandbox())
                            .offerTrouble(settings.offerTrouble().orElse(offerTrouble));
            settings.processes().ifPresent(builder::processes);
            settings.minProcesses().ifPresent(builder::minProcesses);
            settings.maxTasksPerChild().ifPresent(builder::maxTasksPerChild);
            settings.java().ifPresent(builder::java);
            settings.executable()
                    .ifPresent(place ->
                            builder.context(
                                    new WorkerCommand.Native(
                                            place.toAbsolutePath(),
                                            settings.jvmFlags().orElse(List.of()))));
            settings.jvmFlags().ifPresent(f -> builder.jvmFlags(f.toArray(String[]::new)));
            settings.classPath().ifPresent(p -> builder.classPath(p.toArray(Path[]::new)));
            settings.environment().forEach(builder::environment);
            settings.workingDirectory().ifPresent(builder::workingDirectory);
            settings.offer().ifPresent(names -> builder.offer(names.toArray(String[]::new)));
            return builder;
        } catch (IllegalArgumentException refused) {
            throw refusal(key, refused);
        }
    }

    /**
     * Refuses values out of their range.
     *
     * @return what the pool will be
     * @throws ConfigurationException naming the setting
     */
    static PoolConfig check(String name, PoolBuilder builder) {
        try {
            return builder.config();
        } catch (IllegalArgumentException refused) {
            throw refusal("process-pool.pools.%s.".formatted(name), refused);
        }
    }

    static void checkProblemBase(String base) {
        if (!PROBLEM_BASE.matcher(base).matches()) {
            throw new ConfigurationException(
                    ("process-pool.rest.problem-base must be an http or https URI without a slash"
                                    + " at its end, was '%s'")
                            .formatted(base));
        }
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new ConfigurationException("%s must be positive, was %s".formatted(key, value));
        }
    }

    private static void positive(String key, MemorySize value) {
        if (value.asLongValue() <= 0) {
            throw new ConfigurationException(
                    "%s must be positive, was %d".formatted(key, value.asLongValue()));
        }
    }

    /** A size as an int; one that is none is left for the pool to refuse. */
    private static int bytes(String what, MemorySize size) {
        if (size.asLongValue() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "%s must be at most 1 GiB, was %,d bytes".formatted(what, size.asLongValue()));
        }
        return (int) size.asLongValue();
    }

    /**
     * The pool's message begins with the name of the value; here it gets the name of the setting.
     * Without a cause, as Quarkus then prints one line and no stack trace.
     */
    private static ConfigurationException refusal(String key, IllegalArgumentException refused) {
        String[] words = String.valueOf(refused.getMessage()).split(" ", 2);
        boolean setting =
                Arrays.stream(PoolSettings.Pool.class.getMethods())
                        .anyMatch(method -> method.getName().equals(words[0]));
        return new ConfigurationException(
                setting && words.length == 2
                        ? key + SettingKeys.kebab(words[0]) + " " + words[1]
                        : key + "*: " + refused.getMessage());
    }
}
