package org.processpool.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.processpool.job.JobState.CANCELLED;
import static org.processpool.job.JobState.CANCELLING;
import static org.processpool.job.JobState.FAILED;
import static org.processpool.job.JobState.QUEUED;
import static org.processpool.job.JobState.RUNNING;
import static org.processpool.job.JobState.SUCCEEDED;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobState;
import org.processpool.job.JobStore;
import org.processpool.job.JobStore.Attempt;
import org.processpool.job.JobStore.ChunkResult;
import org.processpool.job.JobStore.Delivery;
import org.processpool.job.JobStore.DeliveryState;
import org.processpool.job.JobStore.End;
import org.processpool.job.JobStore.Facts;
import org.processpool.job.JobStore.Filter;
import org.processpool.job.JobStore.ItemError;
import org.processpool.job.JobStore.Progressed;
import org.processpool.job.JobStore.Run;
import org.processpool.job.JobStore.Submission;
import org.processpool.job.NewJob;
import org.processpool.job.NewJob.OnError;
import org.processpool.job.NewJob.OnLost;
import org.processpool.job.StoreException;
import org.processpool.pool.Progress;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/** What a store promises, whatever it is made of. */
@Timeout(120)
abstract class JobStoreContract {

    static final String LOST = "{\"type\":\"lost\"}";
    static final String PROBLEM = "{\"type\":\"task-failed\"}";

    @TempDir Path temporary;

    final TurnedClock clock = new TurnedClock();
    Database database;
    Store opened;
    JobStore store;

    abstract Database database() throws Exception;

    @BeforeEach
    void open() throws Exception {
        database = database();
        opened = database.open(clock);
        store = opened.jobs();
    }

    @AfterEach
    void close() {
        opened.close();
        database.close();
    }

    Job submit(Jobs jobs) {
        return ((Submission.Accepted) store.submit(jobs.job())).job();
    }

    Run start(Job job) {
        return store.start(job.id(), "me", 0, LOST).orElseThrow();
    }

    Run startChunk(Job job, int chunk) {
        return store.startChunk(job.id(), chunk, "me", 0, LOST).orElseThrow();
    }

    Job end(Run run, End end) {
        return store.end(run, end, Facts.NONE).orElseThrow();
    }

    Job now(Job job) {
        return store.find(job.tenant(), job.id()).orElseThrow();
    }

    long due() throws Exception {
        return database.number("select count(*) from scheduled_tasks");
    }

    static End succeeded(String json) {
        return new End.Succeeded(Payload.json(json));
    }

    static End ended(String lines, ItemError... failures) {
        return new End.ChunkEnded(Payload.json(lines), List.of(failures));
    }

    static Filter filter() {
        return new Filter(
                "",
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                100);
    }

    // ---- submissions

    @Test
    void a_job_is_read_as_it_was_accepted() throws Exception {
        NewJob asked =
                new NewJob(
                        JobId.next(),
                        "acme",
                        new TaskName("pdf.extract"),
                        "default",
                        new NewJob.Apply(Payload.json("[\"é\"]")),
                        new NewJob.Treatment(
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(2),
                                3,
                                4,
                                5,
                                OnLost.FAIL,
                                Duration.ofSeconds(6)),
                        Map.of("a", "1", "b", "ü"),
                        List.of(
                                new NewJob.Callback(
                                        "https://me", List.of("job.failed"), Optional.empty())),
                        Optional.of(JobId.next()),
                        Optional.empty(),
                        Optional.of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        Job job = ((Submission.Accepted) store.submit(asked)).job();
        assertThat(store.find("acme", asked.id())).contains(job);
        assertThat(job.state()).isEqualTo(QUEUED);
        assertThat(job.treatment()).isEqualTo(asked.treatment());
        assertThat(job.labels()).isEqualTo(asked.labels());
        assertThat(job.retryOf()).isEqualTo(asked.retryOf());
        assertThat(job.trace()).isEqualTo(asked.trace());
        assertThat(job.items()).isEqualTo(new Job.Items(1, 0, 0));
        assertThat(store.input(job.id())).contains(asked.input());
        assertThat(store.callbacks(job.id())).isEqualTo(asked.callbacks());
        assertThat(due()).isEqualTo(1);
    }

    @Test
    void a_job_of_another_tenant_is_not_there() {
        Job job = submit(Jobs.apply().tenant("acme"));
        assertThat(store.find("", job.id())).isEmpty();
        assertThat(store.find(job.id())).contains(job);
        assertThat(store.cancel("", job.id())).isEmpty();
        assertThat(store.delete("", job.id())).isEmpty();
        assertThat(store.list(filter())).isEmpty();
    }

    @Test
    void a_map_without_items_has_succeeded() throws Exception {
        Job job = submit(Jobs.map(OnError.CONTINUE));
        assertThat(job.state()).isEqualTo(SUCCEEDED);
        assertThat(job.result()).isPresent();
        assertThat(now(job)).isEqualTo(job);
        assertThat(store.chunkResults(job.id(), 0, 10)).isEmpty();
        assertThat(due()).isZero();
    }

    @Test
    void an_id_that_is_taken_is_a_mistake_and_harms_nobody_else() {
        Job job = submit(Jobs.apply());
        var again = new Jobs(new Jobs(Jobs.apply().job()).job());
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        store.submit(
                                new NewJob(
                                        job.id(),
                                        "",
                                        job.task(),
                                        "default",
                                        again.job().input(),
                                        Jobs.PLAIN,
                                        Map.of(),
                                        List.of(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty())));
        assertThat(submit(again).state()).isEqualTo(QUEUED);
    }

    @Test
    void the_same_key_is_the_same_job_unless_the_request_differs() {
        Job first = submit(Jobs.apply().key("k", "f"));
        assertThat(store.submit(Jobs.apply().key("k", "f").job()))
                .isEqualTo(new Submission.Replayed(first));
        assertThat(store.submit(Jobs.apply().key("k", "other").job()))
                .isEqualTo(new Submission.KeyReused(first.id()));
        assertThat(store.submit(Jobs.apply().tenant("t").key("k", "f").job()))
                .isInstanceOf(Submission.Accepted.class);
        assertThat(store.findKey("", "k")).contains(new JobStore.Keyed(first, "f"));
        assertThat(store.findKey("", "unknown")).isEmpty();
    }

    @Test
    void fifty_submissions_with_one_key_at_once_are_one_job() throws Exception {
        List<Submission> all = together(50, () -> store.submit(Jobs.apply().key("k", "f").job()));
        List<Job> accepted = new ArrayList<>();
        List<JobId> replayed = new ArrayList<>();
        for (Submission each : all) {
            switch (each) {
                case Submission.Accepted(Job job) -> accepted.add(job);
                case Submission.Replayed(Job job) -> replayed.add(job.id());
                case Submission.KeyReused _ -> throw new AssertionError("the request is the same");
            }
        }
        assertThat(accepted).hasSize(1);
        assertThat(replayed).hasSize(49).containsOnly(accepted.getFirst().id());
        assertThat(store.list(filter())).hasSize(1);
        assertThat(due()).isEqualTo(1);
    }

    static <T> List<T> together(int threads, Callable<T> what) throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(executor.submit(what));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> each : all) {
                results.add(each.get());
            }
            return results;
        } catch (ExecutionException failed) {
            throw new AssertionError(failed.getCause());
        }
    }

    @Test
    void keys_are_forgotten_when_they_are_old() {
        Job old = submit(Jobs.apply().key("k", "f"));
        clock.turn(Duration.ofHours(24));
        submit(Jobs.apply().key("young", "f"));
        assertThat(store.forgetKeys(clock.instant(), 10)).isEqualTo(1);
        assertThat(store.findKey("", "k")).isEmpty();
        assertThat(store.findKey("", "young")).isPresent();
        assertThat(store.submit(Jobs.apply().key("k", "f").job()))
                .isInstanceOf(Submission.Accepted.class);
        assertThat(now(old).state()).isEqualTo(QUEUED);
    }

    // ---- lists and places

    @Test
    void jobs_are_listed_newest_first_page_by_page() {
        List<Job> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.addFirst(submit(Jobs.apply()));
        }
        var first =
                new Filter(
                        "",
                        Set.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        3);
        assertThat(store.list(first)).isEqualTo(all.subList(0, 3));
        var second =
                new Filter(
                        "",
                        Set.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.of(all.get(2).id()),
                        3);
        assertThat(store.list(second)).isEqualTo(all.subList(3, 5));
        var oldest =
                new Filter(
                        "",
                        Set.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        true,
                        Optional.of(all.get(4).id()),
                        2);
        assertThat(store.list(oldest)).containsExactly(all.get(3), all.get(2));
    }

    @Test
    void a_list_is_filtered_by_state_task_pool_labels_and_time() {
        Job job = submit(Jobs.apply().task("one").pool("p").labels(Map.of("a", "1", "b", "2")));
        clock.turn(Duration.ofSeconds(1));
        Job other = submit(Jobs.apply().task("two").pool("q").labels(Map.of("a", "1")));
        start(other);
        assertThat(list(Set.of(QUEUED), null, null, Map.of(), null, null)).containsExactly(job);
        assertThat(list(Set.of(QUEUED, RUNNING), null, null, Map.of(), null, null)).hasSize(2);
        assertThat(list(Set.of(), "one", null, Map.of(), null, null)).containsExactly(job);
        assertThat(list(Set.of(), null, "p", Map.of(), null, null)).containsExactly(job);
        assertThat(list(Set.of(), null, null, Map.of("a", "1"), null, null)).hasSize(2);
        assertThat(list(Set.of(), null, null, Map.of("a", "1", "b", "2"), null, null))
                .containsExactly(job);
        assertThat(list(Set.of(), null, null, Map.of("a", "2"), null, null)).isEmpty();
        Instant between = other.createdAt();
        assertThat(list(Set.of(), null, null, Map.of(), between, null)).containsExactly(now(other));
        assertThat(list(Set.of(), null, null, Map.of(), null, between)).containsExactly(job);
    }

    private List<Job> list(
            Set<JobState> states,
            String task,
            String pool,
            Map<String, String> labels,
            Instant after,
            Instant before) {
        return store.list(
                new Filter(
                        "",
                        states,
                        Optional.ofNullable(task).map(TaskName::new),
                        Optional.ofNullable(pool),
                        labels,
                        Optional.ofNullable(after),
                        Optional.ofNullable(before),
                        false,
                        Optional.empty(),
                        100));
    }

    @Test
    void a_place_in_line_counts_those_of_the_same_pool_that_come_first() {
        Job first = submit(Jobs.apply());
        submit(Jobs.apply().pool("other"));
        Job second = submit(Jobs.apply());
        Job urgent = submit(Jobs.apply().priority(9));
        assertThat(store.queuePosition(urgent, 10)).isZero();
        assertThat(store.queuePosition(first, 10)).isEqualTo(1);
        assertThat(store.queuePosition(second, 10)).isEqualTo(2);
        assertThat(store.queuePosition(second, 1)).isEqualTo(1);
        start(urgent);
        assertThat(store.queuePosition(now(urgent), 10)).isZero();
        assertThat(store.queuePosition(second, 10)).isEqualTo(1);
    }

    @Test
    void counts_say_how_many_and_since_when() {
        Instant begin = clock.instant();
        submit(Jobs.apply());
        clock.turn(Duration.ofSeconds(1));
        submit(Jobs.apply());
        start(submit(Jobs.apply().pool("other")));
        assertThat(store.counts())
                .containsExactlyInAnyOrder(
                        new JobStore.Count("default", QUEUED, 2, begin),
                        new JobStore.Count("other", RUNNING, 1, clock.instant()));
    }

    @Test
    void queued_jobs_are_counted_by_tenant() {
        assertThat(store.queuedByTenant()).isEmpty();
        submit(Jobs.apply());
        submit(Jobs.apply().tenant("acme"));
        submit(Jobs.apply().tenant("acme"));
        start(submit(Jobs.apply().tenant("busy")));
        assertThat(store.queuedByTenant()).containsOnly(Map.entry("", 1L), Map.entry("acme", 2L));
    }

    @Test
    void queued_jobs_of_unknown_pools_are_found() {
        submit(Jobs.apply());
        Job stranger = submit(Jobs.apply().pool("gone"));
        start(submit(Jobs.apply().pool("gone")));
        assertThat(store.ofOtherPools(Set.of("default"), 10)).containsExactly(stranger);
        assertThat(store.ofOtherPools(Set.of(), 10)).hasSize(2);
        assertThat(store.ofOtherPools(Set.of(), 1)).hasSize(1);
    }

    // ---- runs of an apply

    @Test
    void a_run_begins_ends_and_leaves_its_result() {
        Job job = submit(Jobs.apply());
        clock.turn(Duration.ofMillis(10));
        Run run = start(job);
        assertThat(run.input()).isEqualTo(Payload.json("[1]"));
        assertThat(run.attempt()).isEqualTo(1);
        assertThat(run.chunk()).isEqualTo(-1);
        assertThat(run.job()).isEqualTo(now(job));
        assertThat(run.job().state()).isEqualTo(RUNNING);
        assertThat(run.job().startedAt()).contains(clock.instant());
        assertThat(run.job().revision()).isGreaterThan(job.revision());
        clock.turn(Duration.ofMillis(10));
        Facts facts =
                new Facts(
                        Optional.of("default-1"),
                        OptionalLong.of(4711),
                        Optional.of(Duration.ofNanos(1234567)),
                        Optional.of(Duration.ofMillis(1)),
                        OptionalLong.of(1 << 20));
        Job ended = store.end(run, succeeded("55"), facts).orElseThrow();
        assertThat(ended).isEqualTo(now(job));
        assertThat(ended.state()).isEqualTo(SUCCEEDED);
        assertThat(ended.finishedAt()).contains(clock.instant());
        assertThat(ended.worker()).contains("default-1");
        assertThat(ended.pid()).hasValue(4711);
        assertThat(ended.run()).isEqualTo(facts.run());
        assertThat(ended.cpu()).isEqualTo(facts.cpu());
        assertThat(ended.maxRssBytes()).isEqualTo(facts.maxRssBytes());
        assertThat(ended.items()).isEqualTo(new Job.Items(1, 1, 0));
        assertThat(ended.result())
                .contains(
                        new Job.Result(
                                Payload.Encoding.JSON,
                                2,
                                clock.instant().plus(Duration.ofHours(1)),
                                false));
        assertThat(store.result(job.id())).contains(Payload.json("55"));
        assertThat(ended.revision()).isGreaterThan(run.job().revision());
    }

    @Test
    void a_failed_run_leaves_its_problem_and_no_result() {
        Job job = submit(Jobs.apply());
        Job ended = end(start(job), new End.Failed(PROBLEM));
        assertThat(ended.state()).isEqualTo(FAILED);
        assertThat(ended.error()).contains(PROBLEM);
        assertThat(ended.result()).isEmpty();
        assertThat(ended.items()).isEqualTo(new Job.Items(1, 1, 1));
        assertThat(store.result(job.id())).isEmpty();
    }

    @Test
    void a_final_state_never_changes() {
        Job job = submit(Jobs.apply());
        Run run = start(job);
        Job ended = end(run, succeeded("1"));
        assertThat(store.end(run, new End.Failed(PROBLEM), Facts.NONE)).isEmpty();
        assertThat(store.end(run, new End.Cancelled(), Facts.NONE)).isEmpty();
        assertThat(store.end(run, new End.Again(clock.instant(), true), Facts.NONE)).isEmpty();
        assertThat(store.start(job.id(), "me", 9, LOST)).isEmpty();
        assertThat(store.fail(job.id(), PROBLEM)).isEmpty();
        assertThat(store.cancel("", job.id())).contains(new JobStore.Changed(ended, false));
        store.progress(
                List.of(
                        new Progressed(
                                job.id(),
                                Optional.of(new Progress(1, 2, "late")),
                                Optional.of("w"),
                                OptionalLong.of(1))));
        assertThat(now(job)).isEqualTo(ended);
    }

    @Test
    void a_run_that_was_taken_over_is_not_listened_to() {
        Job job = submit(Jobs.apply());
        Run lost = store.start(job.id(), "a", 3, LOST).orElseThrow();
        Run next = store.start(job.id(), "b", 3, LOST).orElseThrow();
        assertThat(next.epoch()).isGreaterThan(lost.epoch());
        assertThat(next.attempt()).isEqualTo(2);
        Job before = now(job);
        assertThat(store.end(lost, succeeded("1"), Facts.NONE)).isEmpty();
        assertThat(store.end(lost, new End.Failed(PROBLEM), Facts.NONE)).isEmpty();
        assertThat(store.end(lost, new End.Cancelled(), Facts.NONE)).isEmpty();
        assertThat(store.end(lost, new End.Again(clock.instant(), true), Facts.NONE)).isEmpty();
        assertThat(now(job)).isEqualTo(before);
        assertThat(end(next, succeeded("2")).state()).isEqualTo(SUCCEEDED);
        assertThat(store.result(job.id())).contains(Payload.json("2"));
    }

    @Test
    void a_run_that_is_to_be_repeated_is_queued_and_not_listened_to_any_more() throws Exception {
        Job job = submit(Jobs.apply());
        Run run = start(job);
        Instant later = clock.instant().plusSeconds(60);
        Job again = end(run, new End.Again(later, true));
        assertThat(again.state()).isEqualTo(QUEUED);
        assertThat(again.attempt()).isEqualTo(1);
        assertThat(database.number("select execution_time from scheduled_tasks"))
                .isEqualTo(later.toEpochMilli());
        assertThat(store.end(run, succeeded("1"), Facts.NONE)).isEmpty();
        Run second = start(job);
        assertThat(second.attempt()).isEqualTo(2);
        Job uncounted = end(second, new End.Again(later, false));
        assertThat(uncounted.attempt()).isEqualTo(1);
        assertThat(start(job).attempt()).isEqualTo(2);
    }

    @Test
    void a_lost_run_is_repeated_until_that_was_too_often() {
        Job job = submit(Jobs.apply());
        assertThat(store.start(job.id(), "me", 2, LOST)).isPresent();
        assertThat(store.start(job.id(), "me", 2, LOST)).isPresent();
        assertThat(store.start(job.id(), "me", 2, LOST)).isPresent();
        assertThat(store.start(job.id(), "me", 2, LOST)).isEmpty();
        assertThat(now(job).state()).isEqualTo(FAILED);
        assertThat(now(job).error()).contains(LOST);
    }

    @Test
    void a_lost_run_that_must_not_be_repeated_fails() {
        Job job = submit(Jobs.apply().onLost(OnLost.FAIL));
        Run run = start(job);
        assertThat(store.start(job.id(), "me", 9, LOST)).isEmpty();
        assertThat(now(job).state()).isEqualTo(FAILED);
        assertThat(now(job).error()).contains(LOST);
        assertThat(store.end(run, succeeded("1"), Facts.NONE)).isEmpty();
    }

    @Test
    void nothing_is_started_that_is_not_there() {
        assertThat(store.start(JobId.next(), "me", 0, LOST)).isEmpty();
        assertThat(store.startChunk(JobId.next(), 0, "me", 0, LOST)).isEmpty();
    }

    @Test
    void ends_that_do_not_fit_the_job_are_mistakes() {
        Run apply = start(submit(Jobs.apply()));
        assertThatIllegalStateException().isThrownBy(() -> end(apply, ended("1\n")));
        Job map = submit(Jobs.map(OnError.CONTINUE, 1));
        Run chunk = startChunk(map, 0);
        assertThatIllegalStateException().isThrownBy(() -> end(chunk, succeeded("1")));
        assertThatIllegalStateException().isThrownBy(() -> start(map));
    }

    @Test
    void large_values_are_kept_in_pieces() throws Exception {
        byte[] large = new byte[3 * Blobs.PIECE + 17];
        new Random(1).nextBytes(large);
        Job job = submit(Jobs.of(new NewJob.Apply(Payload.bytes(large))));
        Run run = start(job);
        assertThat(run.input()).isEqualTo(Payload.bytes(large));
        end(run, new End.Succeeded(Payload.bytes(large)));
        assertThat(store.result(job.id())).contains(Payload.bytes(large));
        assertThat(database.number("select count(*) from blob")).isEqualTo(8);
        assertThat(database.number("select max(length(bytes)) from blob")).isEqualTo(Blobs.PIECE);
    }

    @Test
    void empty_values_and_values_of_exactly_a_piece_are_kept() {
        for (int size : new int[] {0, Blobs.PIECE, 2 * Blobs.PIECE}) {
            Job job = submit(Jobs.of(new NewJob.Apply(Payload.bytes(new byte[size]))));
            Run run = start(job);
            assertThat(run.input().size()).isEqualTo(size);
            end(run, new End.Succeeded(Payload.bytes(new byte[size])));
            assertThat(store.result(job.id())).contains(Payload.bytes(new byte[size]));
        }
    }

    @Test
    void progress_is_written_while_a_job_runs() {
        Job job = submit(Jobs.apply());
        report(job, new Progress(1, 2, "too early"));
        assertThat(now(job).progress()).isEmpty();
        Run run = start(job);
        report(job, new Progress(1, 10, "page\0 1"));
        assertThat(now(job).progress()).contains(new Progress(1, 10, "page\uFFFD 1"));
        assertThat(now(job).worker()).contains("w");
        assertThat(now(job).revision()).isGreaterThan(run.job().revision());
        report(job, new Progress(2, 10, null));
        assertThat(now(job).progress()).contains(new Progress(2, 10, null));
        store.progress(
                List.of(
                        new Progressed(
                                job.id(),
                                Optional.empty(),
                                Optional.of("x"),
                                OptionalLong.empty())));
        assertThat(now(job).progress()).contains(new Progress(2, 10, null));
        assertThat(now(job).worker()).contains("x");
        assertThat(now(job).pid()).hasValue(7);
    }

    private void report(Job job, Progress progress) {
        store.progress(
                List.of(
                        new Progressed(
                                job.id(),
                                Optional.of(progress),
                                Optional.of("w"),
                                OptionalLong.of(7))));
    }

    // ---- cancelling

    @Test
    void a_queued_job_is_cancelled_at_once() throws Exception {
        Job job = submit(Jobs.apply());
        JobStore.Changed changed = store.cancel("", job.id()).orElseThrow();
        assertThat(changed.changed()).isTrue();
        assertThat(changed.job().state()).isEqualTo(CANCELLED);
        assertThat(changed.job().finishedAt()).isPresent();
        assertThat(due()).isZero();
        assertThat(store.start(job.id(), "me", 0, LOST)).isEmpty();
    }

    @Test
    void a_running_job_is_cancelled_by_who_runs_it() {
        Job job = submit(Jobs.apply());
        Run run = start(job);
        JobStore.Changed changed = store.cancel("", job.id()).orElseThrow();
        assertThat(changed.changed()).isTrue();
        assertThat(changed.job().state()).isEqualTo(CANCELLING);
        assertThat(store.cancel("", job.id()).orElseThrow().changed()).isFalse();
        assertThat(end(run, new End.Cancelled()).state()).isEqualTo(CANCELLED);
        assertThat(now(job).items()).isEqualTo(new Job.Items(1, 0, 0));
    }

    @Test
    void a_run_that_was_faster_than_its_cancelling_counts() {
        Job job = submit(Jobs.apply());
        Run run = start(job);
        store.cancel("", job.id());
        assertThat(end(run, succeeded("1")).state()).isEqualTo(SUCCEEDED);
    }

    @Test
    void a_job_that_is_to_end_is_not_repeated() {
        Job job = submit(Jobs.apply());
        Run run = start(job);
        store.cancel("", job.id());
        assertThat(end(run, new End.Again(clock.instant(), true)).state()).isEqualTo(CANCELLED);
    }

    @Test
    void a_lost_run_that_was_to_end_is_cancelled() {
        Job job = submit(Jobs.apply());
        start(job);
        store.cancel("", job.id());
        assertThat(store.start(job.id(), "me", 9, LOST)).isEmpty();
        assertThat(now(job).state()).isEqualTo(CANCELLED);
    }

    @Test
    void nothing_is_cancelled_that_is_not_there() {
        assertThat(store.cancel("", JobId.next())).isEmpty();
    }

    // ---- waiting too long

    @Test
    void jobs_that_wait_too_long_are_found_and_fail() throws Exception {
        Job later = submit(Jobs.apply().queueTimeout(Duration.ofSeconds(20)));
        Job soon = submit(Jobs.apply().queueTimeout(Duration.ofSeconds(10)));
        submit(Jobs.apply());
        Job started = submit(Jobs.apply().queueTimeout(Duration.ofSeconds(1)));
        start(started);
        assertThat(store.overdue(clock.instant(), 10)).isEmpty();
        clock.turn(Duration.ofSeconds(10));
        assertThat(store.overdue(clock.instant(), 10)).containsExactly(soon);
        clock.turn(Duration.ofSeconds(10));
        assertThat(store.overdue(clock.instant(), 10)).containsExactly(soon, later);
        assertThat(store.overdue(clock.instant(), 1)).containsExactly(soon);
        Job failed = store.fail(soon.id(), PROBLEM).orElseThrow();
        assertThat(failed.state()).isEqualTo(FAILED);
        assertThat(failed.error()).contains(PROBLEM);
        assertThat(store.fail(soon.id(), PROBLEM)).isEmpty();
        assertThat(store.fail(started.id(), PROBLEM)).isEmpty();
        assertThat(store.fail(JobId.next(), PROBLEM)).isEmpty();
        assertThat(due()).isEqualTo(3);
    }

    @Test
    void a_map_that_waits_too_long_fails_with_its_chunks() throws Exception {
        Job job = submit(Jobs.map(OnError.CONTINUE, 1, 1));
        assertThat(store.fail(job.id(), PROBLEM).orElseThrow().error()).contains(PROBLEM);
        assertThat(states(job)).containsExactly(CANCELLED, CANCELLED);
        assertThat(due()).isZero();
    }

    // ---- maps

    private List<JobState> states(Job job) {
        return store.chunkResults(job.id(), 0, 100).stream().map(ChunkResult::state).toList();
    }

    @Test
    void a_map_runs_chunk_by_chunk_and_keeps_the_order() throws Exception {
        Jobs asked = Jobs.map(OnError.CONTINUE, 2, 3);
        Job job = submit(asked);
        assertThat(store.input(job.id())).contains(asked.job().input());
        assertThat(job.items()).isEqualTo(new Job.Items(5, 0, 0));
        assertThat(due()).isEqualTo(2);
        Run second = startChunk(job, 1);
        assertThat(second.input()).isEqualTo(Payload.json("2\n3\n4\n"));
        assertThat(second.count()).isEqualTo(3);
        assertThat(second.attempt()).isEqualTo(1);
        assertThat(second.job().state()).isEqualTo(RUNNING);
        Run first = startChunk(job, 0);
        Job half = end(second, ended("20\n30\n40\n"));
        assertThat(half.state()).isEqualTo(RUNNING);
        assertThat(half.items()).isEqualTo(new Job.Items(5, 3, 0));
        assertThat(states(job)).containsExactly(RUNNING, SUCCEEDED);
        Job whole = end(first, ended("0\n10\n"));
        assertThat(whole.state()).isEqualTo(SUCCEEDED);
        assertThat(whole.items()).isEqualTo(new Job.Items(5, 5, 0));
        assertThat(whole.result().orElseThrow().bytes()).isEqualTo(14);
        assertThat(store.chunkResults(job.id(), 0, 10))
                .containsExactly(
                        new ChunkResult(0, 0, 2, SUCCEEDED, json("0\n10\n"), List.of(), none()),
                        new ChunkResult(
                                1, 2, 3, SUCCEEDED, json("20\n30\n40\n"), List.of(), none()));
        assertThat(store.chunkResults(job.id(), 1, 10)).hasSize(1);
        assertThat(store.chunkResults(job.id(), 0, 1)).hasSize(1);
        assertThat(store.result(job.id())).isEmpty();
    }

    private static Optional<Payload> json(String text) {
        return Optional.of(Payload.json(text));
    }

    private static Optional<String> none() {
        return Optional.empty();
    }

    @Test
    void the_chunk_of_an_item_is_found() {
        Job job = submit(Jobs.map(OnError.CONTINUE, 2, 3));
        assertThat(store.chunkOf(job.id(), 0)).contains(0);
        assertThat(store.chunkOf(job.id(), 1)).contains(0);
        assertThat(store.chunkOf(job.id(), 2)).contains(1);
        assertThat(store.chunkOf(job.id(), 4)).contains(1);
        assertThat(store.chunkOf(job.id(), 5)).isEmpty();
        assertThat(store.chunkOf(job.id(), -1)).isEmpty();
    }

    @Test
    void a_map_with_failed_items_runs_on_and_fails_with_the_first_in_order() {
        Job job = submit(Jobs.map(OnError.CONTINUE, 2, 2));
        Run first = startChunk(job, 0);
        end(startChunk(job, 1), new End.Failed("{\"type\":\"crashed\"}"));
        Job ended = end(first, ended("0\nnull\n", new ItemError(1, "{\"type\":\"one\"}")));
        assertThat(ended.state()).isEqualTo(FAILED);
        assertThat(ended.error()).contains("{\"type\":\"one\"}");
        assertThat(ended.items()).isEqualTo(new Job.Items(4, 4, 3));
        assertThat(ended.result()).isPresent();
        assertThat(store.chunkResults(job.id(), 0, 10))
                .containsExactly(
                        new ChunkResult(
                                0,
                                0,
                                2,
                                SUCCEEDED,
                                json("0\nnull\n"),
                                List.of(new ItemError(1, "{\"type\":\"one\"}")),
                                none()),
                        new ChunkResult(
                                1,
                                2,
                                2,
                                FAILED,
                                Optional.empty(),
                                List.of(),
                                Optional.of("{\"type\":\"crashed\"}")));
    }

    @Test
    void a_map_that_stops_at_a_failure_lets_running_chunks_end() throws Exception {
        Job job = submit(Jobs.map(OnError.STOP, 1, 1, 1, 1));
        Run first = startChunk(job, 0);
        Run second = startChunk(job, 1);
        Job stopped = end(second, ended("null\n", new ItemError(0, PROBLEM)));
        assertThat(stopped.state()).isEqualTo(RUNNING);
        assertThat(states(job)).containsExactly(RUNNING, SUCCEEDED, CANCELLED, CANCELLED);
        assertThat(due()).isEqualTo(2); // their rows are the queue's to remove
        assertThat(store.startChunk(job.id(), 2, "me", 9, LOST)).isEmpty();
        Job ended = end(first, ended("1\n"));
        assertThat(ended.state()).isEqualTo(FAILED);
        assertThat(ended.error()).contains(PROBLEM);
        assertThat(ended.items()).isEqualTo(new Job.Items(4, 2, 1));
    }

    @Test
    void a_map_that_stops_repeats_no_chunk() {
        Job job = submit(Jobs.map(OnError.STOP, 1, 1));
        Run first = startChunk(job, 0);
        end(startChunk(job, 1), new End.Failed(PROBLEM));
        assertThat(end(first, new End.Again(clock.instant(), true)).state()).isEqualTo(FAILED);
        assertThat(states(job)).containsExactly(CANCELLED, FAILED);
    }

    @Test
    void a_cancelled_map_cancels_what_waits_and_waits_for_what_runs() throws Exception {
        Job job = submit(Jobs.map(OnError.CONTINUE, 1, 1, 1));
        Run running = startChunk(job, 0);
        Job cancelling = store.cancel("", job.id()).orElseThrow().job();
        assertThat(cancelling.state()).isEqualTo(CANCELLING);
        assertThat(states(job)).containsExactly(RUNNING, CANCELLED, CANCELLED);
        assertThat(due()).isEqualTo(1);
        Job ended = end(running, ended("1\n"));
        assertThat(ended.state()).isEqualTo(CANCELLED);
        assertThat(ended.items()).isEqualTo(new Job.Items(3, 1, 0));
        assertThat(ended.result()).isPresent();
    }

    @Test
    void a_map_of_which_nothing_runs_is_cancelled_at_once() throws Exception {
        Job queued = submit(Jobs.map(OnError.CONTINUE, 1, 1));
        assertThat(store.cancel("", queued.id()).orElseThrow().job().state()).isEqualTo(CANCELLED);
        Job between = submit(Jobs.map(OnError.CONTINUE, 1, 1));
        end(startChunk(between, 0), ended("1\n"));
        assertThat(store.cancel("", between.id()).orElseThrow().job().state()).isEqualTo(CANCELLED);
        assertThat(states(between)).containsExactly(SUCCEEDED, CANCELLED);
        assertThat(due()).isEqualTo(1);
    }

    @Test
    void a_chunk_that_was_taken_over_is_not_listened_to() {
        Job job = submit(Jobs.map(OnError.CONTINUE, 1, 1));
        Run lost = store.startChunk(job.id(), 0, "a", 3, LOST).orElseThrow();
        Run next = store.startChunk(job.id(), 0, "b", 3, LOST).orElseThrow();
        assertThat(next.attempt()).isEqualTo(2);
        assertThat(store.end(lost, ended("1\n"), Facts.NONE)).isEmpty();
        Job half = end(next, ended("2\n"));
        assertThat(half.items().done()).isEqualTo(1);
        assertThat(store.end(next, ended("3\n"), Facts.NONE)).isEmpty();
        assertThat(now(job)).isEqualTo(half);
    }

    @Test
    void a_chunk_is_repeated() throws Exception {
        Job job = submit(Jobs.map(OnError.CONTINUE, 1));
        Instant later = clock.instant().plusSeconds(5);
        Job again = end(startChunk(job, 0), new End.Again(later, true));
        assertThat(again.state()).isEqualTo(RUNNING);
        assertThat(states(job)).containsExactly(QUEUED);
        assertThat(database.number("select execution_time from scheduled_tasks"))
                .isEqualTo(later.toEpochMilli());
        Run second = startChunk(job, 0);
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(end(second, ended("1\n")).state()).isEqualTo(SUCCEEDED);
    }

    @Test
    void a_lost_chunk_fails_alone() {
        Job job = submit(Jobs.map(OnError.CONTINUE, 1, 2).onLost(OnLost.FAIL));
        startChunk(job, 1);
        assertThat(store.startChunk(job.id(), 1, "me", 9, LOST)).isEmpty();
        assertThat(states(job)).containsExactly(QUEUED, FAILED);
        Job ended = end(startChunk(job, 0), ended("1\n"));
        assertThat(ended.state()).isEqualTo(FAILED);
        assertThat(ended.error()).contains(LOST);
        assertThat(ended.items()).isEqualTo(new Job.Items(3, 3, 2));
    }

    @Test
    void a_lost_chunk_of_a_map_that_is_to_end_is_cancelled() {
        Job job = submit(Jobs.map(OnError.CONTINUE, 1, 1));
        startChunk(job, 0);
        store.cancel("", job.id());
        assertThat(store.startChunk(job.id(), 0, "me", 9, LOST)).isEmpty();
        assertThat(now(job).state()).isEqualTo(CANCELLED);
    }

    @Test
    void a_cancelled_chunk_cancels_its_map() {
        Job job = submit(Jobs.map(OnError.CONTINUE, 1, 1));
        end(startChunk(job, 0), ended("1\n"));
        Run second = startChunk(job, 1);
        store.cancel("", job.id());
        assertThat(end(second, new End.Cancelled()).state()).isEqualTo(CANCELLED);
    }

    // ---- logs

    @Test
    void a_log_is_replaced_and_read() {
        Job job = submit(Jobs.apply());
        assertThat(store.log(job.id())).isEmpty();
        store.writeLog(job.id(), new byte[] {1, 2});
        byte[] large = new byte[Blobs.PIECE + 1];
        store.writeLog(job.id(), large);
        store.writeLog(job.id(), new byte[] {3});
        assertThat(store.log(job.id()))
                .hasValueSatisfying(log -> assertThat(log).containsExactly(3));
        JobId gone = JobId.next();
        store.writeLog(gone, new byte[] {1});
        assertThat(store.log(gone)).isEmpty();
    }

    // ---- webhooks

    private static NewJob.Callback hook(String url, String... events) {
        return new NewJob.Callback(url, List.of(events), Optional.of("secret"));
    }

    @Test
    void a_final_state_makes_its_webhooks_due() throws Exception {
        Jobs asked =
                Jobs.apply()
                        .callbacks(
                                hook("https://a", "job.succeeded"),
                                hook("https://b", "job.failed", "job.cancelled"),
                                hook("https://c", "job.succeeded", "job.failed"));
        Job succeeded = submit(asked);
        assertThat(store.deliveries(succeeded.id())).isEmpty();
        end(start(succeeded), succeeded("1"));
        assertThat(store.deliveries(succeeded.id()))
                .extracting(Delivery::number, Delivery::url, Delivery::event)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1, "https://a", "job.succeeded"),
                        org.assertj.core.groups.Tuple.tuple(2, "https://c", "job.succeeded"));
        assertThat(
                        database.number(
                                "select count(*) from scheduled_tasks where task_name = 'webhook'"))
                .isEqualTo(2);
        Job cancelled =
                submit(new Jobs(Jobs.apply().callbacks(hook("https://b", "job.cancelled")).job()));
        store.cancel("", cancelled.id());
        assertThat(store.deliveries(cancelled.id())).hasSize(1);
        Job empty =
                submit(Jobs.map(OnError.CONTINUE).callbacks(hook("https://d", "job.succeeded")));
        assertThat(store.deliveries(empty.id())).hasSize(1);
    }

    @Test
    void attempts_are_written_down_in_order() {
        Job job = submit(Jobs.apply().callbacks(hook("https://a", "job.cancelled")));
        store.cancel("", job.id());
        Delivery made = store.deliveries(job.id()).getFirst();
        assertThat(made.state()).isEqualTo(DeliveryState.PENDING);
        assertThat(made.nextAt()).contains(clock.instant());
        assertThat(made.secret()).contains("secret");
        Instant next = clock.instant().plusSeconds(5);
        var refused =
                new Attempt(clock.instant(), 503, Duration.ofMillis(3), Optional.of("refused"));
        store.attempted(made.key(), refused, DeliveryState.PENDING, Optional.of(next));
        assertThat(store.delivery(made.key()).orElseThrow().nextAt()).contains(next);
        var taken = new Attempt(next, 200, Duration.ofMillis(4), Optional.empty());
        store.attempted(made.key(), taken, DeliveryState.DELIVERED, Optional.empty());
        Delivery done = store.delivery(made.key()).orElseThrow();
        assertThat(done.state()).isEqualTo(DeliveryState.DELIVERED);
        assertThat(done.nextAt()).isEmpty();
        assertThat(done.attempts()).containsExactly(refused, taken);
        assertThat(store.delivery(made.key() + 1)).isEmpty();
    }

    @Test
    void a_delivery_is_made_due_again() throws Exception {
        Job job = submit(Jobs.apply().callbacks(hook("https://a", "job.cancelled")));
        store.cancel("", job.id());
        Delivery made = store.deliveries(job.id()).getFirst();
        clock.turn(Duration.ofSeconds(9));
        assertThat(store.redeliver(job.id(), 1).orElseThrow().nextAt()).contains(clock.instant());
        assertThat(due()).isEqualTo(1);
        assertThat(database.number("select execution_time from scheduled_tasks"))
                .isEqualTo(clock.millis());
        store.attempted(
                made.key(),
                new Attempt(clock.instant(), 410, Duration.ZERO, Optional.empty()),
                DeliveryState.FAILED,
                Optional.empty());
        assertThat(store.redeliver(job.id(), 1).orElseThrow().state())
                .isEqualTo(DeliveryState.PENDING);
        assertThat(store.redeliver(job.id(), 2)).isEmpty();
    }

    // ---- forgetting

    @Test
    void only_a_job_that_has_ended_is_deleted_and_then_all_of_it() throws Exception {
        Job job =
                submit(
                        Jobs.map(OnError.CONTINUE, 1, 1)
                                .labels(Map.of("a", "b"))
                                .callbacks(hook("https://a", "job.succeeded")));
        assertThat(store.delete("", job.id())).contains(job);
        assertThat(store.find("", job.id())).isPresent();
        end(startChunk(job, 0), ended("1\n"));
        Job ended = end(startChunk(job, 1), ended("2\n"));
        store.writeLog(job.id(), new byte[10]);
        store.attempted(
                store.deliveries(job.id()).getFirst().key(),
                new Attempt(clock.instant(), 500, Duration.ZERO, Optional.empty()),
                DeliveryState.PENDING,
                Optional.of(clock.instant()));
        assertThat(store.delete("", job.id())).contains(ended);
        assertThat(store.delete("", job.id())).isEmpty();
        for (String table :
                List.of(
                        "job",
                        "job_label",
                        "job_callback",
                        "job_chunk",
                        "blob",
                        "webhook_outbox",
                        "webhook_attempt",
                        "scheduled_tasks")) {
            assertThat(database.number("select count(*) from " + table)).as(table).isZero();
        }
    }

    @Test
    void jobs_that_ended_long_ago_are_purged_and_others_are_not() throws Exception {
        for (int i = 0; i < 50; i++) {
            end(start(submit(Jobs.apply())), succeeded("1"));
        }
        submit(Jobs.apply());
        clock.turn(Duration.ofDays(1));
        Job young = end(start(submit(Jobs.apply())), succeeded("1"));
        assertThat(store.purge(clock.instant(), 45)).isEqualTo(45);
        assertThat(store.purge(clock.instant(), 45)).isEqualTo(5);
        assertThat(store.list(filter())).hasSize(2).contains(young);
        assertThat(database.number("select count(*) from blob")).isEqualTo(3);
    }

    @Test
    void a_large_job_is_forgotten_to_the_last_piece() throws Exception {
        var pieces = new byte[(Blobs.MOST_DELETED + 50) * Blobs.PIECE];
        Job job = submit(Jobs.of(new NewJob.Apply(Payload.bytes(pieces))));
        store.cancel("", job.id());
        store.delete("", job.id());
        assertThat(database.number("select count(*) from blob")).isZero();
        assertThat(database.number("select count(*) from forgotten")).isZero();
    }

    @Test
    void results_expire_and_the_job_stays() {
        Job apply = submit(Jobs.apply());
        end(start(apply), succeeded("1"));
        Job map = submit(Jobs.map(OnError.CONTINUE, 1));
        end(startChunk(map, 0), ended("null\n", new ItemError(0, PROBLEM)));
        assertThat(store.expireResults(clock.instant(), 10)).isZero();
        clock.turn(Duration.ofHours(1));
        assertThat(store.expireResults(clock.instant(), 1)).isEqualTo(1);
        assertThat(store.expireResults(clock.instant(), 10)).isEqualTo(1);
        assertThat(store.expireResults(clock.instant(), 10)).isZero();
        assertThat(store.result(apply.id())).isEmpty();
        assertThat(now(apply).result().orElseThrow().expired()).isTrue();
        ChunkResult chunk = store.chunkResults(map.id(), 0, 1).getFirst();
        assertThat(chunk.outputs()).isEmpty();
        assertThat(chunk.failures()).hasSize(1);
        assertThat(store.input(apply.id())).isPresent();
    }

    // ---- itself

    @Test
    void a_store_says_whether_it_can_be_written_to() {
        assertThat(store.isReachable()).isTrue();
        store.close();
        assertThat(store.isReachable()).isFalse();
        assertThatThrownBy(() -> store.submit(Jobs.apply().job()))
                .isInstanceOf(StoreException.Unavailable.class);
    }

    @Test
    void what_was_accepted_is_there_when_the_store_is_opened_again() throws Exception {
        Job job = submit(Jobs.apply());
        Run run = start(job);
        opened.close();
        opened = database.open(clock);
        store = opened.jobs();
        assertThat(now(job)).isEqualTo(run.job());
        assertThat(due()).isEqualTo(1);
        assertThat(store.start(job.id(), "next", 1, LOST).orElseThrow().epoch())
                .isGreaterThan(run.epoch());
    }

    @Test
    void thirty_two_threads_leave_what_a_model_foretells() throws Exception {
        long seed = new Random().nextLong();
        var number = new java.util.concurrent.atomic.AtomicInteger();
        together(32, () -> new Walk(seed + number.getAndIncrement()).walk());
        long open = store.list(filter(1000)).stream().filter(job -> !job.state().done()).count();
        assertThat(due()).as("seed %d", seed).isGreaterThanOrEqualTo(open);
    }

    private static Filter filter(int limit) {
        Filter f = filter();
        return new Filter(
                f.tenant(),
                f.states(),
                f.task(),
                f.pool(),
                f.labels(),
                f.createdAfter(),
                f.createdBefore(),
                f.oldestFirst(),
                f.beyond(),
                limit);
    }

    /** One thread's jobs, and what it knows of them. */
    private final class Walk {
        private final Random random;
        private final long seed;

        Walk(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        boolean walk() {
            for (int job = 0; job < 4; job++) {
                walkOne();
            }
            return true;
        }

        private void walkOne() {
            Job job = submit(Jobs.apply());
            JobState model = QUEUED;
            List<Run> runs = new ArrayList<>();
            boolean current = false; // whether the last run is the one that is listened to
            for (int step = 0; step < 12; step++) {
                switch (random.nextInt(6)) {
                    case 0, 1 -> {
                        var run = store.start(job.id(), "w", 100, LOST);
                        boolean begun = model == QUEUED || model == RUNNING;
                        check(job, step, run.isPresent(), begun);
                        if (begun) {
                            model = RUNNING;
                            runs.add(run.orElseThrow());
                            current = true;
                        } else if (model == CANCELLING) {
                            model = CANCELLED;
                        }
                    }
                    case 2 -> {
                        if (!runs.isEmpty()) {
                            boolean last = random.nextBoolean();
                            Run run = last ? runs.getLast() : runs.getFirst();
                            boolean heard =
                                    run.epoch() == runs.getLast().epoch()
                                            && current
                                            && (model == RUNNING || model == CANCELLING);
                            var ended = store.end(run, succeeded("1"), Facts.NONE);
                            check(job, step, ended.isPresent(), heard);
                            model = heard ? SUCCEEDED : model;
                        }
                    }
                    case 3 -> {
                        if (!runs.isEmpty()) {
                            boolean heard = current && (model == RUNNING || model == CANCELLING);
                            var ended =
                                    store.end(
                                            runs.getLast(),
                                            new End.Again(clock.instant(), true),
                                            Facts.NONE);
                            check(job, step, ended.isPresent(), heard);
                            if (heard) {
                                model = model == RUNNING ? QUEUED : CANCELLED;
                                current = false;
                            }
                        }
                    }
                    case 4 -> {
                        if (random.nextInt(4) == 0) {
                            boolean changes = model == QUEUED || model == RUNNING;
                            check(
                                    job,
                                    step,
                                    store.cancel("", job.id()).orElseThrow().changed(),
                                    changes);
                            if (changes) {
                                model = model == QUEUED ? CANCELLED : CANCELLING;
                            }
                        }
                    }
                    default -> store.writeLog(job.id(), new byte[random.nextInt(100)]);
                }
                assertThat(now(job).state()).as("seed %d step %d", seed, step).isEqualTo(model);
            }
        }

        private void check(Job job, int step, boolean is, boolean should) {
            assertThat(is).as("seed %d, job %s, step %d", seed, job.id(), step).isEqualTo(should);
        }
    }
}
