package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Level;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.Test;

class PrintableLogTest {

    private final PrintableLog filter = new PrintableLog();

    @Test
    void leaves_text_of_any_script_as_it_is() {
        assertThat(PrintableLog.printable("进程(4711)\tça va? 😀")).isEqualTo("进程(4711)\tça va? 😀");
    }

    @Test
    void shows_what_could_forge_a_line_or_move_a_cursor() {
        assertThat(PrintableLog.printable("a\r\nERROR b \u001b[2J \u0000 \u202e \u2028"))
                .isEqualTo("a\\u000d\\u000aERROR b \\u001b[2J \\u0000 \\u202e \\u2028");
    }

    @Test
    void a_record_is_one_line_whatever_its_parameters_say() {
        var line = new ExtLogRecord(Level.INFO, "%s said %s", "test");
        line.setMessage("%s said %s", ExtLogRecord.FormatStyle.PRINTF);
        line.setParameters(new Object[] {"a\nERROR forged", "b\u001b[2J"});
        assertThat(filter.isLoggable(line)).isTrue();
        assertThat(new PatternFormatter("%s").format(line))
                .isEqualTo("a\\u000aERROR forged said b\\u001b[2J");
    }

    @Test
    void an_exception_says_the_same_in_one_line_and_so_do_its_causes() {
        var cause = new IllegalStateException("x\n2026-01-01 ERROR forged");
        var thrown = new IllegalArgumentException("y", cause);
        thrown.addSuppressed(cause);
        cause.addSuppressed(thrown); // a circle
        var line = new ExtLogRecord(Level.INFO, "it failed", "test");
        line.setThrown(thrown);
        assertThat(filter.isLoggable(line)).isTrue();
        StringWriter text = new StringWriter();
        line.getThrown().printStackTrace(new PrintWriter(text));
        assertThat(text.toString())
                .startsWith("java.lang.IllegalArgumentException: y")
                .contains("IllegalStateException: x\\u000a2026-01-01 ERROR forged")
                .contains("PrintableLogTest.java")
                .doesNotContain("\n2026");
    }

    @Test
    void an_exception_that_needs_no_mending_stays_itself() {
        var thrown = new IllegalStateException("进程 4711");
        var line = new ExtLogRecord(Level.INFO, "it failed", "test");
        line.setThrown(thrown);
        assertThat(filter.isLoggable(line)).isTrue();
        assertThat(line.getThrown()).isSameAs(thrown);
    }
}
