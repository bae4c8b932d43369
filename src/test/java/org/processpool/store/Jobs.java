package org.processpool.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.processpool.job.JobId;
import org.processpool.job.NewJob;
import org.processpool.job.NewJob.Apply;
import org.processpool.job.NewJob.ChunkInput;
import org.processpool.job.NewJob.Idempotency;
import org.processpool.job.NewJob.MapItems;
import org.processpool.job.NewJob.OnError;
import org.processpool.job.NewJob.OnLost;
import org.processpool.job.NewJob.Treatment;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/** Jobs to submit; each method answers with another one that differs in a single thing. */
public record Jobs(NewJob job) {

    static final Treatment PLAIN =
            new Treatment(
                    Duration.ofSeconds(30),
                    Duration.ZERO,
                    0,
                    0,
                    0,
                    OnLost.RETRY,
                    Duration.ofHours(1));

    static Jobs apply() {
        return of(new Apply(Payload.json("[1]")));
    }

    /** A map of chunks with so many items each. */
    static Jobs map(OnError onError, int... counts) {
        List<ChunkInput> chunks = new ArrayList<>();
        int item = 0;
        for (int count : counts) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < count; i++) {
                lines.append(item++).append('\n');
            }
            chunks.add(new ChunkInput(count, Payload.json(lines.toString())));
        }
        return of(new MapItems(chunks, false, onError));
    }

    public static Jobs of(NewJob.Input input) {
        return new Jobs(
                new NewJob(
                        JobId.next(),
                        "",
                        new TaskName("fib"),
                        "default",
                        input,
                        PLAIN,
                        Map.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    Jobs tenant(String tenant) {
        return copy(tenant, job.task(), job.pool(), job.treatment(), job.labels());
    }

    Jobs task(String task) {
        return copy(job.tenant(), new TaskName(task), job.pool(), job.treatment(), job.labels());
    }

    Jobs pool(String pool) {
        return copy(job.tenant(), job.task(), pool, job.treatment(), job.labels());
    }

    Jobs labels(Map<String, String> labels) {
        return copy(job.tenant(), job.task(), job.pool(), job.treatment(), labels);
    }

    Jobs treatment(Treatment treatment) {
        return copy(job.tenant(), job.task(), job.pool(), treatment, job.labels());
    }

    Jobs priority(int priority) {
        Treatment it = job.treatment();
        return treatment(
                new Treatment(
                        it.timeout(),
                        it.queueTimeout(),
                        it.memoryBytes(),
                        it.retries(),
                        priority,
                        it.onLost(),
                        it.resultTtl()));
    }

    Jobs onLost(OnLost onLost) {
        Treatment it = job.treatment();
        return treatment(
                new Treatment(
                        it.timeout(),
                        it.queueTimeout(),
                        it.memoryBytes(),
                        it.retries(),
                        it.priority(),
                        onLost,
                        it.resultTtl()));
    }

    Jobs queueTimeout(Duration queueTimeout) {
        Treatment it = job.treatment();
        return treatment(
                new Treatment(
                        it.timeout(),
                        queueTimeout,
                        it.memoryBytes(),
                        it.retries(),
                        it.priority(),
                        it.onLost(),
                        it.resultTtl()));
    }

    private Jobs copy(
            String tenant,
            TaskName task,
            String pool,
            Treatment treatment,
            Map<String, String> labels) {
        return new Jobs(
                new NewJob(
                        job.id(),
                        tenant,
                        task,
                        pool,
                        job.input(),
                        treatment,
                        labels,
                        job.callbacks(),
                        job.retryOf(),
                        job.idempotency(),
                        job.trace()));
    }

    Jobs callbacks(NewJob.Callback... callbacks) {
        return with(List.of(callbacks), job.idempotency());
    }

    Jobs key(String key, String fingerprint) {
        return with(job.callbacks(), Optional.of(new Idempotency(key, fingerprint)));
    }

    private Jobs with(List<NewJob.Callback> callbacks, Optional<Idempotency> idempotency) {
        return new Jobs(
                new NewJob(
                        job.id(),
                        job.tenant(),
                        job.task(),
                        job.pool(),
                        job.input(),
                        job.treatment(),
                        job.labels(),
                        callbacks,
                        job.retryOf(),
                        idempotency,
                        job.trace()));
    }
}
