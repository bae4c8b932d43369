package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a pool can be told before it starts, and what it refuses. */
class PoolConfigTest {

    private static final Duration NEGATIVE = Duration.ofSeconds(-1);

    private record Refusal(UnaryOperator<PoolBuilder> setting, String message) {
        @Override
        public String toString() {
            return message;
        }
    }

    static List<Refusal> refusals() {
        return List.of(
                new Refusal(
                        b -> b.name(""),
                        "name must be 1 to 63 lower case letters, digits and dashes, was ''"),
                new Refusal(
                        b -> b.name("My Pool"),
                        "name must be 1 to 63 lower case letters, digits and dashes, was 'My Pool'"),
                new Refusal(b -> b.processes(0), "processes must be from 1 to 4096, was 0"),
                new Refusal(b -> b.processes(-3), "processes must be from 1 to 4096, was -3"),
                new Refusal(b -> b.processes(4097), "processes must be from 1 to 4096, was 4097"),
                new Refusal(b -> b.minProcesses(-1), "minProcesses must be at least 0, was -1"),
                new Refusal(
                        b -> b.processes(2).minProcesses(3),
                        "minProcesses must be from 0 to 2, was 3"),
                new Refusal(b -> b.spares(-1), "spares must be from 0 to 4096, was -1"),
                new Refusal(
                        b -> b.idleTimeout(Duration.ZERO),
                        "idleTimeout must be positive, was PT0S"),
                new Refusal(
                        b -> b.idleTimeout(NEGATIVE), "idleTimeout must be positive, was PT-1S"),
                new Refusal(
                        b -> b.maxTasksPerChild(0), "maxTasksPerChild must be at least 1, was 0"),
                new Refusal(
                        b -> b.maxTasksPerChild(-1), "maxTasksPerChild must be at least 1, was -1"),
                new Refusal(b -> b.maxTasksJitter(-1), "maxTasksJitter must be at least 0, was -1"),
                new Refusal(b -> b.maxAge(NEGATIVE), "maxAge must not be negative, was PT-1S"),
                new Refusal(b -> b.maxMemory(-1, 0), "softMemory must not be negative, was -1"),
                new Refusal(b -> b.maxMemory(0, -1), "hardMemory must not be negative, was -1"),
                new Refusal(
                        b -> b.maxMemory(2000, 1000),
                        "softMemory must not be over hardMemory, was 2,000 over 1,000 bytes"),
                new Refusal(b -> b.queueLimit(-1), "queueLimit must be at least 0, was -1"),
                new Refusal(b -> b.timeout(NEGATIVE), "timeout must not be negative, was PT-1S"),
                new Refusal(
                        b -> b.queueTimeout(NEGATIVE),
                        "queueTimeout must not be negative, was PT-1S"),
                new Refusal(
                        b -> b.grace(NEGATIVE, Duration.ZERO),
                        "cancelGrace must not be negative, was PT-1S"),
                new Refusal(
                        b -> b.grace(Duration.ZERO, NEGATIVE),
                        "killGrace must not be negative, was PT-1S"),
                new Refusal(
                        b -> b.startTimeout(Duration.ZERO),
                        "startTimeout must be positive, was PT0S"),
                new Refusal(b -> b.startFailures(0), "startFailures must be at least 1, was 0"),
                new Refusal(
                        b -> b.heartbeat(NEGATIVE, Duration.ofSeconds(1)),
                        "heartbeat must not be negative, was PT-1S"),
                new Refusal(
                        b -> b.heartbeat(Duration.ZERO, Duration.ZERO),
                        "heartbeatTimeout must be positive, was PT0S"),
                new Refusal(
                        b -> b.maxPayload(1023),
                        "maxPayload must be from 1024 to 1073741824, was 1023"),
                new Refusal(
                        b -> b.conversationsPerWorker(0),
                        "conversationsPerWorker must be from 1 to 100000, was 0"),
                new Refusal(
                        b -> b.timeout(Duration.ofSeconds(Long.MAX_VALUE)),
                        "timeout must be at most 3650 days, was "
                                + Duration.ofSeconds(Long.MAX_VALUE)),
                new Refusal(
                        b -> b.idleTimeout(Duration.ofDays(3651)),
                        "idleTimeout must be at most 3650 days, was PT87624H"),
                new Refusal(
                        b -> b.environment("A=B", "c"),
                        "environment has a variable that cannot be: 'A=B'"),
                new Refusal(
                        b -> b.environment("", "c"),
                        "environment has a variable that cannot be: ''"),
                new Refusal(b -> b.maxOpenFiles(63), "maxOpenFiles must be at least 64, was 63"),
                new Refusal(
                        b -> b.maxFileSize(4095),
                        "maxFileSize must be 0 or at least 4,194,304 bytes, was 4,095"),
                new Refusal(
                        b -> b.offer("JShell"),
                        "offer must be names of tasks: task name must be 1 to 63 lower case letters,"
                                + " digits, dots and dashes and begin with a letter, was 'JShell'"),
                new Refusal(
                        b -> b.classPath(Path.of("no", "such.jar")),
                        "classPath names a place that is not there: " + Path.of("no", "such.jar")));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void a_value_out_of_its_range_stops_the_start_and_is_named(Refusal refusal) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> refusal.setting().apply(ProcessPool.builder()).build())
                .withMessage(refusal.message());
    }

    @Test
    void arguments_without_an_initializer_are_refused() {
        PoolConfig good = ProcessPool.builder().initializer(Tasks::remember, "a word").config();
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new PoolConfig(
                                good.name(),
                                good.processes(),
                                good.minProcesses(),
                                good.spares(),
                                good.idleTimeout(),
                                good.maxTasksPerChild(),
                                good.maxTasksJitter(),
                                good.maxAge(),
                                good.softMemory(),
                                good.hardMemory(),
                                good.queueLimit(),
                                good.whenFull(),
                                good.timeout(),
                                good.queueTimeout(),
                                good.cancelGrace(),
                                good.killGrace(),
                                good.startTimeout(),
                                good.startFailures(),
                                good.heartbeat(),
                                good.heartbeatTimeout(),
                                good.maxPayload(),
                                good.conversationsPerWorker(),
                                Optional.empty(),
                                good.initArgs(),
                                good.command(),
                                good.environment(),
                                good.workingDirectory(),
                                good.offerTrouble(),
                                good.maxOpenFiles(),
                                good.maxFileSize(),
                                good.sandbox(),
                                good.offer()))
                .withMessage("initArgs are given but no initializer");
    }

    @Test
    void an_initializer_that_captures_is_refused() {
        String word = "captured " + System.nanoTime();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessPool.builder().initializer(() -> Tasks.remember(word)))
                .withMessageContaining("captures 1 value of its surroundings");
    }

    @Test
    void the_edges_of_the_ranges_are_accepted() {
        PoolConfig config =
                ProcessPool.builder()
                        .name("a")
                        .processes(1)
                        .minProcesses(0)
                        .maxTasksPerChild(1)
                        .queueLimit(0)
                        .timeout(Duration.ofDays(3650))
                        .grace(Duration.ZERO, Duration.ZERO)
                        .heartbeat(Duration.ZERO, Duration.ofNanos(1))
                        .maxMemory(1000, 1000)
                        .maxPayload(1024)
                        .config();
        assertThat(config.processes()).isEqualTo(1);
        assertThat(config.minProcesses()).isZero();
    }

    @Test
    void there_are_as_many_processes_as_processors_unless_told_otherwise() {
        PoolConfig config = ProcessPool.builder().config();
        assertThat(config.processes()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.minProcesses()).isEqualTo(config.processes());
        assertThat(config.maxTasksPerChild()).isZero();
    }

    @Test
    void all_processes_are_kept_unless_a_smaller_number_is_given() {
        assertThat(ProcessPool.builder().processes(7).config().minProcesses()).isEqualTo(7);
        assertThat(ProcessPool.builder().minProcesses(2).processes(7).config().minProcesses())
                .isEqualTo(2);
    }
}
