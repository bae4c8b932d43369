package org.processpool.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/** One job on the server. */
final class JobView {

    /** How long the server is asked to hold one request until the job changes. */
    private static final Duration LONGEST_POLL = Duration.ofSeconds(20);

    private static final int DEFAULT_PAUSE_SECONDS = 1;

    private final Server server;
    private final String path;

    JobView(Server server, String id) {
        this.server = server;
        this.path = "/v1/jobs/" + Server.encoded(id);
    }

    /** Shows it as it is now. */
    void show(Output out) throws CommandFailed, InterruptedException {
        print(server.get(path), out);
    }

    /**
     * Waits for its end and shows it.
     *
     * @param limit how long to wait at most; zero is for ever
     * @return the exit code: that of the job if it has ended
     */
    int showEnd(Duration limit, Output out) throws CommandFailed, InterruptedException {
        Server.Answer answer = await(limit);
        print(answer, out);
        JsonNode job = answer.json();
        if (!isDone(job)) {
            return ExitCode.WAIT_EXCEEDED;
        }
        return job.path("state").asText().equals("SUCCEEDED") ? ExitCode.OK : ExitCode.FAILED;
    }

    /**
     * Prints the result alone.
     *
     * @throws CommandFailed if there is none, or none yet
     */
    void printResult(Output out) throws CommandFailed, InterruptedException {
        Server.Answer answer =
                server.send(server.request(path + "/result").setHeader(Server.ACCEPT, "*/*"));
        if (answer.status() == 202) {
            throw notEnded();
        }
        if (answer.isText()) {
            out.document(answer.body());
        } else {
            out.bytes(answer.body());
        }
    }

    /**
     * The job when it has ended.
     *
     * @param limit how long to wait at most; zero is for ever
     * @throws CommandFailed if it has not ended by then
     */
    void awaitEnd(Duration limit) throws CommandFailed, InterruptedException {
        if (!isDone(await(limit).json())) {
            throw notEnded();
        }
    }

    private static CommandFailed notEnded() {
        return new CommandFailed(
                ExitCode.WAIT_EXCEEDED,
                new Problem("Not ended", "the job has no result yet; --wait waits for it"));
    }

    /** The job at its end or at the limit, whichever comes first. */
    private Server.Answer await(Duration limit) throws CommandFailed, InterruptedException {
        long start = System.nanoTime();
        while (true) {
            Duration left =
                    limit.isZero()
                            ? LONGEST_POLL
                            : limit.minus(Duration.ofNanos(System.nanoTime() - start));
            Duration poll = left.compareTo(LONGEST_POLL) < 0 ? left : LONGEST_POLL;
            if (!poll.isPositive()) {
                return server.get(path);
            }
            Server.Answer answer =
                    server.send(
                            server.request(path)
                                    .setHeader(Server.PREFER, "wait=" + Patience.seconds(poll)));
            if (isDone(answer.json())) {
                return answer;
            }
            if (answer.header("Preference-Applied").isEmpty()) {
                Thread.sleep(shorter(poll, pause(answer))); // it does not wait, so we have to
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration pause(Server.Answer answer) {
        return Duration.ofSeconds(
                answer.header("Retry-After")
                        .filter(seconds -> seconds.matches("\\d{1,4}"))
                        .map(Integer::parseInt)
                        .map(seconds -> Math.max(seconds, DEFAULT_PAUSE_SECONDS))
                        .orElse(DEFAULT_PAUSE_SECONDS));
    }

    private static boolean isDone(JsonNode job) {
        return job.path("done").asBoolean();
    }

    private static void print(Server.Answer answer, Output out) throws CommandFailed {
        if (out.isJson()) {
            out.document(answer.body());
        } else {
            print(answer.json(), out);
        }
    }

    private static void print(JsonNode job, Output out) {
        var table =
                new Table()
                        .row("job", Words.text(job.path("id")))
                        .row("state", Style.state(Words.text(job.path("state"))))
                        .row(
                                "task",
                                "%s (%s in pool %s)"
                                        .formatted(
                                                Words.text(job.path("task")),
                                                Words.text(job.path("kind")),
                                                Words.text(job.path("pool"))))
                        .row("created", Words.time(job.path("createdAt")))
                        .row("started", Words.time(job.path("startedAt")))
                        .row("finished", Words.time(job.path("finishedAt")))
                        .row("attempt", Words.text(job.path("attempt")));
        if (job.path("queuePosition").asLong() > 0) {
            table.row("place", Words.text(job.path("queuePosition")) + " in the queue");
        }
        JsonNode worker = job.path("worker");
        if (worker.hasNonNull("id")) {
            table.row(
                    "worker",
                    "%s (pid %s)"
                            .formatted(
                                    Words.text(worker.path("id")), Words.text(worker.path("pid"))));
        }
        table.row("progress", progress(job.path("progress")));
        JsonNode timing = job.path("timing");
        if (timing.hasNonNull("queuedMillis") || timing.hasNonNull("runMillis")) {
            table.row(
                    "time",
                    "waited %s, ran %s"
                            .formatted(
                                    Words.millis(timing.path("queuedMillis")),
                                    Words.millis(timing.path("runMillis"))));
        }
        if (!job.path("labels").isEmpty()) {
            table.row("labels", Words.pairs(job.path("labels")));
        }
        if (job.hasNonNull("result")) {
            table.row("result", job.path("result"));
        }
        if (job.path("error").isObject()) {
            table.row("error", new Problem(job.path("error")));
        }
        table.print(out);
    }

    /** {@code 612 of 1000, 3 failed: page 3}. */
    static String progress(JsonNode progress) {
        if (!progress.isObject()) {
            return Words.text(progress);
        }
        var text = new StringBuilder(Words.text(progress.path("done")));
        if (progress.hasNonNull("total")) {
            text.append(" of ").append(progress.path("total").asText());
        }
        if (progress.path("failed").asLong() > 0) {
            text.append(", ").append(progress.path("failed").asText()).append(" failed");
        }
        if (!progress.path("message").asText("").isEmpty()) {
            text.append(": ").append(progress.path("message").asText());
        }
        return text.toString();
    }
}
