package org.processpool.sample;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskContext;

/** The context of a call that no pool made: it remembers what a task told. */
final class TestContext implements TaskContext {

    record Progress(long done, long total) {}

    final List<Progress> progress = new ArrayList<>();
    final List<Object> parts = new ArrayList<>();
    private final boolean cancelled;
    private final int attempt;

    TestContext() {
        this(false, 1);
    }

    private TestContext(boolean cancelled, int attempt) {
        this.cancelled = cancelled;
        this.attempt = attempt;
    }

    static TestContext ofCancelledCall() {
        return new TestContext(true, 1);
    }

    static TestContext ofAttempt(int attempt) {
        return new TestContext(false, attempt);
    }

    @Override
    public long callId() {
        return 1;
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public long workerPid() {
        return 4711;
    }

    @Override
    public void progress(long done, long total, @Nullable String message) {
        progress.add(new Progress(done, total));
    }

    @Override
    public void emit(Object part) {
        parts.add(part);
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }
}
