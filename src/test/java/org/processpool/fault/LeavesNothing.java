package org.processpool.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The invariants that hold after any fault. After each test no process and no directory of ours is
 * left; after each class threads, file descriptors and heap are what they were before it.
 */
final class LeavesNothing implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Path PROCESSES = Path.of("/proc");
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    /** What the JDK and JUnit open in passing: jars, /proc, /dev/urandom. */
    private static final int FEW_DESCRIPTORS = 6;

    private static final long SOME_HEAP = 32L << 20;

    /** Threads that all pools share, and those of the JDK. */
    private static final Pattern SHARED_THREADS =
            Pattern.compile(
                    "process-pool-spawner|process reaper.*|ForkJoinPool.*|VirtualThread-.*"
                            + "|Common-Cleaner|Cleaner-\\d+|awaitility.*|junit-.*"
                            + "|surefire-.*|Attach Listener|CompletableFutureDelayScheduler");

    private record Baseline(Set<Long> threads, int descriptors, long heap) {}

    private static final ExtensionContext.Namespace STORE =
            ExtensionContext.Namespace.create(LeavesNothing.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(STORE)
                .put(
                        Baseline.class,
                        new Baseline(
                                threads().map(Thread::threadId).collect(Collectors.toSet()),
                                descriptors(),
                                usedHeap()));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(processes()).as("processes left").isEmpty());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(directories()).as("directories left").isEmpty());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Baseline before = context.getStore(STORE).get(Baseline.class, Baseline.class);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(
                                        threads()
                                                .filter(thread ->
                                                        !before.threads()
                                                                .contains(thread.threadId()))
                                                .map(Thread::getName))
                                .as("threads left")
                                .isEmpty());
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(descriptors())
                                .as("open file descriptors")
                                .isLessThanOrEqualTo(before.descriptors() + FEW_DESCRIPTORS));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(usedHeap())
                                .as("bytes of heap in use")
                                .isLessThanOrEqualTo(before.heap() + SOME_HEAP));
    }

    /** Heap in use after a collection. */
    static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Workers of this process and whatever they have started, as pid and command line. */
    private static List<String> processes() {
        try (Stream<Path> all = Files.list(PROCESSES)) {
            return all.filter(process -> process.getFileName().toString().matches("[0-9]+"))
                    .filter(LeavesNothing::isOurs)
                    .map(process -> process.getFileName() + " " + text(process.resolve("cmdline")))
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** A worker's environment, which its children inherit, names its token and its directory. */
    private static boolean isOurs(Path process) {
        String environment = text(process.resolve("environ"));
        return environment.contains("PROCESS_POOL_WORKER=") && environment.contains(prefix());
    }

    private static List<Path> directories() throws IOException {
        List<Path> left = new ArrayList<>();
        for (Path place : List.of(Path.of(System.getProperty("java.io.tmpdir")), SHARED_MEMORY)) {
            if (Files.isDirectory(place)) {
                try (Stream<Path> all = Files.list(place)) {
                    all.filter(each -> each.toString().contains(prefix())).forEach(left::add);
                }
            }
        }
        return left;
    }

    private static String prefix() {
        return "/process-pool-" + ProcessHandle.current().pid() + "-";
    }

    private static Stream<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !SHARED_THREADS.matcher(thread.getName()).matches());
    }

    private static int descriptors() {
        String[] open = PROCESSES.resolve("self/fd").toFile().list();
        return open == null ? 0 : open.length;
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), UTF_8).replace('\0', ' ').strip();
        } catch (IOException gone) {
            return "";
        }
    }
}
