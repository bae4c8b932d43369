package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.outcomeOf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.Outcome;
import org.processpool.task.Payload;

/** Tasks that print without measure: row 7 of the list of faults. */
@FaultTest
class PrintingFaultIT {

    private static final int MEBIBYTE = 1 << 20;
    private static final int LONGEST_PIECE = 8 << 10;

    private final Diary diary = new Diary();

    /** A child writes to file descriptor 1 as native code in the worker would. */
    @ParameterizedTest
    @ValueSource(strings = {"stdout", "stderr", "child"})
    void a_megabyte_without_a_newline_goes_to_the_log_in_pieces_and_not_to_the_protocol(String to)
            throws Exception {
        try (var pool = Pools.ofTrouble(1).listener(diary).open()) {
            var input = Payload.json("{\"bytes\": %d, \"to\": \"%s\"}".formatted(MEBIBYTE, to));
            assertThat(pool.apply(Pools.task("chatter"), input)).isEqualTo(MEBIBYTE);
            assertThat(pool.apply(Deeds::square, 7L)).isEqualTo(49);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(diary.said().stream().mapToInt(String::length).sum())
                                    .isBetween(MEBIBYTE - LONGEST_PIECE, MEBIBYTE));
            assertThat(diary.said())
                    .allSatisfy(piece -> assertThat(piece).hasSizeLessThanOrEqualTo(LONGEST_PIECE));
            assertThat(pool.snapshot().exits()).isEmpty();
        }
    }

    @Test
    void the_last_words_of_a_chatterer_are_bounded() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            var crashed =
                    outcomeOf(
                            Outcome.Crashed.class,
                            pool.applyAsync(Deeds::chatterAndHalt, 4 * MEBIBYTE));
            assertThat(crashed.lastWords()).isNotEmpty().hasSizeLessThanOrEqualTo(LONGEST_PIECE);
        }
    }

    @Test
    void what_was_printed_before_a_death_is_among_the_last_words() throws Exception {
        try (var pool = Pools.ofTrouble(1).open()) {
            assertThat(
                            outcomeOf(
                                            Outcome.Crashed.class,
                                            pool.applyAsync(Deeds::chatterAndHalt, 3))
                                    .lastWords())
                    .endsWith("xxx\n");
        }
    }
}
