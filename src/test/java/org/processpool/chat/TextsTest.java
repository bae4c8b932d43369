package org.processpool.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of people and rooms, which others have to tell apart. */
class TextsTest {

    @ParameterizedTest
    @ValueSource(strings = {"alice", "爱丽丝", "Ольга", "👩‍🚀", "a b", "O’Brien"})
    void takes_names_of_any_script(String nick) {
        assertThat(Texts.nick(nick)).contains(nick);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "  ", "\u202Eevil", "a\u0000b", "a\nb", "\u3164", "\u200D", "a\u200Bb"})
    void refuses_names_that_cannot_be_seen_or_turn_the_writing(String nick) {
        assertThat(Texts.nick(nick)).isEmpty();
    }

    @Test
    void refuses_names_that_are_too_long() {
        assertThat(Texts.nick("😀".repeat(32))).isPresent();
        assertThat(Texts.nick("😀".repeat(33))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ALICE", "alice\u200D", "alice\uFE0F", "ａｌｉｃｅ", "ali\u034Fce"})
    void knows_names_that_look_alike(String other) {
        assertThat(Texts.key(other)).isEqualTo(Texts.key("alice"));
    }

    @Test
    void names_of_rooms_are_in_lower_case_and_without_blanks() {
        assertThat(Texts.room("Garten-花园_1")).contains("garten-花园_1");
        assertThat(Texts.room("two words")).isEmpty();
        assertThat(Texts.room("a/b")).isEmpty();
        assertThat(Texts.room(null)).isEmpty();
    }

    @Test
    void cuts_no_character_in_half_and_leaves_no_half_alone() {
        assertThat(Texts.cut("ab😀", 3)).isEqualTo("ab…");
        assertThat(Texts.cut("ab😀", 4)).isEqualTo("ab😀");
        assertThat(Texts.cut("a\uD83D", 10)).isEqualTo("a\uFFFD");
    }

    @Test
    void shows_control_characters_to_no_terminal() {
        assertThat(Texts.printable("a\u001b[2Jb\u0007")).isEqualTo("a\uFFFD[2Jb\uFFFD");
    }
}
