package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyKeyTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "\"7d1c\", 7d1c",
                "7d1c, 7d1c",
                "  \"7d1c\"  , 7d1c",
                "\"a\\\"b\\\\c\", a\"b\\c",
                "8e03978e-40d5-43e8-bc93-6894a57f9324, 8e03978e-40d5-43e8-bc93-6894a57f9324"
            })
    void is_a_string_in_quotes_or_a_bare_token(String header, String key) {
        assertThat(IdempotencyKey.of(List.of(header))).contains(new IdempotencyKey(key));
    }

    @Test
    void need_not_be_there() {
        assertThat(IdempotencyKey.of(List.of())).isEmpty();
    }

    @Test
    void has_up_to_255_characters() {
        String longest = "k".repeat(255);
        assertThat(IdempotencyKey.of(List.of('"' + longest + '"')))
                .contains(new IdempotencyKey(longest));
        refused(List.of(longest + "k"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"\"",
                "\"open",
                "a b",
                "\"a b\"",
                "a,b",
                "\"a\" b",
                "\"caf\u00e9\"",
                "\"\\n\""
            })
    void anything_else_is_refused(String header) {
        refused(List.of(header));
    }

    @Test
    void two_of_them_are_refused() {
        refused(List.of("a", "b"));
    }

    private static void refused(List<String> lines) {
        var refused = catchThrowableOfType(ProblemException.class, () -> IdempotencyKey.of(lines));
        assertThat(refused.problem().type()).isEqualTo(ProblemType.INVALID_HEADER);
        assertThat(refused.problem().extensions()).isEqualTo(Map.of("header", "Idempotency-Key"));
    }
}
