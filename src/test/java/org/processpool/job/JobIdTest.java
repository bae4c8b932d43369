package org.processpool.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JobIdTest {

    @Test
    void ids_sort_by_the_order_of_their_making() {
        List<JobId> made = Stream.generate(JobId::next).limit(10_000).toList();
        assertThat(made).isSorted().doesNotHaveDuplicates();
        assertThat(made.stream().map(JobId::toString)).isSorted();
        assertThat(made.getFirst().value().version()).isEqualTo(7);
    }

    @Test
    void reads_what_it_writes_and_nothing_else() {
        JobId id = JobId.next();
        assertThat(JobId.parse(id.toString())).contains(id);
        assertThat(JobId.parse("")).isEmpty();
        assertThat(JobId.parse("1-1-1-1-1")).as("what UUID.fromString would take").isEmpty();
        assertThat(JobId.parse(id.toString().toUpperCase(java.util.Locale.ROOT))).isEmpty();
    }
}
