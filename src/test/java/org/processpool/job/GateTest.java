package org.processpool.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GateTest {

    private final AtomicInteger capacity = new AtomicInteger(1);
    private final Gate gate = new Gate(capacity::get);
    private final List<Integer> entered = new CopyOnWriteArrayList<>();

    private Thread comes(int priority) {
        return comes(priority, JobId.next(), -1, priority);
    }

    private Thread comes(int priority, JobId job, int chunk, int name) {
        CountDownLatch ended = new CountDownLatch(1);
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                if (gate.enter(priority, job, chunk)) {
                                    entered.add(name);
                                }
                            } catch (InterruptedException stopped) {
                                Thread.currentThread().interrupt();
                            } finally {
                                ended.countDown();
                            }
                        });
        await().until(() -> ended.getCount() == 0 || thread.getState() == Thread.State.WAITING);
        return thread;
    }

    @Test
    void lets_in_as_many_as_there_is_room_for() {
        comes(5);
        comes(6);
        await().untilAsserted(() -> assertThat(entered).containsExactly(5));
        gate.leave();
        await().untilAsserted(() -> assertThat(entered).containsExactly(5, 6));
    }

    @Test
    void lets_in_the_most_urgent_first_and_among_equals_the_first() throws Exception {
        assertThat(gate.enter(0, JobId.next(), -1)).isTrue();
        comes(1);
        comes(9);
        comes(5);
        for (int i = 0; i < 3; i++) {
            int before = entered.size();
            gate.leave();
            await().until(() -> entered.size() == before + 1);
        }
        assertThat(entered).containsExactly(9, 5, 1);
    }

    @Test
    void lets_in_the_older_job_first_and_its_chunks_in_order_however_they_came() throws Exception {
        assertThat(gate.enter(0, JobId.next(), -1)).isTrue();
        JobId older = JobId.next();
        JobId newer = JobId.next();
        comes(5, newer, 0, 3);
        comes(5, older, 10, 2);
        comes(5, older, 9, 1);
        for (int i = 0; i < 3; i++) {
            int before = entered.size();
            gate.leave();
            await().until(() -> entered.size() == before + 1);
        }
        assertThat(entered).containsExactly(1, 2, 3);
    }

    @Test
    void notices_that_there_is_more_room() throws Exception {
        assertThat(gate.enter(0, JobId.next(), -1)).isTrue();
        comes(5);
        assertThat(entered).isEmpty();
        capacity.set(2);
        gate.look();
        await().untilAsserted(() -> assertThat(entered).containsExactly(5));
    }

    @Test
    void lets_nobody_in_who_does_not_wait_any_more() throws Exception {
        assertThat(gate.enter(0, JobId.next(), -1)).isTrue();
        Thread impatient = comes(9);
        comes(1);
        impatient.interrupt();
        impatient.join();
        gate.leave();
        await().untilAsserted(() -> assertThat(entered).containsExactly(1));
    }

    @Test
    void once_closed_lets_go_of_all_who_wait() throws Exception {
        assertThat(gate.enter(0, JobId.next(), -1)).isTrue();
        Thread waiting = comes(5);
        gate.close();
        waiting.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(waiting.isAlive()).isFalse();
        assertThat(entered).isEmpty();
        assertThat(gate.enter(9, JobId.next(), -1)).isFalse();
    }
}
