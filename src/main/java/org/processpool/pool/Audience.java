package org.processpool.pool;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who wants to hear of one call that it starts and how it was. A call nobody listens to in this way
 * has none.
 *
 * <p>The start of a call becomes known on the thread that hands it over, and what follows on the
 * thread that reads its worker, which may be quicker. So whoever tells something of the call tells
 * the starts before, and nobody goes on while another is telling them.
 */
final class Audience {

    private final @Nullable Consumer<Started> onStart;
    private final @Nullable Consumer<CallReport> onReport;

    /** What was not told yet; filled under the dispatcher's lock, emptied under this one's. */
    private final Queue<Started> starts = new ConcurrentLinkedQueue<>();

    // Of the last run; guarded by the dispatcher's lock.
    private @Nullable WorkerHandle worker;
    private @Nullable Meter meter;

    private Audience(CallOptions options) {
        onStart = options.onStart();
        onReport = options.onReport();
    }

    static @Nullable Audience of(CallOptions options) {
        return options.onStart() == null && options.onReport() == null
                ? null
                : new Audience(options);
    }

    /** Under the dispatcher's lock: the call is the next its worker runs. */
    void starts(WorkerHandle by, Call call, Duration waited, Aftermath after) {
        worker = by;
        if (onStart != null) {
            starts.add(new Started(by.id, by.pid(), call.attempt, waited));
            after.then(this::tellStarts);
        }
        if (onReport != null) {
            Meter fresh = by.meterForHead();
            meter = fresh;
            if (fresh != null) {
                after.beforeWriting(fresh::start);
            }
        }
    }

    /** Without a lock: tells what has started and was not told. */
    synchronized void tellStarts() {
        for (Started start; (start = starts.poll()) != null; ) {
            WorkerHandle.tell(onStart, start);
        }
    }

    /** Under the dispatcher's lock: the call ends. */
    void ends(Call call, Duration waited, Duration ran, Aftermath after) {
        WorkerHandle by = call.attempt == 0 ? null : worker;
        Meter seen = by == null ? null : meter;
        int attempts = call.attempt;
        after.then(() -> {
            tellStarts();
            if (onReport != null) {
                WorkerHandle.tell(onReport, report(by, seen, attempts, waited, ran));
            }
        });
    }

    private static CallReport report(
            @Nullable WorkerHandle by,
            @Nullable Meter meter,
            int attempts,
            Duration waited,
            Duration ran) {
        if (meter != null) {
            meter.look();
        }
        return new CallReport(
                by == null ? null : by.id,
                by == null ? -1 : by.pid(),
                attempts,
                waited,
                ran,
                meter == null ? Optional.empty() : meter.cpu(),
                meter == null ? OptionalLong.empty() : meter.maxResident());
    }
}
