package org.processpool.pool;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskContext;

/** What the pool's tests run in workers. Knows no test library, since no worker has one. */
final class Tasks {

    private static final List<Object> KEPT = new ArrayList<>();
    private static final Set<String> GIVEN_ONCE = new HashSet<>();
    private static String remembered = "nothing";

    private Tasks() {}

    enum Colour {
        RED,
        GREEN
    }

    record Point(int x, int y) {
        Point mirrored() {
            return new Point(y, x);
        }

        Point moved(int right, int up) {
            return new Point(x + right, y + up);
        }
    }

    record Order(UUID id, Colour colour, Optional<String> note, LocalDate day, List<Point> path) {
        Order onTheNextDay() {
            return new Order(id, colour, note, day.plusDays(1), path);
        }
    }

    // What it has

    static String file(String path) throws IOException {
        return Files.readString(Path.of(path));
    }

    /** Writes so many mebibytes to a new file in the working directory. */
    static long write(int mebibytes) throws IOException {
        try (OutputStream file = Files.newOutputStream(Path.of("written"))) {
            for (int i = 0; i < mebibytes; i++) {
                file.write(new byte[1 << 20]);
            }
        }
        return Files.size(Path.of("written"));
    }

    // Values

    static long pid() {
        return ProcessHandle.current().pid();
    }

    static long pidFor(@Nullable Object ignored) {
        return pid();
    }

    static int square(int number) {
        return number * number;
    }

    static int half(int number) {
        if (number % 2 != 0) {
            throw new IllegalArgumentException(number + " is odd");
        }
        return number / 2;
    }

    static int minus(int first, int second) {
        return first - second;
    }

    static String between(String word, int from, int to) {
        return word.substring(from, to);
    }

    static @Nullable String orNothing(@Nullable String text) {
        return text == null ? "was nothing" : text.isEmpty() ? null : text;
    }

    static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    static BigInteger squared(BigInteger number) {
        return number.multiply(number);
    }

    static Colour other(Colour colour) {
        return colour == Colour.RED ? Colour.GREEN : Colour.RED;
    }

    static Optional<Point> highest(List<Point> points) {
        return points.stream().max(Comparator.comparingInt(Point::y));
    }

    static Map<String, List<Point>> bySide(List<Point> points) {
        return points.stream()
                .collect(
                        Collectors.groupingBy(
                                point -> point.x() < 0 ? "left" : "right",
                                TreeMap::new,
                                Collectors.toList()));
    }

    static <T> T same(T value) {
        return value;
    }

    // Memory of a worker

    static String remember(String what) {
        remembered = what;
        return remembered;
    }

    static String remember(String what, int number) {
        return remember(what + " " + number);
    }

    static String remembered() {
        return remembered + " in " + pid();
    }

    static String startUnless(String trouble) {
        if (!trouble.isEmpty()) {
            throw new IllegalStateException(trouble);
        }
        return "started";
    }

    /** Keeps so many mebibytes of heap for as long as the worker lives. */
    static long keep(int mebibytes) {
        for (int i = 0; i < mebibytes; i++) {
            KEPT.add(new byte[1 << 20]);
        }
        return pid();
    }

    /** Takes so much native memory and gives it back. */
    static int borrow(int mebibytes) {
        try (Arena arena = Arena.ofConfined()) {
            arena.allocate((long) mebibytes << 20).fill((byte) 1);
        }
        return mebibytes;
    }

    static int fillTheHeap() {
        while (true) {
            KEPT.add(new byte[1 << 20]);
        }
    }

    static int takeNativeMemory(int mebibytes) throws InterruptedException {
        for (int i = 0; i < mebibytes; i++) {
            KEPT.add(Arena.global().allocate(1 << 20));
        }
        Thread.sleep(Duration.ofMinutes(10));
        return mebibytes;
    }

    // Waiting

    private static TaskContext context() {
        return TaskContext.current().orElseThrow();
    }

    /** Tells the pid as a part, then waits to be cancelled and gives up when it is. */
    static long waitToBeCancelled() throws InterruptedException {
        context().emit(pid());
        Thread.sleep(Duration.ofMinutes(10));
        return pid();
    }

    /** Tells the pid as a part, and looks whether it is cancelled only so long after it was. */
    static long listenLate(long millis) {
        context().emit(pid());
        while (!context().cancelled()) {
            Thread.onSpinWait();
        }
        compute(millis);
        context().checkCancelled();
        return millis;
    }

    /** Tells the pid as a part and neither returns nor listens. */
    static long hang() {
        context().emit(pid());
        while (true) {
            try {
                Thread.sleep(Duration.ofMinutes(10));
            } catch (InterruptedException unheeded) {
                // not to listen is what this task is for
            }
        }
    }

    /** Tells the pid as a part, hears that it is cancelled and returns a result all the same. */
    static String finishAllTheSame() {
        context().emit(pid());
        while (!context().cancelled()) {
            Thread.onSpinWait();
        }
        return "finished all the same";
    }

    // Dying

    static int die(int exitCode) {
        Runtime.getRuntime().halt(exitCode);
        return exitCode;
    }

    static int sayAndDie(String words) {
        System.out.println(words);
        return die(3);
    }

    static int dieUntilAttempt(int attempt) {
        return context().attempt() < attempt ? die(9) : context().attempt();
    }

    // Telling

    static int tell(int steps) {
        for (int step = 1; step <= steps; step++) {
            context().progress(step, steps, "step " + step);
            context().emit("part " + step);
        }
        return steps;
    }

    static String say(String line) {
        System.out.println(line);
        return line;
    }

    /** Prints a line to each stream, and from a thread of its own. */
    static String sayAround(String word) throws InterruptedException {
        System.out.println("out " + word);
        System.err.println("err " + word);
        Thread aside = Thread.ofPlatform().start(() -> System.out.println("aside " + word));
        aside.join();
        System.out.print("rest " + word);
        return word;
    }

    /** Has another process print words without a newline where native code would. */
    static int haveSaid(String words) throws Exception {
        return new ProcessBuilder("printf", "%s", words).inheritIO().start().waitFor();
    }

    static int sayMuch(int mebibytes) {
        String block = "0123456789abcde\n".repeat(1 << 16);
        for (int i = 0; i < mebibytes; i++) {
            System.out.print(block);
        }
        return mebibytes;
    }

    static long token() {
        return context().fencingToken();
    }

    /** Keeps a processor busy for so long. */
    static long compute(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        long steps = 0;
        while (System.nanoTime() < end) {
            steps++;
        }
        return steps;
    }

    static boolean givenBefore(String word) {
        return !GIVEN_ONCE.add(word);
    }

    static Thread aThread() {
        return Thread.currentThread();
    }
}
