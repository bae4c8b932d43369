package org.processpool.sample;

import java.math.BigInteger;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * The n-th Fibonacci number, in full: fib(30) is 832040.
 *
 * <p>Deserves a process because a small number asks for much work; the sums grow to 20,899 digits.
 */
@TaskDefinition(name = "fib", summary = "The n-th Fibonacci number, n up to 100000", example = "30")
public final class Fib implements Task<Integer, BigInteger> {

    private static final int LARGEST = 100_000;

    @Override
    public BigInteger run(Integer n, TaskContext context) {
        if (n < 0 || n > LARGEST) {
            throw new IllegalArgumentException(
                    "fib takes a number from 0 to %d, was %d".formatted(LARGEST, n));
        }
        var current = BigInteger.ZERO;
        var next = BigInteger.ONE;
        for (int i = 0; i < n; i++) {
            context.checkCancelled();
            var sum = current.add(next);
            current = next;
            next = sum;
        }
        return current;
    }
}
