package org.processpool.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose pages may open a WebSocket. */
class OriginsTest {

    private final Origins local = new Origins(Set.of("https://friend.example"), true);
    private final Origins open = new Origins(Set.of("https://friend.example"), false);

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8080, localhost:8080",
        "http://127.0.0.1:8080, 127.0.0.1:8080",
        "http://[::1]:8080, [::1]:8080",
        "HTTP://LOCALHOST:8080, LocalHost:8080",
        "http://localhost, localhost",
        "https://friend.example, localhost:8080",
    })
    void lets_in_pages_of_its_own_and_of_friends(String origin, String host) {
        assertThat(local.refusal(origin, host)).isEmpty();
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
    })
    void refuses_pages_of_others(String origin, String host) {
        assertThat(local.refusal(origin, host)).isPresent();
        assertThat(open.refusal(origin, host)).isPresent();
    }

    @Test
    void answers_to_no_foreign_name_while_it_listens_on_this_machine_alone() {
        assertThat(local.refusal("http://evil.example:8080", "evil.example:8080")).isPresent();
        assertThat(local.refusal(null, "evil.example:8080")).isPresent();
        assertThat(local.refusal(null, null)).isPresent();
        assertThat(open.refusal("http://chat.example:8080", "chat.example:8080")).isEmpty();
        assertThat(open.refusal("https://chat.example", "chat.example")).isEmpty();
    }

    @Test
    void lets_in_programs_which_tell_no_origin() {
        assertThat(local.refusal(null, "localhost:8080")).isEmpty();
    }
}
