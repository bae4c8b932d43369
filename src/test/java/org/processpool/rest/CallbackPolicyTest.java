package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.processpool.rest.TestWebhooks.allowing;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallbackPolicyTest {
    private final CallbackPolicy policy =
            new CallbackPolicy(
                    allowing("hooks.example.com", "*.example.org", "ports.example.com:8443"));

    private static String reason(CallbackPolicy policy, String url, String secretRef) {
        ProblemException refused =
                catchThrowableOfType(ProblemException.class, () -> policy.check(url, secretRef));
        assertThat(refused).as(url).isNotNull();
        assertThat(refused.problem().type()).isEqualTo(ProblemType.CALLBACK_NOT_ALLOWED);
        return String.valueOf(refused.problem().extensions().get("reason"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://hooks.example.com",
                "https://hooks.example.com/",
                "https://hooks.example.com:443/a/b?c=d#e",
                "HTTPS://HOOKS.Example.COM./a",
                "https://a.example.org/",
                "https://a.b.example.org/",
                "https://ports.example.com:8443/"
            })
    void allows_what_the_list_has(String url) {
        assertThatCode(() -> policy.check(url, null)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "http://hooks.example.com/, scheme",
        "ftp://hooks.example.com/, scheme",
        "file://hooks.example.com/etc/passwd, scheme",
        "https://me:word@hooks.example.com/, userinfo",
        "https://hooks.example.com@evil.com/, userinfo",
        "https://@hooks.example.com/, userinfo",
        "https://evil.com/, host-not-allowed",
        "https://evilhooks.example.com/, host-not-allowed",
        "https://hooks.example.com.evil.com/, host-not-allowed",
        "https://example.org/, host-not-allowed",
        "https://evilexample.org/, host-not-allowed",
        "https://localhost/, host-not-allowed",
        "https://LOCALHOST./, host-not-allowed",
        "https://hooks.example.com:8443/, port",
        "https://hooks.example.com:22/, port",
        "https://ports.example.com/, port",
        "https://127.0.0.1/, address-literal",
        "https://0177.0.0.1/, address-literal",
        "https://127.0.0.1./, malformed-url",
        "https://[::1]/, address-literal",
        "https://[::ffff:127.0.0.1]/, address-literal",
        "https://[::FFFF:7f00:1]/, address-literal",
        "https://[fe80::1%25eth0]/, address-literal",
        "https://8.8.8.8/, address-literal",
        "https://2130706433/, address-literal",
        "https://0x7f000001/, address-literal",
        "https://0x7f.0.0.1/, malformed-url",
        "https://127.1/, malformed-url",
        "https://017700000001/, address-literal",
        "https://localhost../, malformed-url",
        "https:///path, malformed-url",
        "https:hooks.example.com, malformed-url",
        "//hooks.example.com/, malformed-url",
        "/path, malformed-url",
        "'', malformed-url",
        "https://hooks.example.com:0/, malformed-url",
        "https://hooks.example.com:65536/, malformed-url",
        "https://hooks.example.com:99999999999/, malformed-url",
        "'https://hooks.example.com\\@evil.com/', malformed-url",
        "'https://hooks.example.com/a b', malformed-url",
        "https://hooks.ex\u00e4mple.com/, malformed-url",
        "https://\uff28ooks.example.com/, malformed-url"
    })
    void refuses_with_a_reason(String url, String reason) {
        assertThat(reason(policy, url, null)).isEqualTo(reason);
    }

    @Test
    void refuses_line_breaks_and_what_is_too_long() {
        String url = "https://hooks.example.com/";
        assertThat(reason(policy, url + "\r\nX: 1", null)).isEqualTo("malformed-url");
        assertThat(reason(policy, url + "a".repeat(2048), null)).isEqualTo("malformed-url");
    }

    @Test
    void refuses_all_while_no_host_is_allowed() {
        var off =
                new CallbackPolicy(
                        new TestWebhooks(
                                Optional.empty(), Map.of(), Duration.ofSeconds(15), false));
        assertThat(reason(off, "https://hooks.example.com/", null)).isEqualTo("callbacks-off");
        assertThat(reason(off, "nonsense", null)).isEqualTo("callbacks-off");
    }

    @Test
    void knows_only_secrets_that_are_set_and_default_is_one_of_them() {
        String url = "https://hooks.example.com/";
        var one =
                new CallbackPolicy(
                        allowing("hooks.example.com").secret("acme", TestWebhooks.SECRET));
        assertThatCode(() -> one.check(url, "acme")).doesNotThrowAnyException();
        assertThat(reason(one, url, null)).isEqualTo("unknown-secret");
        assertThat(reason(one, url, "other")).isEqualTo("unknown-secret");
    }

    @Test
    void sends_a_path_in_ascii_and_no_fragment() {
        CallbackTarget target = policy.admit("https://HOOKS.example.com./caf\u00e9?a=%20b#c", null);
        assertThat(target.host()).isEqualTo("hooks.example.com");
        assertThat(target.path()).isEqualTo("/caf%C3%A9?a=%20b");
        assertThat(target).hasToString("https://hooks.example.com:443");
        assertThat(policy.admit("https://hooks.example.com?a", null).path()).isEqualTo("/?a");
    }

    @Test
    void allows_more_when_insecure_but_no_other_host_and_warns_of_it() {
        CallbackPolicy insecure;
        var log = new LogLines(CallbackPolicy.class.getName());
        try {
            insecure = new CallbackPolicy(allowing("127.0.0.1", "[::1]", "dev:99").insecure());
        } finally {
            log.close();
        }
        assertThat(log.lines())
                .singleElement()
                .asString()
                .contains("WARN", "allow-insecure is true");
        for (String url : List.of("http://127.0.0.1:9/", "https://[::1]/", "http://dev:99/")) {
            assertThatCode(() -> insecure.check(url, null)).doesNotThrowAnyException();
        }
        assertThat(reason(insecure, "http://dev/", null)).isEqualTo("port");
        assertThat(reason(insecure, "http://10.0.0.1/", null)).isEqualTo("host-not-allowed");
        assertThat(reason(insecure, "ftp://127.0.0.1/", null)).isEqualTo("scheme");
        assertThat(reason(insecure, "http://me@127.0.0.1/", null)).isEqualTo("userinfo");
    }

    @ParameterizedTest
    @CsvSource({
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=, must begin with whsec_",
        "whsec_, 'must have 24 to 64 bytes, had 0'",
        "whsec_c2hvcnQ=, 'must have 24 to 64 bytes, had 5'",
        "whsec_not*base64*at*all*not*base64*, must be Base64 after whsec_",
    })
    void a_bad_secret_stops_the_start_and_is_not_told(String secret, String why) {
        assertThatThrownBy(() -> new CallbackPolicy(allowing().secret("acme", secret)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("process-pool.webhooks.secrets.acme " + why)
                .hasNoCause();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "*.",
                "",
                "a.*.com",
                "*example.com",
                "https://example.com",
                "example.com/",
                "example.com:0",
                "example.com:65536",
                "exam_ple.com",
                "127.0.0.1",
                "[::1]",
                "0x7f.1",
                "*.0.0.1"
            })
    void a_host_that_is_none_stops_the_start(String host) {
        assertThatThrownBy(() -> new CallbackPolicy(allowing("ok.example.com", host)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("process-pool.webhooks.allowed-hosts ")
                .hasMessageEndingWith("was '%s'", host);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT0.0001S", "PT5M1S"})
    void a_timeout_out_of_range_stops_the_start(Duration timeout) {
        assertThatThrownBy(() -> new CallbackPolicy(allowing("a.com").timeout(timeout)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("process-pool.webhooks.timeout must be");
    }
}
