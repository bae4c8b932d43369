package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes in words. */
class SignalsTest {

    @ParameterizedTest
    @CsvSource({
        "129, SIGHUP",
        "130, SIGINT",
        "134, SIGABRT",
        "137, SIGKILL",
        "139, SIGSEGV",
        "143, SIGTERM",
        "159, SIGSYS"
    })
    void names_the_signal_behind_an_exit_code(int exitCode, String signal) {
        assertThat(Signals.name(exitCode)).contains(signal);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, 70, 128, 160, 255})
    void has_no_name_for_a_code_that_is_no_signal(int exitCode) {
        assertThat(Signals.name(exitCode)).isEmpty();
    }
}
