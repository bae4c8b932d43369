package org.processpool.pool;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Code without arguments to run in a worker.
 *
 * <p>Give a method reference or a lambda that captures nothing: it is sent to the worker as class,
 * method and descriptor. It is {@link Serializable} only because that is how Java tells which
 * method was meant; nothing is ever serialized or deserialized that way.
 *
 * @param <O> the result's type
 */
@FunctionalInterface
public interface RemoteCallable<O extends @Nullable Object> extends Serializable {

    /**
     * Does the work, in a worker process.
     *
     * @throws Exception any failure
     */
    O call() throws Exception;
}
