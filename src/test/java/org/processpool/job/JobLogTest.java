package org.processpool.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.processpool.job.JobLog.Line;
import org.processpool.job.JobLog.Stream;

class JobLogTest {

    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration LONG = Duration.ofSeconds(30);

    private final JobLog log = new JobLog(1000);

    @Test
    void keeps_lines_in_order_with_their_stream() throws Exception {
        log.add(Stream.STDOUT, "a\nb\n");
        log.add(Stream.STDERR, "c");
        assertThat(log.read(0, AT_ONCE).lines())
                .containsExactly(
                        new Line(1, Stream.STDOUT, "a"),
                        new Line(2, Stream.STDOUT, "b"),
                        new Line(3, Stream.STDERR, "c"));
    }

    @Test
    void keeps_blank_lines_and_no_carriage_returns() throws Exception {
        log.add(Stream.STDOUT, "a\r\n\r\nb\n");
        assertThat(log.read(0, AT_ONCE).lines())
                .extracting(Line::text)
                .containsExactly("a", "", "b");
    }

    @Test
    void drops_the_oldest_lines_over_its_limit_and_says_so() throws Exception {
        for (int i = 1; i <= 1000; i++) {
            log.add(Stream.STDOUT, "line " + i);
        }
        JobLog.Lines lines = log.read(0, AT_ONCE);
        assertThat(lines.missed()).isTrue();
        assertThat(lines.lines().getLast().text()).isEqualTo("line 1000");
        assertThat(lines.lines().stream().mapToInt(line -> line.text().length()).sum())
                .isLessThanOrEqualTo(1000);
        assertThat(log.read(lines.last(), AT_ONCE).missed()).isFalse();
    }

    @Test
    void cuts_a_line_that_is_over_the_limit_by_itself() throws Exception {
        log.add(Stream.STDOUT, "x".repeat(5000));
        assertThat(log.read(0, AT_ONCE).lines().getFirst().text()).hasSize(1000);
    }

    @Test
    void is_the_same_after_it_was_stored_numbers_included() throws Exception {
        for (int i = 1; i <= 200; i++) {
            log.add(i % 2 == 0 ? Stream.STDOUT : Stream.STDERR, "Zeile 进程 " + i);
        }
        List<Line> before = log.read(0, AT_ONCE).lines();
        JobLog restored = JobLog.of(log.unsaved().orElseThrow().bytes(), 1000);
        assertThat(restored.read(0, AT_ONCE).lines()).isEqualTo(before);
        assertThat(restored.unsaved()).isEmpty();
        restored.add(Stream.SERVICE, "attempt 2");
        assertThat(restored.read(200, AT_ONCE).lines())
                .containsExactly(new Line(201, Stream.SERVICE, "attempt 2"));
    }

    @Test
    void knows_whether_it_has_more_than_was_stored() {
        assertThat(log.unsaved()).isEmpty();
        log.add(Stream.STDOUT, "a");
        JobLog.Unsaved unsaved = log.unsaved().orElseThrow();
        assertThat(log.unsaved()).as("nobody has said that it was stored").isPresent();
        log.add(Stream.STDOUT, "b");
        log.saved(unsaved);
        assertThat(log.unsaved()).as("the second line was not").isPresent();
        log.saved(log.unsaved().orElseThrow());
        assertThat(log.unsaved()).isEmpty();
    }

    @Test
    void a_reader_waits_for_what_comes() throws Exception {
        var read = new CompletableFuture<JobLog.Lines>();
        Thread.startVirtualThread(() -> {
            try {
                read.complete(log.read(0, LONG));
            } catch (InterruptedException stopped) {
                read.completeExceptionally(stopped);
            }
        });
        log.add(Stream.STDOUT, "there");
        assertThat(read.get().lines()).extracting(Line::text).containsExactly("there");
    }

    @Test
    void a_reader_is_let_go_at_the_end() throws Exception {
        log.end();
        JobLog.Lines lines = log.read(0, LONG);
        assertThat(lines.lines()).isEmpty();
        assertThat(lines.ended()).isTrue();
    }
}
