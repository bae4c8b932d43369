package org.processpool.task;

import org.jspecify.annotations.Nullable;

/**
 * Code that runs in a worker process.
 *
 * <p>A registered task is a class with a public no-argument constructor, a {@link TaskDefinition}
 * and a line in {@code META-INF/services/org.processpool.task.Task}. A worker makes one instance at
 * first use and runs one call at a time on its main thread, so a task may keep what it learned (a
 * compiled pattern, a loaded model) in its fields. The parent process never loads the class.
 *
 * <p>Input and output may be: null, booleans, numbers, strings, {@code byte[]}, enums, {@code
 * java.time} values, {@code UUID}, {@code URI}, optionals, arrays, lists, sets, maps, records of
 * these, or a {@link Payload}, which is handed over unopened. A JSON object binds to a record by
 * component name, a JSON array to a record by component order.
 *
 * @param <I> the input's type
 * @param <O> the output's type
 */
@FunctionalInterface
public interface Task<I extends @Nullable Object, O extends @Nullable Object> {

    /**
     * Does the work.
     *
     * @param input the call's input, bound to the declared type
     * @param context the call this is: progress, cancellation, number of the attempt
     * @return the result, or null
     * @throws Exception any failure; its class, message and stack trace reach the caller, and the
     *     worker lives on
     */
    O run(I input, TaskContext context) throws Exception;
}
