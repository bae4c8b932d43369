package org.processpool.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.PoolBuilder;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.ProcessPool;

/** Our pool. What is measured is the same as in bench.py. */
final class ThisPool implements Side {

    private static final int WORKERS = 2;
    private static final int QUEUE_LIMIT = 200_000;

    /** Tasks per worker until its JIT has compiled the one that burns. */
    private static final int BURN_WARM_UPS = 1_000;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private @Nullable ProcessPool shared;

    @Override
    public Map<String, Double> run(Scenario scenario) throws Exception {
        int size = scenario.size();
        return switch (scenario) {
            case APPLY -> apply(size);
            case APPLY_ASYNC -> Map.of("rate", applyAsync(shared(), size));
            case MAP -> {
                List<Integer> numbers = numbers(size);
                yield rateOfSum(size, () -> shared().map(Tasks::increment, numbers).iterator());
            }
            case MAP_CHUNK_1 -> {
                List<Integer> numbers = numbers(size);
                yield rateOfSum(size, () -> shared().map(Tasks::increment, numbers, 1).iterator());
            }
            case IMAP_UNORDERED -> {
                List<Integer> numbers = numbers(size);
                yield rateOfSum(size, () -> shared().imapUnordered(Tasks::increment, numbers));
            }
            case BYTES_1_MB, BYTES_100_MB -> exchange(size);
            case START -> start(size);
            case RECYCLE -> recycle(size);
            case IDLE -> idle(size);
            case WAITING -> waiting(size);
            case SCALING -> scaling(size);
        };
    }

    @Override
    public void close() {
        if (shared != null) {
            shared.close();
        }
    }

    /** One pool for all rounds of a scenario, started by the first. */
    private ProcessPool shared() throws InterruptedException {
        if (shared == null) {
            shared = pool(WORKERS).open();
            shared.awaitReady(PATIENCE);
        }
        return shared;
    }

    private static PoolBuilder pool(int workers) {
        return ProcessPool.builder().name("bench").processes(workers).queueLimit(QUEUE_LIMIT);
    }

    private Map<String, Double> apply(int calls) throws InterruptedException {
        ProcessPool pool = shared();
        Histogram nanos = new Histogram(3);
        for (int i = 0; i < calls; i++) {
            long began = System.nanoTime();
            pool.apply(Tasks::noop);
            nanos.recordValue(System.nanoTime() - began);
        }
        return Map.of(
                "p50", nanos.getValueAtPercentile(50) / 1e3,
                "p99", nanos.getValueAtPercentile(99) / 1e3);
    }

    private static double applyAsync(ProcessPool pool, int calls) throws InterruptedException {
        long began = System.nanoTime();
        List<AsyncResult<?>> results = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            results.add(pool.applyAsync(Tasks::noop));
        }
        for (AsyncResult<?> result : results) {
            result.get();
        }
        return calls / secondsSince(began);
    }

    private static Map<String, Double> rateOfSum(int items, Submission submission)
            throws InterruptedException {
        long began = System.nanoTime();
        long sum = 0;
        for (Iterator<Integer> results = submission.results(); results.hasNext(); ) {
            sum += results.next();
        }
        double seconds = secondsSince(began);
        check(sum == items * (items + 1L) / 2);
        return Map.of("rate", items / seconds);
    }

    private interface Submission {
        Iterator<Integer> results() throws InterruptedException;
    }

    private Map<String, Double> exchange(int size) throws InterruptedException {
        ProcessPool pool = shared();
        byte[] data = new byte[size];
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < 100_000_000 / size; i++) {
            long began = System.nanoTime();
            byte[] back = pool.apply(Tasks::echo, data);
            millis.add(secondsSince(began) * 1e3);
            check(back.length == size);
        }
        return Map.of("time", new Numbers(millis).median());
    }

    private static Map<String, Double> start(int pools) throws InterruptedException {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < pools; i++) {
            long began = System.nanoTime();
            try (ProcessPool pool = pool(WORKERS).open()) {
                pool.apply(Tasks::noop);
                millis.add(secondsSince(began) * 1e3);
            }
        }
        return Map.of("start", new Numbers(millis).median());
    }

    private static Map<String, Double> recycle(int calls) throws InterruptedException {
        try (ProcessPool pool = pool(WORKERS).maxTasksPerChild(1).open()) {
            pool.map(Tasks::increment, numbers(WORKERS), 1);
            return Map.of("rate", applyAsync(pool, calls));
        }
    }

    private static Map<String, Double> idle(int workers) throws InterruptedException, IOException {
        try (ProcessPool pool = pool(workers).open()) {
            pool.awaitReady(PATIENCE);
            pool.map(Tasks::increment, numbers(100), 1);
            Thread.sleep(Duration.ofMillis(500));
            double sum = 0;
            for (PoolSnapshot.Worker worker : pool.snapshot().workers()) {
                sum += proportionalMebibytes(worker.pid());
            }
            return Map.of("pss", sum / workers);
        }
    }

    private static double proportionalMebibytes(long pid) throws IOException {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "smaps_rollup"))) {
            String pss = lines.filter(line -> line.startsWith("Pss:")).findFirst().orElseThrow();
            return Long.parseLong(pss.replaceAll("\\D", "")) / 1024.0;
        }
    }

    private static Map<String, Double> waiting(int calls) throws InterruptedException {
        int payload = 100;
        try (ProcessPool pool = pool(WORKERS).open()) {
            pool.awaitReady(PATIENCE);
            pool.map(Tasks::increment, numbers(WORKERS), 1);
            long before = usedHeap();
            List<AsyncResult<?>> results = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                results.add(pool.applyAsync(Tasks::hold, new byte[payload]));
            }
            double each = (usedHeap() - before) / (double) calls;
            check(!results.getLast().ready());
            return Map.of("heap", each - payload);
        }
    }

    private static long usedHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    private static Map<String, Double> scaling(int tasks) throws InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        double one = burnRate(1, tasks);
        return Map.of("efficiency", burnRate(cores, tasks) / one / cores);
    }

    private static double burnRate(int workers, int tasks) throws InterruptedException {
        int count = tasks * workers;
        try (ProcessPool pool = pool(workers).open()) {
            pool.awaitReady(PATIENCE);
            pool.map(Tasks::burn, numbers(BURN_WARM_UPS * workers), 1);
            long began = System.nanoTime();
            pool.map(Tasks::burn, numbers(count), 1);
            return count / secondsSince(began);
        }
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    private static void check(boolean right) {
        if (!right) {
            throw new IllegalStateException("our pool gave a wrong result");
        }
    }
}
