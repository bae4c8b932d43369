package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;

class WebhookSettingsTest {

    private static SmallRyeConfig config(ConfigSource... sources) {
        return new SmallRyeConfigBuilder()
                .withMapping(WebhookSettings.class)
                .withConverter(Duration.class, 500, new DurationConverter())
                .withSources(sources)
                .build();
    }

    @Test
    void allow_nothing_unless_told_to() {
        var settings = config().getConfigMapping(WebhookSettings.class);
        assertThat(settings.allowedHosts()).isEmpty();
        assertThat(settings.secrets()).isEmpty();
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(settings.allowInsecure()).isFalse();
    }

    @Test
    void have_secrets_by_name() {
        var settings =
                config(
                                new PropertiesConfigSource(
                                        Map.of(
                                                "process-pool.webhooks.allowed-hosts",
                                                "a.example.com,*.example.org",
                                                "process-pool.webhooks.secrets.default",
                                                "one",
                                                "process-pool.webhooks.secrets.acme",
                                                "two"),
                                        "test",
                                        100))
                        .getConfigMapping(WebhookSettings.class);
        assertThat(settings.allowedHosts()).contains(List.of("a.example.com", "*.example.org"));
        assertThat(settings.secrets()).isEqualTo(Map.of("default", "one", "acme", "two"));
    }

    @Test
    void can_be_variables_as_secrets_are_in_kubernetes() {
        var settings =
                config(
                                new EnvConfigSource(
                                        Map.of(
                                                "PROCESS_POOL_WEBHOOKS_ALLOWED_HOSTS",
                                                "a.example.com",
                                                "PROCESS_POOL_WEBHOOKS_SECRETS_DEFAULT",
                                                "one"),
                                        300))
                        .getConfigMapping(WebhookSettings.class);
        assertThat(settings.allowedHosts()).contains(List.of("a.example.com"));
        assertThat(settings.secrets()).isEqualTo(Map.of("default", "one"));
    }
}
