package org.processpool.rest;

import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.processpool.job.Courier;
import org.processpool.job.Job;
import org.processpool.job.JobStore;

/**
 * Carries what is in the outbox: renders the job as it is and sends it once. Jobs are looked up at
 * the first webhook, as they need the service that needs this.
 */
@Singleton
public class WebhookCourier implements Courier {

    private static final Duration NOT_SENT = Duration.ZERO;

    private final WebhookSender sender;
    private final Instance<Jobs> jobs;

    WebhookCourier(WebhookSender sender, Instance<Jobs> jobs) {
        this.sender = sender;
        this.jobs = jobs;
    }

    @Override
    public Receipt deliver(JobStore.Delivery delivery, Job job) {
        WebhookMessage message =
                new WebhookMessage(
                        delivery.number() > 0
                                ? "%s-%d".formatted(delivery.job(), delivery.number())
                                : "%s-%s".formatted(delivery.job(), UUID.randomUUID()),
                        URI.create(delivery.url()),
                        delivery.secret().orElse(null),
                        WebhookBody.of(
                                delivery.event(), delivery.createdAt(), jobs.get().json(job)));
        try {
            WebhookSender.Attempt attempt = sender.send(message);
            return new Receipt(
                    new JobStore.Attempt(
                            attempt.at(), attempt.status(), attempt.took(), attempt.error()),
                    attempt.delivered(),
                    attempt.gone(),
                    attempt.retryAfter());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Receipt(
                    new JobStore.Attempt(
                            Instant.now(), 0, NOT_SENT, Optional.of("the service ended meanwhile")),
                    false,
                    false,
                    Optional.empty());
        }
    }
}
