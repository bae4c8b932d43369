package org.processpool.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobQueue.Handler;
import org.processpool.job.JobQueue.Lane;
import org.processpool.job.JobStore.Submission;
import org.processpool.job.NewJob;
import org.processpool.job.NewJob.OnError;

/** What a queue promises, whatever it is made of. */
@Timeout(120)
abstract class JobQueueContract {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir Path temporary;

    final Clock clock = Clock.systemUTC();
    Database database;
    Store store;

    abstract Database database() throws Exception;

    @BeforeEach
    void open() throws Exception {
        database = database();
        store = database.open(clock);
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    /** Something handed out, in words. */
    private static class Heard implements Handler {
        final BlockingQueue<String> all = new LinkedBlockingQueue<>();

        @Override
        public Optional<Instant> job(String pool, JobId id) {
            return hear("job " + pool + " " + id);
        }

        @Override
        public Optional<Instant> chunk(String pool, JobId id, int number) {
            return hear("chunk " + pool + " " + id + " " + number);
        }

        @Override
        public Optional<Instant> webhook(long key) {
            return hear("webhook " + key);
        }

        Optional<Instant> hear(String what) {
            all.add(what);
            return Optional.empty();
        }

        String next() throws InterruptedException {
            String what = all.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(what).as("next that is handed out").isNotNull();
            return what;
        }
    }

    private Job submit(Jobs jobs) {
        return ((Submission.Accepted) store.jobs().submit(jobs.job())).job();
    }

    private long due() throws Exception {
        return database.number("select count(*) from scheduled_tasks");
    }

    private void awaitDue(long rows) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(due()).isEqualTo(rows));
    }

    private static String word(Job job) {
        return "job " + job.pool() + " " + job.id();
    }

    @Test
    void everything_due_is_handed_out_once() throws Exception {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            expected.add(word(submit(Jobs.apply())));
        }
        Job map = submit(Jobs.map(OnError.CONTINUE, 1, 1));
        expected.add("chunk default " + map.id() + " 0");
        expected.add("chunk default " + map.id() + " 1");
        Job hooked =
                submit(
                        Jobs.apply()
                                .pool("other")
                                .callbacks(
                                        new NewJob.Callback(
                                                "https://a",
                                                List.of("job.cancelled"),
                                                Optional.empty())));
        store.jobs().cancel("", hooked.id());
        expected.add("webhook " + store.jobs().deliveries(hooked.id()).getFirst().key());
        var heard = new Heard();
        store.queue().start(List.of(new Lane("default", 4)), heard);
        for (int i = 0; i < 100; i++) {
            expected.add(word(submit(Jobs.apply())));
            store.queue().wake("default");
        }
        awaitDue(0);
        assertThat(heard.all).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void the_urgent_come_first_and_then_the_oldest() throws Exception {
        Job plain = submit(Jobs.apply());
        Job second = submit(Jobs.apply());
        Job urgent = submit(Jobs.apply().priority(9));
        var heard = new Heard();
        store.queue().start(List.of(new Lane("default", 1)), heard);
        assertThat(heard.next()).isEqualTo(word(urgent));
        assertThat(List.of(heard.next(), heard.next()))
                .containsExactlyInAnyOrder(word(plain), word(second));
    }

    @Test
    void who_is_woken_does_not_wait_for_the_next_turn() throws Exception {
        var heard = new Heard();
        store.queue().start(List.of(new Lane("default", 2)), heard);
        long begin = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            String expected = word(submit(Jobs.apply()));
            store.queue().wake("default");
            assertThat(heard.next()).isEqualTo(expected);
        }
        // the turns alone, one a second, would take 20 seconds
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void what_is_submitted_is_handed_out_even_if_nobody_wakes() throws Exception {
        var heard = new Heard();
        store.queue().start(List.of(new Lane("default", 2)), heard);
        Job job = submit(Jobs.apply());
        assertThat(heard.next()).isEqualTo(word(job));
    }

    @Test
    void what_is_to_be_repeated_comes_again_at_its_time() throws Exception {
        Job job = submit(Jobs.apply());
        Instant later = clock.instant().plusMillis(1500);
        List<Instant> times = new ArrayList<>();
        var heard =
                new Heard() {
                    @Override
                    Optional<Instant> hear(String what) {
                        times.add(clock.instant());
                        Optional<Instant> again =
                                times.size() == 1 ? Optional.of(later) : Optional.empty();
                        super.hear(what);
                        return again;
                    }
                };
        store.queue().start(List.of(new Lane("default", 2)), heard);
        assertThat(heard.next()).isEqualTo(word(job));
        assertThat(heard.next()).isEqualTo(word(job));
        assertThat(times.getLast())
                .isAfterOrEqualTo(later.truncatedTo(java.time.temporal.ChronoUnit.MILLIS));
        awaitDue(0);
    }

    @Test
    void what_could_not_be_worked_on_is_due_again_later() throws Exception {
        submit(Jobs.apply());
        var heard =
                new Heard() {
                    @Override
                    Optional<Instant> hear(String what) {
                        super.hear(what);
                        throw new IllegalStateException("on purpose");
                    }
                };
        long begin = clock.millis();
        store.queue().start(List.of(new Lane("default", 2)), heard);
        heard.next();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(
                                        database.number(
                                                "select consecutive_failures from"
                                                        + " scheduled_tasks where picked ="
                                                        + " false"))
                                .isEqualTo(1));
        assertThat(database.number("select execution_time from scheduled_tasks"))
                .isGreaterThanOrEqualTo(begin + 5000);
        heard.next(); // and comes
    }

    @Test
    void a_lane_that_is_taken_keeps_no_other_waiting_and_strangers_are_left_alone()
            throws Exception {
        for (int i = 0; i < 20; i++) {
            submit(Jobs.apply().pool("busy").priority(9));
            submit(Jobs.apply().pool("stranger").priority(9));
        }
        for (int i = 0; i < 5; i++) {
            submit(Jobs.apply().pool("free"));
        }
        var free = new CountDownLatch(1);
        var heard =
                new Heard() {
                    @Override
                    public Optional<Instant> job(String pool, JobId id) {
                        super.job(pool, id);
                        if (pool.equals("busy")) {
                            awaitQuietly(free);
                        }
                        return Optional.empty();
                    }
                };
        store.queue().start(List.of(new Lane("busy", 2), new Lane("free", 2)), heard);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(of(heard, "free")).hasSize(5));
        assertThat(of(heard, "busy")).hasSize(2);
        assertThat(
                        database.number(
                                "select count(*) from scheduled_tasks where picked = true"
                                        + " and task_name = 'job.busy'"))
                .isEqualTo(2);
        free.countDown();
        awaitDue(20);
        assertThat(of(heard, "busy")).hasSize(20);
        assertThat(of(heard, "stranger")).isEmpty();
    }

    private static List<String> of(Heard heard, String pool) {
        return heard.all.stream().filter(each -> each.startsWith("job " + pool)).toList();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    @Test
    void a_paused_queue_hands_out_nothing_more() throws Exception {
        var heard = new Heard();
        store.queue().start(List.of(new Lane("default", 2)), heard);
        submit(Jobs.apply());
        heard.next();
        store.queue().pause();
        submit(Jobs.apply());
        store.queue().wake("default");
        // a turn takes a second; that nothing comes is only seen by waiting
        assertThat(heard.all.poll(2, TimeUnit.SECONDS)).isNull();
        store.queue().stop(Duration.ZERO);
        assertThat(due()).isEqualTo(1);
    }

    @Test
    void who_stops_waits_for_those_who_run() throws Exception {
        submit(Jobs.apply());
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var heard =
                new Heard() {
                    @Override
                    Optional<Instant> hear(String what) {
                        begun.countDown();
                        awaitQuietly(go);
                        return super.hear(what);
                    }
                };
        store.queue().start(List.of(new Lane("default", 2)), heard);
        begun.await();
        Thread stopping = Thread.ofVirtual().start(() -> store.queue().stop(PATIENCE));
        assertThat(stopping.join(Duration.ofMillis(100))).isFalse();
        go.countDown();
        assertThat(stopping.join(PATIENCE)).isTrue();
        assertThat(heard.all).hasSize(1);
        assertThat(due()).isZero();
        assertThatIllegalStateException().isThrownBy(() -> store.queue().start(List.of(), heard));
    }

    @Test
    void who_does_not_end_in_time_is_interrupted_and_due_again() throws Exception {
        Job job = submit(Jobs.apply());
        var begun = new CountDownLatch(1);
        var never = new CountDownLatch(1);
        var heard =
                new Heard() {
                    @Override
                    Optional<Instant> hear(String what) {
                        begun.countDown();
                        awaitQuietly(never);
                        return super.hear(what);
                    }
                };
        store.queue().start(List.of(new Lane("default", 2)), heard);
        begun.await();
        store.queue().stop(Duration.ofMillis(100));
        assertThat(heard.all).isEmpty();
        assertThat(
                        database.number(
                                "select count(*) from scheduled_tasks where picked = false"
                                        + " and execution_time <= "
                                        + clock.millis()))
                .isEqualTo(1);
        reopen();
        var next = new Heard();
        store.queue().start(List.of(new Lane("default", 2)), next);
        assertThat(next.next()).isEqualTo(word(job));
    }

    void reopen() {
        store.close();
        store = database.open(clock);
    }

    /** As if a process had died while it was at it, that long ago. */
    void abandon(Duration ago) throws Exception {
        try (var connection = database.writer.getConnection();
                var session = new Session(connection)) {
            session.update(
                    "update scheduled_tasks set picked = ?, picked_by = 'dead', version = 2,"
                            + " last_heartbeat = ?",
                    true,
                    clock.millis() - ago.toMillis());
        }
    }

    @Test
    void what_a_dead_process_was_at_is_handed_out_again() throws Exception {
        var expected = new HashSet<String>();
        for (int i = 0; i < 10; i++) {
            expected.add(word(submit(Jobs.apply())));
        }
        abandon(Duration.ofSeconds(4)); // four more until it counts as dead
        reopen();
        var heard = new Heard();
        store.queue().start(List.of(new Lane("default", 2)), heard);
        var got = new HashSet<String>();
        for (int i = 0; i < 10; i++) {
            got.add(heard.next());
        }
        assertThat(got).isEqualTo(expected);
        awaitDue(0);
    }

    @Test
    void who_works_longer_than_a_heartbeat_is_not_taken_for_dead() throws Exception {
        submit(Jobs.apply());
        var heard =
                new Heard() {
                    @Override
                    Optional<Instant> hear(String what) {
                        super.hear(what);
                        try {
                            // longer than the heartbeats that may be missed
                            Thread.sleep(Duration.ofSeconds(13));
                        } catch (InterruptedException stopped) {
                            throw new IllegalStateException(stopped);
                        }
                        return Optional.empty();
                    }
                };
        store.queue().start(List.of(new Lane("default", 2)), heard);
        awaitDue(0);
        assertThat(heard.all).hasSize(1);
    }
}
