package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.outcomeOf;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.processpool.pool.CallOptions;
import org.processpool.pool.CallReport;
import org.processpool.pool.ExitReason;
import org.processpool.pool.Outcome;
import org.processpool.pool.Output;
import org.processpool.pool.ProcessPool;
import org.processpool.pool.Started;

/** What a caller has heard of a call whose worker dies. */
@FaultTest
class OverheardFaultIT {

    private final Queue<Output> output = new ConcurrentLinkedQueue<>();
    private final Queue<Started> starts = new ConcurrentLinkedQueue<>();
    private final Queue<CallReport> reports = new ConcurrentLinkedQueue<>();

    private CallOptions overhearing() {
        return CallOptions.DEFAULT
                .onOutput(output::add)
                .onStart(starts::add)
                .onReport(reports::add);
    }

    private String printed(Output.Stream stream) {
        return output.stream()
                .filter(each -> each.stream() == stream)
                .map(Output::text)
                .collect(Collectors.joining());
    }

    @Test
    void what_was_printed_just_before_a_halt_is_heard_before_the_end() throws Exception {
        try (ProcessPool pool = Pools.ofTrouble(1).open()) {
            var call = pool.with(overhearing()).applyAsync(Deeds::sayAndHalt, "last words");
            outcomeOf(Outcome.Crashed.class, call);
            assertThat(printed(Output.Stream.STDOUT)).isEqualTo("last words\n");
            assertThat(printed(Output.Stream.STDERR)).isEqualTo("last words");
            assertThat(reports).extracting(CallReport::attempts).containsExactly(1);
        }
    }

    @Test
    void what_was_printed_before_a_kill_is_heard_line_by_line() throws Exception {
        try (ProcessPool pool = Pools.ofTrouble(1).open()) {
            var call = pool.with(overhearing()).applyAsync(Deeds::sayLinesAndKillYourself, 1000);
            outcomeOf(Outcome.Crashed.class, call);
            assertThat(printed(Output.Stream.STDOUT))
                    .isEqualTo(
                            IntStream.rangeClosed(1, 1000)
                                    .mapToObj(i -> "line " + i + "\n")
                                    .collect(Collectors.joining()));
        }
    }

    @Test
    void of_a_worker_killed_in_the_middle_of_printing_whole_lines_are_heard_in_order()
            throws Exception {
        try (ProcessPool pool = Pools.ofTrouble(1).open()) {
            var call = pool.with(overhearing()).applyAsync(Deeds::sayForEver, 1L);
            await().atMost(PATIENCE).until(() -> output.size() > 1000);
            Signal.KILL.sendTo(starts.element().pid());
            assertThat(outcomeOf(call)).isInstanceOf(Outcome.Crashed.class);
            String all = printed(Output.Stream.STDOUT);
            long lines = all.lines().filter(line -> line.matches("\\d+")).count();
            assertThat(all)
                    .startsWith(
                            LongStream.rangeClosed(1, lines)
                                    .mapToObj(number -> number + "\n")
                                    .collect(Collectors.joining()));
            assertThat(reports).hasSize(1);
        }
    }

    @Test
    void both_runs_of_a_call_that_is_retried_are_heard() throws Exception {
        try (ProcessPool pool = Pools.ofTrouble(1).open()) {
            var retried = pool.with(overhearing().retries(1));
            assertThat(retried.apply(Deeds::sayAttemptAndDieAtFirst, "run")).isEqualTo("run");
            assertThat(printed(Output.Stream.STDOUT)).isEqualTo("run 1\nrun 2\n");
            assertThat(starts).extracting(Started::attempt).containsExactly(1, 2);
            assertThat(reports).extracting(CallReport::attempts).containsExactly(2);
        }
    }

    @Test
    void a_worker_that_says_it_printed_more_than_it_may_tell_is_killed() throws Exception {
        try (ProcessPool pool = Pools.ofTrouble(1).open()) {
            var call = pool.with(overhearing()).applyAsync(Deeds::babble, 100L);
            assertThat(outcomeOf(Outcome.Crashed.class, call).reason())
                    .isEqualTo(ExitReason.BROKEN_PROTOCOL);
            assertThat(printed(Output.Stream.STDOUT).length())
                    .isLessThanOrEqualTo(2 * Output.MOST_BYTES + 50_000);
            assertThat(pool.apply(Deeds::square, 7L)).isEqualTo(49);
        }
    }
}
