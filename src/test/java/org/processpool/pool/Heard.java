package org.processpool.pool;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.processpool.wire.Target;

/** A listener that writes down what it hears, for tests to read. */
final class Heard implements PoolListener {

    sealed interface News {}

    record Started(String worker, long pid) implements News {}

    record Ready(String worker, long pid) implements News {}

    record Gone(String worker, long pid, int exitCode, ExitReason reason) implements News {}

    record CallStarted(String task, long pid) implements News {}

    record CallEnded(String task, String outcome) implements News {}

    record Rejected(Class<?> why) implements News {}

    record Said(String line) implements News {}

    record State(PoolState state) implements News {}

    private final Queue<News> news = new ConcurrentLinkedQueue<>();

    List<News> news() {
        return List.copyOf(news);
    }

    <N extends News> List<N> news(Class<N> kind) {
        return news.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    List<ExitReason> exits() {
        return news(Gone.class).stream().map(Gone::reason).toList();
    }

    @Override
    public void workerStarted(String worker, long pid) {
        news.add(new Started(worker, pid));
    }

    @Override
    public void workerReady(String worker, long pid, Duration startup) {
        news.add(new Ready(worker, pid));
    }

    @Override
    public void workerGone(String worker, long pid, int exitCode, ExitReason reason) {
        news.add(new Gone(worker, pid, exitCode, reason));
    }

    @Override
    public void callStarted(Target target, String worker, long pid, Duration waited) {
        news.add(new CallStarted(target.toString(), pid));
    }

    @Override
    public void callEnded(Target target, Outcome outcome, Duration waited, Duration ran) {
        news.add(new CallEnded(target.toString(), outcome.word()));
    }

    @Override
    public void callRejected(PoolRejectedException why) {
        news.add(new Rejected(why.getClass()));
    }

    @Override
    public void workerSaid(String worker, long pid, String line) {
        news.add(new Said(line));
    }

    @Override
    public void poolState(PoolState state, String why) {
        news.add(new State(state));
    }
}
