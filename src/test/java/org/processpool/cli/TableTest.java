package org.processpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {

    @ParameterizedTest
    @CsvSource({
        "abc, 3",
        "é, 1",
        "e\u0301, 1",
        "漢字, 4",
        "かな, 4",
        "カナ, 4",
        "ｶﾅ, 2",
        "한글, 4",
        "ＡＢ, 4",
        "（）, 4",
        "🚀, 2",
        "Привет, 6",
        "\u200B, 0"
    })
    void knows_how_wide_a_text_is_on_a_terminal(String text, int columns) {
        assertThat(Table.width(text)).isEqualTo(columns);
    }

    @Test
    void does_not_count_colours() {
        assertThat(Table.width(Style.state("FAILED"))).isEqualTo(6);
    }
}
