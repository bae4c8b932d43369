package org.processpool.pool;

/**
 * The pool's sense of time: monotonic, in nanoseconds since the program began, so never negative. A
 * test turns its own by hand.
 */
@FunctionalInterface
interface Ticker {
    Ticker SYSTEM = sinceNow();

    long nanos();

    private static Ticker sinceNow() {
        long origin = System.nanoTime();
        return () -> System.nanoTime() - origin;
    }
}
