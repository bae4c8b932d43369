package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.processpool.job.Job;
import org.processpool.job.JobId;
import org.processpool.job.JobLog;

/** What a job prints, at once or as it comes. */
final class LogFeed {

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final Jobs jobs;

    LogFeed(Jobs jobs) {
        this.jobs = jobs;
    }

    /** What there is now. */
    List<JobLog.Line> lines(JobId id, Optional<JobLog.Stream> only) throws InterruptedException {
        JobLog log = jobs.service().log(id).orElse(null);
        return log == null ? List.of() : wanted(log.read(0, Duration.ZERO), only);
    }

    /** The number of the line a client has last; 0 if it has none. */
    static long behind(@Nullable String lastId) {
        return lastId != null && lastId.matches("\\d{1,18}") ? Long.parseLong(lastId) : 0;
    }

    /**
     * What there is and what follows, until the job has ended.
     *
     * @param behind number of the line to go on behind
     */
    void follow(
            ServerSentEvents to, String tenant, JobId id, Optional<JobLog.Stream> only, long behind)
            throws IOException, InterruptedException {
        long silent = System.nanoTime();
        long written = behind;
        while (true) {
            // asked before the log is read, so that nothing printed before the end is missed
            Job job = jobs.service().find(tenant, id).orElse(null);
            boolean over = job == null || job.state().done();
            boolean ending = jobs.service().isEnding();
            boolean mayGrow = false;
            JobLog log = jobs.service().log(id).orElse(null);
            if (log != null) {
                JobLog.Lines lines = log.read(written, over ? Duration.ZERO : LOOK_AGAIN);
                if (lines.missed()) {
                    to.event("gap", null, "{\"reason\":\"lines were dropped\"}");
                }
                for (JobLog.Line line : wanted(lines, only)) {
                    to.event(
                            "log",
                            Long.toString(line.number()),
                            new String(
                                    Jobs.write(
                                            Map.of(
                                                    "line",
                                                    line.number(),
                                                    "stream",
                                                    line.stream().name().toLowerCase(Locale.ROOT),
                                                    "text",
                                                    line.text())),
                                    UTF_8));
                    silent = System.nanoTime();
                }
                written = lines.last();
                mayGrow = !lines.ended();
            }
            if (ending && !over && !mayGrow) {
                return; // the next service goes on with it
            }
            if (!mayGrow && !over) {
                // it waits for its first run, or for another
                jobs.service().await(tenant, id, now -> now.state().done(), LOOK_AGAIN);
            }
            if (over) {
                to.event("end", EventFeed.END, "{}");
                return;
            }
            if (System.nanoTime() - silent >= ServerSentEvents.HEARTBEAT.toNanos()) {
                to.comment("still here");
                silent = System.nanoTime();
            }
        }
    }

    private static List<JobLog.Line> wanted(JobLog.Lines lines, Optional<JobLog.Stream> only) {
        return lines.lines().stream()
                .filter(line -> only.isEmpty() || only.get() == line.stream())
                .toList();
    }
}
