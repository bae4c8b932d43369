package org.processpool.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskContext;

/** The context of a call that no pool made: it remembers what a task told. */
final class TestContext implements TaskContext {

    record Progress(long done, long total) {}

    final List<Progress> progress = new ArrayList<>();
    final List<Object> parts = new CopyOnWriteArrayList<>();
    private final int attempt;
    private final boolean cancelled;

    TestContext() {
        this(1, false);
    }

    private TestContext(int attempt, boolean cancelled) {
        this.attempt = attempt;
        this.cancelled = cancelled;
    }

    static TestContext ofCancelledCall() {
        return new TestContext(1, true);
    }

    static TestContext ofAttempt(int attempt) {
        return new TestContext(attempt, false);
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
