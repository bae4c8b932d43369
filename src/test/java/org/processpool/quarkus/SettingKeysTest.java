package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.rest.CallLimits;
import org.processpool.rest.WebhookSettings;

class SettingKeysTest {
    private final SettingKeys keys =
            SettingKeys.of(PoolSettings.class, CallLimits.class, WebhookSettings.class);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "process-pool.offer-trouble",
                "process-pool.shutdown-delay",
                "process-pool.shutdown-grace",
                "process-pool.read-only",
                "process-pool.rest.timeout",
                "process-pool.webhooks.allowed-hosts",
                "process-pool.webhooks.allowed-hosts[0]",
                "process-pool.webhooks.secrets.default",
                "process-pool.webhooks.secrets.\"acme.com\"",
                "process-pool.pools.default.processes",
                "process-pool.pools.\"big.one\".max-tasks-per-child",
                "process-pool.pools.default.jvm-flags",
                "process-pool.pools.default.jvm-flags[0]",
                "process-pool.pools.default.environment.SOME_VARIABLE",
                "process-pool.pools.default.environment.with.dots",
                "PROCESS_POOL_POOLS_DEFAULT_MAX_TASKS_PER_CHILD",
                "PROCESS_POOL_POOLS_BIG_ENVIRONMENT_LANG",
                "quarkus.http.port",
                "PATH"
            })
    void knows_what_the_settings_read(String key) {
        assertThatCode(() -> keys.refuseUnknown(List.of(key))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "process-pool.pools.default.proceses, process-pool.pools.default.processes",
        "process-pool.pools.big.queuelimit, process-pool.pools.big.queue-limit",
        "process-pool.pools.default, process-pool.pools.default.java",
        "process-pool.ofer-trouble, process-pool.offer-trouble",
        "process-pool.rest.time-out, process-pool.rest.timeout",
        "process-pool.webhooks.allowed-host, process-pool.webhooks.allowed-hosts",
        "process-pool.webhooks.secret.default, process-pool.webhooks.secrets.default",
        "PROCESS_POOL_POOLS_DEFAULT_PROCESES, PROCESS_POOL_POOLS_DEFAULT_PROCESSES"
    })
    void refuses_another_key_and_names_the_nearest(String unknown, String nearest) {
        assertThatThrownBy(() -> keys.refuseUnknown(List.of("a.b", unknown)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("unknown setting '%s'; did you mean '%s'?", unknown, nearest);
    }

    @Test
    void leaves_alone_what_kubernetes_sets_for_a_service_of_that_name() {
        var names = List.of("PROCESS_POOL_SERVICE_HOST", "PROCESS_POOL_PORT_8080_TCP_ADDR");
        assertThatCode(() -> keys.refuseUnknown(names)).doesNotThrowAnyException();
    }
}
