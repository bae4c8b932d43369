package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.PoolConfig;
import org.processpool.pool.WorkerCommand;
import org.processpool.task.TaskName;

class PoolSettingsTest {
    private static final String DEFAULT = "process-pool.pools.default.";

    @Test
    void a_pool_needs_no_setting_at_all() {
        PoolConfig config = config(Map.of());
        assertThat(config.name()).isEqualTo("default");
        assertThat(config.processes()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.minProcesses()).isEqualTo(config.processes());
        assertThat(config.queueLimit()).isEqualTo(1000);
        assertThat(config.timeout()).isZero();
        assertThat(config.offerTrouble()).isFalse();
        assertThat(config.maxOpenFiles()).isEqualTo(4096);
        assertThat(config.maxFileSize()).isEqualTo(4L << 30);
        assertThat(config.sandbox()).isEqualTo(PoolConfig.Sandbox.NONE);
        assertThat(config.offer()).isEmpty();
    }

    @Test
    void every_setting_reaches_the_pool() {
        PoolConfig config =
                config(
                        Map.ofEntries(
                                Map.entry(DEFAULT + "processes", "4"),
                                Map.entry(DEFAULT + "min-processes", "1"),
                                Map.entry(DEFAULT + "spares", "2"),
                                Map.entry(DEFAULT + "idle-timeout", "61s"),
                                Map.entry(DEFAULT + "max-tasks-per-child", "100"),
                                Map.entry(DEFAULT + "max-tasks-jitter", "10"),
                                Map.entry(DEFAULT + "max-age", "1h"),
                                Map.entry(DEFAULT + "soft-memory", "256M"),
                                Map.entry(DEFAULT + "hard-memory", "1G"),
                                Map.entry(DEFAULT + "queue-limit", "7"),
                                Map.entry(DEFAULT + "when-full", "block"),
                                Map.entry(DEFAULT + "timeout", "PT2.5S"),
                                Map.entry(DEFAULT + "queue-timeout", "3s"),
                                Map.entry(DEFAULT + "cancel-grace", "100ms"),
                                Map.entry(DEFAULT + "kill-grace", "200ms"),
                                Map.entry(DEFAULT + "start-timeout", "5s"),
                                Map.entry(DEFAULT + "start-failures", "3"),
                                Map.entry(DEFAULT + "heartbeat", "1s"),
                                Map.entry(DEFAULT + "heartbeat-timeout", "2s"),
                                Map.entry(DEFAULT + "max-payload", "1M"),
                                Map.entry(DEFAULT + "environment.GREETING", "hello"),
                                Map.entry(DEFAULT + "working-directory", "somewhere"),
                                Map.entry(DEFAULT + "offer-trouble", "true"),
                                Map.entry(DEFAULT + "max-open-files", "512"),
                                Map.entry(DEFAULT + "max-file-size", "1G"),
                                Map.entry(DEFAULT + "sandbox", "none"),
                                Map.entry(DEFAULT + "offer", "jshell,another")));
        assertThat(config.processes()).isEqualTo(4);
        assertThat(config.minProcesses()).isEqualTo(1);
        assertThat(config.spares()).isEqualTo(2);
        assertThat(config.idleTimeout()).isEqualTo(Duration.ofSeconds(61));
        assertThat(config.maxTasksPerChild()).isEqualTo(100);
        assertThat(config.maxTasksJitter()).isEqualTo(10);
        assertThat(config.maxAge()).isEqualTo(Duration.ofHours(1));
        assertThat(config.softMemory()).isEqualTo(256L << 20);
        assertThat(config.hardMemory()).isEqualTo(1L << 30);
        assertThat(config.queueLimit()).isEqualTo(7);
        assertThat(config.whenFull()).isEqualTo(PoolConfig.WhenFull.BLOCK);
        assertThat(config.timeout()).isEqualTo(Duration.ofMillis(2500));
        assertThat(config.queueTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.cancelGrace()).isEqualTo(Duration.ofMillis(100));
        assertThat(config.killGrace()).isEqualTo(Duration.ofMillis(200));
        assertThat(config.startTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.startFailures()).isEqualTo(3);
        assertThat(config.heartbeat()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.heartbeatTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.maxPayload()).isEqualTo(1 << 20);
        assertThat(config.environment()).containsEntry("GREETING", "hello");
        assertThat(config.workingDirectory()).contains(Path.of("somewhere"));
        assertThat(config.offerTrouble()).isTrue();
        assertThat(config.maxOpenFiles()).isEqualTo(512);
        assertThat(config.maxFileSize()).isEqualTo(1L << 30);
        assertThat(config.sandbox()).isEqualTo(PoolConfig.Sandbox.NONE);
        assertThat(config.offer())
                .containsExactlyInAnyOrder(new TaskName("jshell"), new TaskName("another"));
    }

    @Test
    void trouble_is_offered_by_all_pools_or_by_one() {
        assertThat(config(Map.of("process-pool.offer-trouble", "true")).offerTrouble()).isTrue();
        assertThat(
                        config(
                                        Map.of(
                                                "process-pool.offer-trouble",
                                                "true",
                                                DEFAULT + "offer-trouble",
                                                "false"))
                                .offerTrouble())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "processes | 0 | must be from 1 to 4096, was 0",
                "min-processes | 5000 | must be from 0 to ",
                "min-processes | -1 | must be at least 0, was -1",
                "max-tasks-per-child | 0 | must be at least 1, was 0",
                "queue-limit | -1 | must be at least 0, was -1",
                "idle-timeout | 0s | must be positive, was PT0S",
                "timeout | PT-1S | must not be negative, was PT-1S",
                "max-payload | 1 | must be from 1024 to 1073741824, was 1",
                "max-open-files | 1 | must be at least 64, was 1",
                "max-file-size | 1K | must be 0 or at least 4,194,304 bytes, was 1,024",
                "offer | JShell | must be names of tasks: task name must be 1 to 63 lower case",
                "max-payload | 3G | must be at most 1 GiB, was 3,221,225,472 bytes"
            })
    void a_value_out_of_its_range_is_refused_by_name(String key, String value, String why) {
        assertThatThrownBy(() -> config(Map.of(DEFAULT + key, value)))
                .isInstanceOf(ConfigurationException.class)
                .hasNoCause()
                .hasMessageStartingWith(DEFAULT + key + " " + why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:8080", "https://api.example.com/pool/v2"})
    void problems_may_have_an_address_of_their_own(String base) {
        assertThatCode(() -> PoolProducer.checkProblemBase(base)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/pool", "https://", "https://example.com/", "ftp://example.com"})
    void an_address_of_problems_that_is_none_is_refused(String base) {
        assertThatThrownBy(() -> PoolProducer.checkProblemBase(base))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("process-pool.rest.problem-base")
                .hasMessageEndingWith("was '%s'", base);
    }

    @Test
    void a_pool_cannot_have_any_name() {
        PoolSettings settings = settings(Map.of("process-pool.pools.Big.processes", "1"));
        assertThatThrownBy(() ->
                        PoolProducer.check(
                                "Big", PoolProducer.builder("Big", settings.pool("Big"), false)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("process-pool.pools.Big.*: name must be");
    }

    private static PoolConfig config(Map<String, String> values) {
        PoolSettings settings = settings(values);
        var builder =
                PoolProducer.builder("default", settings.pool("default"), settings.offerTrouble());
        PoolProducer.check("default", builder);
        return builder.config();
    }

    private static PoolSettings settings(Map<String, String> values) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(values, "test", 100))
                .withConverter(Duration.class, 200, new DurationConverter())
                .withConverter(MemorySize.class, 200, new MemorySizeConverter())
                .withMapping(PoolSettings.class)
                .build()
                .getConfigMapping(PoolSettings.class);
    }

    @Test
    void workers_can_run_on_another_jvm_or_in_a_native_executable() {
        assertThat(config(Map.of(DEFAULT + "java", "/opt/java/bin/java")).command())
                .isInstanceOfSatisfying(
                        WorkerCommand.Jvm.class,
                        jvm -> assertThat(jvm.java()).isEqualTo(Path.of("/opt/java/bin/java")));
        assertThat(
                        config(
                                        Map.of(
                                                DEFAULT + "executable", "/opt/run",
                                                DEFAULT + "jvm-flags", "-Xmx64m"))
                                .command())
                .isEqualTo(new WorkerCommand.Native(Path.of("/opt/run"), List.of("-Xmx64m")));
    }

    @Test
    void a_pool_cannot_have_workers_of_both_kinds() {
        assertThatThrownBy(() ->
                        config(
                                Map.of(
                                        DEFAULT + "java", "/opt/java/bin/java",
                                        DEFAULT + "executable", "/opt/run")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("%sexecutable must not be set together with %sjava", DEFAULT, DEFAULT);
    }
}
