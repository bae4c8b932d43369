package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarkus.runtime.LaunchMode;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import org.processpool.job.Errors;
import org.processpool.pool.Outcome;
import org.processpool.pool.PoolRejectedException;

/**
 * Failed jobs have the problem that a waiting client would have got. It is written down in English,
 * as nobody knows yet who will read it.
 */
@Singleton
public class JobErrors implements Errors {

    private final Audience audience = new Audience(Language.ENGLISH, "", "");
    private final Problems problems =
            new Problems(LaunchMode.current() == LaunchMode.DEVELOPMENT, () -> "of a job");

    @Override
    public String of(Outcome outcome) {
        return text(problems.of(outcome));
    }

    @Override
    public String of(PoolRejectedException why) {
        return text(problems.of(why));
    }

    @Override
    public String lost() {
        return text(new Problem(ProblemType.WORKER_CRASHED, Phrase.LOST));
    }

    @Override
    public String overdue(Duration limit) {
        return text(problems.of(new Outcome.QueueTimedOut(limit)));
    }

    @Override
    public String noPool(String pool) {
        return text(new Problem(ProblemType.POOL_NOT_FOUND, Phrase.POOL_GONE, pool));
    }

    /** Without the trace, which is that of whoever will read it. */
    private String text(Problem problem) {
        Map<String, Object> members = problem.members(audience);
        members.remove("traceId");
        return new String(Jobs.write(members), UTF_8);
    }
}
