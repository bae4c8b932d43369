package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobQueue.Lane;
import org.processpool.job.JobState;
import org.processpool.job.NewJob.Apply;
import org.processpool.store.Database;
import org.processpool.store.Store;

/**
 * A service that is killed while it takes and runs jobs. {@code -Dprocesspool.kills=50} kills it so
 * many times instead of five.
 */
@FaultTest
class KilledStoreFaultIT {

    private static final int KILLS = Integer.getInteger("processpool.kills", 5);

    @TempDir Path directory;

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void what_was_acknowledged_survives_every_kill_and_ends() throws Exception {
        Set<JobId> acknowledged = new HashSet<>();
        var random = new Random();
        for (int kill = 0; kill < KILLS; kill++) {
            acknowledged.addAll(killedAfter(50 + random.nextInt(200)));
        }
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(50 * KILLS);
        try (Database database = Database.sqlite(directory);
                Store store = database.open(Clock.systemUTC())) {
            assertThat(database.isIntact()).isTrue();
            for (JobId id : acknowledged) {
                assertThat(store.jobs().find("", id)).as("job %s", id).isPresent();
                assertThat(store.jobs().input(id)).as("input of %s", id).isPresent();
            }
            store.queue()
                    .start(List.of(new Lane("default", 8)), new DoomedStore.Echo(store.jobs()));
            await().atMost(Duration.ofMinutes(5))
                    .untilAsserted(() ->
                            assertThat(database.number("select count(*) from" + " scheduled_tasks"))
                                    .isZero());
            for (JobId id : acknowledged) {
                Job job = store.jobs().find("", id).orElseThrow();
                assertThat(job.state()).as("job %s", id).isEqualTo(JobState.SUCCEEDED);
                assertThat(store.jobs().result(id))
                        .isEqualTo(store.jobs().input(id).map(input -> ((Apply) input).payload()));
            }
        }
    }

    /** Runs a service until it has acknowledged so many jobs, kills it, and tells all of them. */
    private Set<JobId> killedAfter(int jobs) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DoomedStore.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        Set<JobId> acknowledged = new HashSet<>();
        try (BufferedReader said = process.inputReader()) {
            for (String line; (line = said.readLine()) != null; ) {
                // a line may be torn, and db-scheduler's log may get in between
                JobId.parse(line).ifPresent(acknowledged::add);
                if (acknowledged.size() == jobs && process.isAlive()) {
                    Signal.KILL.sendTo(process.pid()); // destroyForcibly() would close its output
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(acknowledged).as("jobs before the kill").hasSizeGreaterThanOrEqualTo(jobs);
        return acknowledged;
    }
}
