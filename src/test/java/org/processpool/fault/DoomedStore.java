package org.processpool.fault;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.processpool.job.JobId;
import org.processpool.job.JobQueue.Handler;
import org.processpool.job.JobQueue.Lane;
import org.processpool.job.JobStore;
import org.processpool.job.JobStore.End;
import org.processpool.job.JobStore.Facts;
import org.processpool.job.JobStore.Submission;
import org.processpool.job.NewJob;
import org.processpool.store.Database;
import org.processpool.store.Jobs;
import org.processpool.store.Store;
import org.processpool.task.Payload;

/**
 * A process that takes jobs as fast as it can, runs some of them, and is killed meanwhile. It
 * prints the id of each job once the store has said that it has it.
 */
final class DoomedStore {

    private static final int CLIENTS = 8;

    private DoomedStore() {}

    public static void main(String[] arguments) throws Exception {
        Database database = Database.sqlite(Path.of(arguments[0]));
        Store store = database.open(Clock.systemUTC());
        store.queue().start(List.of(new Lane("default", 2)), new Echo(store.jobs()));
        for (int i = 0; i < CLIENTS; i++) {
            var _ = Thread.ofPlatform().start(() -> submit(store));
        }
    }

    private static void submit(Store store) {
        while (true) {
            JobId id = JobId.next();
            NewJob job = Jobs.of(new NewJob.Apply(inputOf(id))).job();
            Submission taken = store.jobs().submit(job);
            if (taken instanceof Submission.Accepted(var accepted)) {
                byte[] line = (accepted.id() + "\n").getBytes(StandardCharsets.US_ASCII);
                System.out.write(line, 0, line.length);
                System.out.flush();
                store.queue().wake("default");
            }
        }
    }

    /** Every fourth is larger than a piece, and so takes several rows. */
    private static Payload inputOf(JobId id) {
        int size = id.value().getLeastSignificantBits() % 4 == 0 ? 300_000 : 100;
        return Payload.bytes(new byte[size]);
    }

    /** Ends each job with its input as the result. */
    record Echo(JobStore jobs) implements Handler {
        @Override
        public Optional<Instant> job(String pool, JobId id) {
            jobs.start(id, "doomed", Integer.MAX_VALUE, "{}")
                    .ifPresent(run -> {
                        var _ = jobs.end(run, new End.Succeeded(run.input()), Facts.NONE);
                    });
            return Optional.empty();
        }

        @Override
        public Optional<Instant> chunk(String pool, JobId id, int number) {
            throw new IllegalStateException("there are no maps here");
        }

        @Override
        public Optional<Instant> webhook(long key) {
            throw new IllegalStateException("there are no webhooks here");
        }
    }
}
