package org.processpool.pool;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.wire.Codec;
import org.processpool.wire.Failure;

/** The result of one call. */
final class SingleResult<O extends @Nullable Object> extends Result<O> implements Call.Ending {

    private final Type type;
    private @Nullable Call call;
    private @Nullable Outcome outcome;

    SingleResult(PoolView pool, Type type) {
        super(pool);
        this.type = type;
    }

    /** Before the call is submitted. */
    void of(Call submitted) {
        call = submitted;
    }

    private Call call() {
        return Objects.requireNonNull(call, "not submitted");
    }

    @Override
    public void ended(Call ended, Outcome how) {
        outcome = how; // seen by others through markEnded
        markEnded();
    }

    @Override
    boolean isSuccess() {
        return outcome instanceof Outcome.Done;
    }

    @Override
    O value() {
        Outcome how = Objects.requireNonNull(outcome, "not ended");
        String what = call().target().toString();
        if (!(how instanceof Outcome.Done(Payload output, Duration ran))) {
            throw CallException.of(what, how);
        }
        try {
            return Encoding.promised(Codec.decode(output, type));
        } catch (RuntimeException | Error unfit) {
            throw CallException.of(what, unfit(unfit, ran));
        }
    }

    /** A result nobody can make its declared type of is the call's failure, whatever the reason. */
    static Outcome unfit(Throwable unfit, Duration ran) {
        return new Outcome.Failed(
                new Failure(
                        Failure.Kind.RESULT,
                        unfit.getClass().getName(),
                        String.valueOf(unfit.getMessage()),
                        ""),
                ran);
    }

    @Override
    public boolean cancel(CancelMode mode) {
        return pool.dispatcher().cancel(call(), mode, null);
    }

    @Override
    public boolean cancel(CancelMode mode, Duration grace) {
        PoolConfig.notNegative("grace", grace);
        return pool.dispatcher().cancel(call(), mode, grace);
    }
}
