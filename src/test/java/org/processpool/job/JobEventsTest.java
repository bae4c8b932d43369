package org.processpool.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.processpool.job.JobEvents.Batch;

class JobEventsTest {

    private static final Duration AT_ONCE = Duration.ZERO;

    private final JobEvents events = new JobEvents();

    private static JobEvent.What pool(String state) {
        return new JobEvent.PoolChanged("default", state, "");
    }

    private static List<JobEvent.What> whats(Batch batch) {
        return batch.events().stream().map(JobEvent::what).toList();
    }

    @Test
    void tells_each_reader_everything_in_order() throws Exception {
        events.publish(pool("A"));
        events.publish(pool("B"));
        Batch batch = events.read(0, _ -> true, AT_ONCE);
        assertThat(whats(batch)).containsExactly(pool("A"), pool("B"));
        assertThat(batch.gap()).isFalse();
        assertThat(events.read(batch.last(), _ -> true, AT_ONCE).events()).isEmpty();
        assertThat(whats(events.read(1, _ -> true, AT_ONCE))).containsExactly(pool("B"));
    }

    @Test
    void passes_over_what_a_reader_does_not_want() throws Exception {
        events.publish(pool("A"));
        events.publish(new JobEvent.JobDeleted("", JobId.next()));
        Batch batch = events.read(0, what -> what.job().isPresent(), AT_ONCE);
        assertThat(batch.events()).hasSize(1);
        assertThat(batch.last()).isEqualTo(2);
    }

    @Test
    void tells_a_reader_that_fell_behind_that_there_is_a_gap() throws Exception {
        for (int i = 0; i < JobEvents.SIZE + 10; i++) {
            events.publish(pool("" + i));
        }
        Batch batch = events.read(5, _ -> true, AT_ONCE);
        assertThat(batch.gap()).isTrue();
        assertThat(batch.events()).hasSize(JobEvents.SIZE);
        assertThat(batch.events().getFirst().number()).isEqualTo(11);
        assertThat(events.read(batch.last(), _ -> true, AT_ONCE).gap()).isFalse();
        assertThat(events.read(10, _ -> true, AT_ONCE).gap()).as("all are still there").isFalse();
    }

    @Test
    void takes_a_number_that_never_was_for_a_gap() throws Exception {
        events.publish(pool("A"));
        assertThat(events.read(77, _ -> true, AT_ONCE).gap()).isTrue();
    }

    @Test
    void a_reader_waits_for_what_comes_and_is_let_go_at_the_end() throws Exception {
        var first = new CompletableFuture<Batch>();
        var second = new CompletableFuture<Batch>();
        Thread.startVirtualThread(() -> {
            try {
                Batch read = events.read(0, _ -> true, Duration.ofSeconds(30));
                first.complete(read);
                second.complete(events.read(read.last(), _ -> true, Duration.ofSeconds(30)));
            } catch (InterruptedException stopped) {
                first.completeExceptionally(stopped);
            }
        });
        events.publish(pool("A"));
        assertThat(whats(first.get())).containsExactly(pool("A"));
        events.close();
        assertThat(second.get().closed()).isTrue();
    }
}
