package org.processpool.pool;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Code with two arguments to run in a worker.
 *
 * <p>Give a method reference or a lambda that captures nothing: it is sent to the worker as class,
 * method and descriptor. It is {@link Serializable} only because that is how Java tells which
 * method was meant; nothing is ever serialized or deserialized that way.
 *
 * @param <A> the first argument's type
 * @param <B> the second argument's type
 * @param <O> the result's type
 */
@FunctionalInterface
public interface RemoteBiFunction<
                A extends @Nullable Object, B extends @Nullable Object, O extends @Nullable Object>
        extends Serializable {

    /**
     * Does the work, in a worker process.
     *
     * @throws Exception any failure
     */
    O apply(A first, B second) throws Exception;
}
