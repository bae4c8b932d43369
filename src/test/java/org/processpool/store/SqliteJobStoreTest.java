package org.processpool.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.processpool.job.Job;
import org.processpool.job.NewJob;
import org.processpool.job.StoreException;
import org.processpool.task.Payload;

/** The promises on SQLite, and what only a file can do. */
class SqliteJobStoreTest extends JobStoreContract {

    @Override
    Database database() throws Exception {
        return Database.sqlite(temporary);
    }

    @Test
    void a_second_service_on_the_same_directory_is_refused() throws Exception {
        try (Database second = Database.sqlite(temporary)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> second.open(clock))
                    .withMessageContaining(temporary.toString())
                    .withMessageContaining(Long.toString(ProcessHandle.current().pid()));
        }
        assertThat(submit(Jobs.apply())).isNotNull();
    }

    @Test
    void a_full_store_refuses_says_so_and_goes_on_once_there_is_room() throws Exception {
        opened.close();
        opened = database.open(clock, 4 << 20);
        store = opened.jobs();
        Deque<Job> accepted = new ArrayDeque<>();
        assertThatThrownBy(
                        () -> {
                            while (accepted.size() < 1000) {
                                accepted.add(submit(large()));
                            }
                        })
                .isInstanceOf(StoreException.Full.class);
        assertThat(accepted).hasSizeGreaterThan(10);
        for (Job job : accepted) {
            assertThat(now(job)).isEqualTo(job);
            assertThat(store.input(job.id())).contains(large().job().input());
        }
        assertThatThrownBy(() -> submit(large())).isInstanceOf(StoreException.Full.class);
        for (int i = 0; i < 5; i++) {
            Job gone = accepted.pop();
            store.cancel("", gone.id());
            store.delete("", gone.id());
        }
        for (int i = 0; i < 3; i++) {
            accepted.add(submit(large()));
        }
        for (Job job : accepted) {
            assertThat(now(job)).isEqualTo(job);
        }
    }

    private static Jobs large() {
        return Jobs.of(new NewJob.Apply(Payload.bytes(new byte[100_000])));
    }
}
