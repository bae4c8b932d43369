package org.processpool.worker;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskContext;

/** Methods for workers to run. The semaphores and latches are shared with an inline worker only. */
final class Deeds {

    record Point(int x, int y) {
        Point plus(Point other) {
            return new Point(x + other.x, y + other.y);
        }
    }

    static Semaphore gate = new Semaphore(0);
    static CountDownLatch entered = new CountDownLatch(1);

    private static int prepared;

    private Deeds() {}

    static void reset() {
        gate = new Semaphore(0);
        entered = new CountDownLatch(1);
    }

    static int square(int number) {
        return number * number;
    }

    static @Nullable Object echo(@Nullable Object value) {
        return value;
    }

    static String join(String left, int times, List<Point> points) {
        return left.repeat(times) + points;
    }

    static String nothing() {
        return "from nothing";
    }

    static int picky(int number) {
        if (number % 3 == 0) {
            throw new IllegalArgumentException("no multiples of three, was " + number);
        }
        return number;
    }

    static Object odd(int number) {
        return number % 2 == 0 ? number : new Thread();
    }

    static void fail(String why) {
        throw new IllegalStateException(why, new RuntimeException("the cause"));
    }

    static int endless(int depth) {
        return depth < 0 ? 0 : endless(depth + 1) + 1;
    }

    @SuppressWarnings("DoNotCallSuggester")
    static void nasty() {
        throw new RuntimeException() {
            @Override
            public String getMessage() {
                throw new IllegalStateException("no message for you");
            }
        };
    }

    /** Waits for the gate, deaf to interrupts. */
    static boolean stubborn() {
        entered.countDown();
        gate.acquireUninterruptibly();
        return TaskContext.current().orElseThrow().cancelled();
    }

    static void patient() throws InterruptedException {
        entered.countDown();
        gate.acquire();
    }

    static void cooperative() {
        entered.countDown();
        while (true) {
            TaskContext.current().orElseThrow().checkCancelled();
            Thread.onSpinWait();
        }
    }

    static boolean interrupted() {
        return Thread.interrupted();
    }

    static void interruptItself() {
        Thread.currentThread().interrupt();
    }

    @SuppressWarnings("DoNotCallSuggester")
    static void cancelWithoutBeingAsked() {
        throw new CancellationException("on my own account");
    }

    static int talkative(int parts) {
        TaskContext context = TaskContext.current().orElseThrow();
        for (int i = 1; i <= parts; i++) {
            context.progress(i, parts, "part " + i);
            context.emit("part " + i);
        }
        return context.attempt();
    }

    static byte[] large(int size) {
        return new byte[size];
    }

    static void prepare(int number) {
        prepared = number;
    }

    static int prepared() {
        return prepared;
    }

    static void print(String text) {
        System.out.print(text);
    }

    static void printAndHalt(String text) {
        System.out.println(text);
        System.err.print(text);
        System.err.flush();
        Runtime.getRuntime().halt(9);
    }

    static long token() {
        return TaskContext.current().orElseThrow().fencingToken();
    }

    static int input() throws java.io.IOException {
        return System.in.read();
    }

    static int leaveChild() throws java.io.IOException {
        return (int) new ProcessBuilder("setsid", "sleep", "600").start().pid();
    }

    static void hangAtExit() {
        Runtime.getRuntime().addShutdownHook(new Thread(Deeds::sleepForGood));
    }

    static void sleepForGood() {
        while (true) {
            java.util.concurrent.locks.LockSupport.park();
        }
    }
}
