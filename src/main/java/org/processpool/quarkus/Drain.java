package org.processpool.quarkus;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.processpool.rest.OpenRequests;

/**
 * How the service ends when it is asked to by SIGTERM or SIGINT.
 *
 * <pre>
 * signal ─ readiness off, still serving ─shutdown-delay─┐
 *   ┌────────────────────────────────────────────────────┘
 *   └ no more requests (503), jobs or chats; those under way may end ─shutdown-grace─┐
 *   ┌─────────────────────────────────────────────────────────────────────────────────┘
 *   └ calls are ended, jobs given back, workers killed ─ exit 0
 * </pre>
 *
 * Whatever is under way having ended, nothing is waited for. A second signal ends all patience, a
 * third the process.
 */
@Singleton
public class Drain {

    private static final Logger LOG = Logger.getLogger(Drain.class);

    /** How long what was cut off may take to say so. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final OpenRequests requests;
    private final JobProducer jobs;
    private final ChatProducer chat;
    private final PoolProducer pools;
    private final Duration delay;
    private final Duration grace;
    private final AtomicInteger signals = new AtomicInteger();
    private final CompletableFuture<Void> hurry = new CompletableFuture<>();
    private volatile Optional<String> reason = Optional.empty();

    /**
     * Nothing is drained before the first signal.
     *
     * @throws ConfigurationException if a duration is negative
     */
    Drain(
            OpenRequests requests,
            JobProducer jobs,
            ChatProducer chat,
            PoolProducer pools,
            PoolSettings settings) {
        this.requests = requests;
        this.jobs = jobs;
        this.chat = chat;
        this.pools = pools;
        delay = settings.shutdownDelay();
        grace = settings.shutdownGrace();
        if (delay.isNegative()) {
            throw new ConfigurationException(
                    "process-pool.shutdown-delay must not be negative, was " + delay);
        }
    }

    /** In dev mode and in tests others decide when the service ends. */
    void hearSignals(@Observes StartupEvent started) {
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            boolean _ = StopSignals.hear(this::heard);
        }
    }

    /** Why no more work should be sent here; empty while it may be. */
    Optional<String> reason() {
        return reason;
    }

    private void heard(StopSignals signal) {
        switch (signals.incrementAndGet()) {
            case 1 -> {
                reason = Optional.of("draining: the service ends, as it was sent SIG" + signal);
                Thread.ofPlatform().name("process-pool-drain").start(() -> end(signal));
            }
            case 2 -> {
                LOG.infof("SIG%s again: what is under way is cut off", signal);
                hurry.complete(null);
            }
            default -> Runtime.getRuntime().halt(signal.exitCode());
        }
    }

    private void end(StopSignals signal) {
        try {
            drain(signal);
        } catch (InterruptedException | RuntimeException | Error failed) {
            LOG.errorf(failed, "the service ends without having drained");
        } finally {
            Quarkus.asyncExit(0);
        }
    }

    private void drain(StopSignals signal) throws InterruptedException {
        LOG.infof(
                "SIG%s: readiness is off; in %s no more work is taken, and what is under way may"
                        + " take %s. Again to cut that off",
                signal, words(delay), words(grace));
        requests.leave();
        boolean hurried = within(delay, hurry);
        Duration patience = hurried ? Duration.ZERO : grace;
        CompletableFuture<Void> answered = requests.shut();
        CompletableFuture<Void> given = new CompletableFuture<>();
        Thread.ofVirtual()
                .name("process-pool-jobs-end")
                .start(() -> {
                    try {
                        jobs.end(patience);
                    } finally {
                        given.complete(null); // what went wrong was logged as of any thread
                    }
                });
        CompletableFuture<Void> goodbye = new CompletableFuture<>();
        Thread talk =
                Thread.ofVirtual()
                        .name("process-pool-chats-end")
                        .start(() -> {
                            try {
                                chat.end(patience);
                            } catch (InterruptedException hurryUp) {
                                // the goodbyes have been said all the same
                            } finally {
                                goodbye.complete(null);
                            }
                        });
        CompletableFuture<Void> all = CompletableFuture.allOf(answered, given, goodbye);
        if (!within(patience, CompletableFuture.anyOf(all, hurry)) || !all.isDone()) {
            LOG.infof(
                    "cut off: %d requests%s%s",
                    requests.count(),
                    given.isDone() ? "" : ", and jobs, which are given back",
                    goodbye.isDone() ? "" : ", and chats");
            talk.interrupt();
            pools.terminate();
            boolean _ = within(LAST_WORDS, all);
        }
    }

    /** Waits; tells whether it happened. */
    private static boolean within(Duration patience, CompletableFuture<?> event)
            throws InterruptedException {
        try {
            var _ = event.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible); // they are only ever completed with null
        }
    }

    private static String words(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
