package org.processpool.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.security.Origins.Names;

/** Whose pages may do something, and what the service is called. */
class OriginsTest {

    private final Origins local = origins(Names.LOCAL);
    private final Origins open = origins(Names.ADDRESSES);
    private final Origins guarded = origins(Names.ALL);

    private static Origins origins(Names names, String... hosts) {
        return new Origins(Set.of("https://friend.example"), Set.of(hosts), names);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8080, localhost:8080",
        "http://127.0.0.1:8080, 127.0.0.1:8080",
        "http://[::1]:8080, [::1]:8080",
        "HTTP://LOCALHOST:8080, LocalHost:8080",
        "http://localhost, localhost",
        "https://friend.example, localhost:8080",
    })
    void trusts_pages_of_its_own_and_of_friends(String origin, String host) {
        assertThat(local.trusts(origin, host)).isTrue();
        assertThat(local.knows(host)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://evil.example, localhost:8080",
        "http://localhost:9999, localhost:8080",
        "https://localhost.evil.example, localhost:8080",
        "null, localhost:8080",
        "file://, localhost:8080",
        "http://user@localhost:8080@evil.example, localhost:8080",
        "https://friend.example.evil.example, localhost:8080",
        "http://friend.example, localhost:8080",
        "'', localhost:8080",
    })
    void trusts_no_pages_of_others(String origin, String host) {
        assertThat(local.trusts(origin, host)).isFalse();
        assertThat(open.trusts(origin, host)).isFalse();
        assertThat(guarded.trusts(origin, host)).isFalse();
        assertThat(guarded.trusts(origin, null)).isFalse();
    }

    @Test
    void trusts_programs_which_tell_no_origin() {
        assertThat(local.trusts(null, "localhost:8080")).isTrue();
        assertThat(local.trusts(null, null)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example:8080",
                "evil.example",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "localhost:8080.evil.example",
                "localhost:",
                "192.168.7.7:8080",
                ""
            })
    void answers_to_no_other_name_while_it_listens_on_this_machine_alone(String host) {
        assertThat(local.knows(host)).isFalse();
    }

    @Test
    void answers_to_addresses_but_to_no_unlisted_name_while_nobody_is_asked_who_they_are() {
        assertThat(open.knows("192.168.7.7:8080")).isTrue();
        assertThat(open.knows("[fd00::7]:8080")).isTrue();
        assertThat(open.knows("localhost:8080")).isTrue();
        assertThat(open.knows("friend.example")).isTrue();
        assertThat(open.knows("evil.example:8080")).isFalse();
        assertThat(open.knows("192.168.7.7.evil.example")).isFalse();
        assertThat(open.knows(null)).isFalse();
    }

    @Test
    void answers_to_all_names_while_tokens_are_asked_for_unless_some_are_listed() {
        assertThat(guarded.knows("pool.example:8080")).isTrue();
        assertThat(guarded.knows(null)).isTrue();
        Origins named = origins(Names.ALL, "Pool.Example", "other.example:9000");
        assertThat(named.knows("pool.example:8080")).isTrue();
        assertThat(named.knows("POOL.example")).isTrue();
        assertThat(named.knows("other.example:9000")).isTrue();
        assertThat(named.knows("10.0.0.7:8080")).isTrue();
        assertThat(named.knows("other.example")).isFalse();
        assertThat(named.knows("evil.example")).isFalse();
        assertThat(named.knows(null)).isFalse();
    }

    @Test
    void answers_to_everything_if_told_so() {
        Origins every = origins(Names.LOCAL, "*");
        assertThat(every.knows("whatever.example")).isTrue();
        assertThat(every.knows(null)).isTrue();
        assertThat(every.trusts("http://evil.example", "whatever.example")).isFalse();
    }

    @Test
    void refuses_a_list_that_has_no_origins_in_it() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Origins(Set.of("chat.example"), Set.of(), Names.LOCAL))
                .withMessageContaining("https://chat.example.com")
                .withMessageContaining("'chat.example'");
    }
}
