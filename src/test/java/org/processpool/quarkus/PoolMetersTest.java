package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolBuilder;
import org.processpool.pool.ProcessPool;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;
import org.processpool.wire.Failure;
import org.processpool.wire.Target;

class PoolMetersTest {
    private static final Duration WAITED = Duration.ofMillis(3);
    private static final Duration RAN = Duration.ofMillis(40);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final PoolMeters meters = new PoolMeters(registry, "default");

    @Test
    void times_a_call_by_task_and_outcome() {
        meters.callEnded(named("echo"), new Outcome.Done(Payload.json("1"), RAN), WAITED, RAN);
        assertThat(
                        registry.get("processpool.call.run")
                                .tags("pool", "default", "task", "echo", "outcome", "done")
                                .timer()
                                .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(40);
        assertThat(
                        registry.get("processpool.call.wait")
                                .tags("pool", "default", "task", "echo")
                                .timer()
                                .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(3);
    }

    @Test
    void names_a_method_by_its_class_and_name() {
        var method = new Target.Method("com.acme.Pdf", "extract", "()V", Target.Kind.STATIC);
        meters.callEnded(method, new Outcome.Cancelled(true), WAITED, RAN);
        assertThat(registry.get("processpool.call.run").tag("task", "Pdf::extract").timer().count())
                .isEqualTo(1);
    }

    @Test
    void does_not_let_a_client_make_up_tags() {
        var unknown = new Failure(Failure.Kind.TARGET, "TargetException", "no task", "");
        meters.callEnded(named("made-up"), new Outcome.Failed(unknown, RAN), WAITED, RAN);
        assertThat(registry.find("processpool.call.run").tag("task", "made-up").timer()).isNull();
        assertThat(registry.get("processpool.call.run").tag("task", "unknown").timer().count())
                .isEqualTo(1);
    }

    @Test
    void counts_exits_by_reason() {
        meters.workerGone("default-1", 4711, 139, ExitReason.CRASHED);
        meters.workerGone("default-2", 4712, 0, ExitReason.MAX_TASKS);
        meters.workerGone("default-1", 4713, 137, ExitReason.CRASHED);
        assertThat(
                        registry.get("processpool.worker.exits")
                                .tags("pool", "default", "reason", "crashed")
                                .counter()
                                .count())
                .isEqualTo(2);
        assertThat(
                        registry.get("processpool.worker.exits")
                                .tag("reason", "max-tasks")
                                .counter()
                                .count())
                .isEqualTo(1);
    }

    @Test
    void has_every_reason_from_the_start_so_that_the_first_is_seen_as_a_rise() {
        for (ExitReason reason : ExitReason.values()) {
            assertThat(
                            registry.get("processpool.worker.exits")
                                    .tags("pool", "default", "reason", reason.word())
                                    .counter()
                                    .count())
                    .isZero();
        }
        assertThat(
                        registry.get("processpool.calls.rejected").counters().stream()
                                .map(counter -> counter.getId().getTag("reason")))
                .containsExactlyInAnyOrder("closed", "queue-full", "broken", "payload-too-large");
    }

    @Test
    void tells_the_state_of_the_pool_and_the_limits_it_is_held_against() {
        PoolBuilder builder =
                ProcessPool.builder()
                        .name("default")
                        .inline()
                        .processes(3)
                        .minProcesses(0)
                        .queueLimit(7)
                        .maxMemory(64 << 20, 128 << 20);
        try (ProcessPool pool = builder.build()) {
            meters.watch(pool, builder.config());
            assertThat(gauge("processpool.workers.max")).isEqualTo(3);
            assertThat(gauge("processpool.workers.min")).isZero();
            assertThat(gauge("processpool.queue.limit")).isEqualTo(7);
            assertThat(gauge("processpool.queue.oldest")).isZero();
            assertThat(gauge("processpool.worker.memory.limit", "kind", "soft"))
                    .isEqualTo(64 << 20);
            assertThat(gauge("processpool.worker.memory.limit", "kind", "hard"))
                    .isEqualTo(128 << 20);
            assertThat(states()).containsExactly("running");
            pool.pause();
            assertThat(states()).containsExactly("paused");
            pool.terminate();
            assertThat(states()).containsExactly("terminated");
        }
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tag("pool", "default").tags(tags).gauge().value();
    }

    /** Those whose gauge says 1. */
    private List<String> states() {
        return registry.get("processpool.pool.state").gauges().stream()
                .filter(gauge -> gauge.value() == 1)
                .map(gauge -> gauge.getId().getTag("state"))
                .toList();
    }

    private static Target named(String task) {
        return new Target.Named(new TaskName(task));
    }
}
