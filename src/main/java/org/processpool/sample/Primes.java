package org.processpool.sample;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Counts the primes up to a number with a segmented sieve of Eratosthenes.
 *
 * <p>Deserves a process because it takes a processor for seconds: the caller sees how far it is,
 * may change its mind, and its other requests stay quick meanwhile.
 */
@TaskDefinition(
        name = "primes",
        summary = "Counts the primes up to a number of at most 1,000,000,000",
        example = "1000000")
public final class Primes implements Task<Long, Long> {

    private static final int LARGEST = 1_000_000_000;

    /** Small enough for a processor's cache, large enough to seldom report progress. */
    private static final int SEGMENT = 1 << 20;

    @Override
    public Long run(Long n, TaskContext context) {
        if (n < 0 || n > LARGEST) {
            throw new IllegalArgumentException(
                    "primes are counted up to a number from 0 to %d, was %d".formatted(LARGEST, n));
        }
        int last = n.intValue();
        int[] small = upTo((int) Math.sqrt(last));
        long count = 0;
        for (int first = 2; first <= last; first += SEGMENT) {
            context.checkCancelled();
            int end = Math.min(first + SEGMENT, last + 1);
            count += between(first, end, small);
            context.progress(end - 1, last, null);
        }
        return count;
    }

    /** The primes up to the square root of {@link #LARGEST}, few enough for trial division. */
    private static int[] upTo(int last) {
        return IntStream.rangeClosed(2, last).filter(Primes::isPrime).toArray();
    }

    /** Number of primes p with first ≤ p &lt; end, given all primes up to the root of end. */
    private static int between(int first, int end, int[] small) {
        var composite = new BitSet(end - first);
        for (int prime : small) {
            int multiple = Math.max(prime * prime, (first + prime - 1) / prime * prime);
            for (; multiple < end; multiple += prime) {
                composite.set(multiple - first);
            }
        }
        return end - first - composite.cardinality();
    }

    /**
     * Whether a number is prime, by trial division: slow for large primes, which makes it a good
     * {@code pool.map(Primes::isPrime, numbers)}.
     */
    public static boolean isPrime(long n) {
        if (n < 4) {
            return n > 1;
        }
        if (n % 2 == 0 || n % 3 == 0) {
            return false;
        }
        for (long i = 5; i <= n / i; i += 6) {
            if (n % i == 0 || n % (i + 2) == 0) {
                return false;
            }
        }
        return true;
    }
}
