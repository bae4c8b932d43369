package org.processpool.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSyntaxTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "null",
                " \"进程\" ",
                "[]",
                "{\"a\":[1,{\"b\":null}]}",
                "\n\t[1.5e3]\r\n"
            })
    void takes_a_value_of_any_kind(String json) {
        assertThatCode(() -> JsonSyntax.check(json.getBytes(UTF_8))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[1,\\n 2,\\n x] | 3 | 4", "1 2 | 1 | 3", "{\"a\":1,} | 1 | 8"})
    void says_in_which_line_and_column_it_goes_wrong(String json, int line, int column) {
        Problem problem = malformed(json.replace("\\n", "\n").getBytes(UTF_8));
        assertThat(problem.extensions())
                .containsEntry("line", line)
                .containsEntry("column", column);
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\"open", "[1", "{\"a\"", "01", "NaN", "'a'", "[1]]", "// c\n1"})
    void refuses_what_is_not_exactly_one_value(String json) {
        assertThat(malformed(json.getBytes(UTF_8)).type()).isEqualTo(ProblemType.MALFORMED_JSON);
    }

    @Test
    void refuses_any_encoding_but_utf_8() {
        malformed("[1, 2]".getBytes(UTF_16BE));
        malformed("\"caf\u00e9\"".getBytes(ISO_8859_1));
        malformed("[\"caf\u00e9\", 1]".getBytes(ISO_8859_1));
    }

    @Test
    void refuses_a_nesting_that_would_exhaust_a_stack() {
        malformed(("[".repeat(10_000) + "]".repeat(10_000)).getBytes(UTF_8));
    }

    private static Problem malformed(byte[] body) {
        var refused = catchThrowableOfType(ProblemException.class, () -> JsonSyntax.check(body));
        assertThat(refused).isNotNull();
        return refused.problem();
    }
}
