package org.processpool.quarkus;

import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.agroal.DataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.processpool.job.Courier;
import org.processpool.job.Errors;
import org.processpool.job.JobConfig;
import org.processpool.job.JobEvents;
import org.processpool.job.JobService;
import org.processpool.job.StoreException;
import org.processpool.rest.JobSettings;
import org.processpool.rest.Pools;
import org.processpool.store.Dialect;
import org.processpool.store.Store;
import org.processpool.store.StoreConfig;

/**
 * Opens the store of jobs and runs what is due in it, from the start of the service until it ends:
 * first no more jobs are begun, then the pools end, then the store is closed.
 */
@Startup
@Singleton
public class JobProducer {

    private final Store store;
    private final JobService service;
    private final Duration grace;

    /**
     * Opens the store and begins.
     *
     * @throws ConfigurationException naming the setting that cannot be, or if another service has
     *     the store
     */
    JobProducer(
            Pools pools,
            JobEvents events,
            PoolSettings poolSettings,
            StoreSettings storeSettings,
            JobSettings settings,
            Errors errors,
            Courier courier,
            MeterRegistry registry,
            @DataSource("embedded") AgroalDataSource writer,
            @DataSource("embedded-read") AgroalDataSource reader) {
        grace = poolSettings.shutdownGrace();
        String owner = "%d@%s".formatted(ProcessHandle.current().pid(), host());
        JobConfig config = config(settings, owner);
        if (settings.timeout().isNegative()) {
            throw new ConfigurationException(
                    "process-pool.jobs.timeout must not be negative, was " + settings.timeout());
        }
        if (settings.maxItems() < 1) {
            throw new ConfigurationException(
                    "process-pool.jobs.max-items must be at least 1, was " + settings.maxItems());
        }
        Clock clock = new SteadyClock();
        store = open(storeSettings, owner, clock, writer, reader);
        service =
                new JobService(
                        store.jobs(),
                        store.queue(),
                        pools.all(),
                        events,
                        errors,
                        counted(courier, registry),
                        config,
                        clock);
        Gauge.builder("processpool.jobs.queued", service, JobService::queued)
                .description("Jobs that wait in the store")
                .register(registry);
        Gauge.builder("processpool.store.reachable", store, s -> unreachable(s).isEmpty() ? 1 : 0)
                .description("1 while jobs can be written down, 0 otherwise")
                .register(registry);
        service.start();
    }

    private static Store open(
            StoreSettings settings,
            String owner,
            Clock clock,
            AgroalDataSource writer,
            AgroalDataSource reader) {
        Path directory = settings.directory().toAbsolutePath().normalize();
        try {
            return Store.open(
                    new StoreConfig(
                            Dialect.SQLITE,
                            Optional.of(directory),
                            settings.maxSize().asLongValue(),
                            owner,
                            clock),
                    writer,
                    reader);
        } catch (IllegalStateException refused) {
            // without a cause, as Quarkus then prints one line and no stack trace
            throw new ConfigurationException(
                    "process-pool.store.directory: " + refused.getMessage());
        }
    }

    /** Both counters are there from the start, so that the first failure is seen as a rise. */
    static Courier counted(Courier courier, MeterRegistry registry) {
        Counter delivered = deliveries(registry, "delivered");
        Counter failed = deliveries(registry, "failed");
        return (delivery, job) -> {
            Courier.Receipt receipt = courier.deliver(delivery, job);
            (receipt.delivered() ? delivered : failed).increment();
            return receipt;
        };
    }

    private static Counter deliveries(MeterRegistry registry, String outcome) {
        return Counter.builder("processpool.webhook.deliveries")
                .description("Attempts to deliver a webhook")
                .tag("outcome", outcome)
                .register(registry);
    }

    private static JobConfig config(JobSettings settings, String owner) {
        try {
            return new JobConfig(
                    owner,
                    settings.maxQueued(),
                    settings.maxQueuedPerTenant(),
                    settings.maxLosses(),
                    settings.resultTtl(),
                    settings.longestResultTtl(),
                    settings.retention(),
                    settings.idempotencyTtl(),
                    settings.logLimit(),
                    settings.webhookDelays());
        } catch (IllegalArgumentException refused) {
            String[] words = String.valueOf(refused.getMessage()).split(" ", 2);
            String key = words[0].equals("keyTtl") ? "idempotencyTtl" : words[0];
            throw new ConfigurationException(
                    "process-pool.jobs.%s %s"
                            .formatted(SettingKeys.kebab(key), words.length > 1 ? words[1] : ""));
        }
    }

    private static String host() {
        String name = System.getenv("HOSTNAME");
        return name == null || name.isBlank() ? "local" : name;
    }

    /** The jobs. */
    @Produces
    @Singleton
    JobService jobs() {
        return service;
    }

    /** Why no job can be written down now; empty if one can. */
    Optional<String> unreachable() {
        return unreachable(store);
    }

    private static Optional<String> unreachable(Store store) {
        try {
            return store.jobs().isReachable()
                    ? Optional.empty()
                    : Optional.of("the store does not answer");
        } catch (StoreException unreachable) {
            return Optional.of(String.valueOf(unreachable.getMessage()));
        }
    }

    /** Where the service ends without {@link Drain}; while the pools are alive. */
    void stop(@Observes ShutdownEvent event) {
        end(grace);
    }

    /**
     * No more jobs are begun, and those that run may end; blocks until they have or were given
     * back. The second time it does nothing.
     */
    void end(Duration patience) {
        service.stop(patience);
    }

    /** After whatever used it. */
    @PreDestroy
    void close() {
        store.close();
    }
}
