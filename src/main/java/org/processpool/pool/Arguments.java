package org.processpool.pool;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Positional arguments of one call, for {@code starmap}: what a tuple is in Python. */
public sealed interface Arguments {

    /** The arguments in order. */
    List<? extends @Nullable Object> values();

    /** Two arguments. */
    static <A extends @Nullable Object, B extends @Nullable Object> Two<A, B> of(
            A first, B second) {
        return new Two<>(first, second);
    }

    /** Three arguments. */
    static <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
            Three<A, B, C> of(A first, B second, C third) {
        return new Three<>(first, second, third);
    }

    /** Any number of arguments, for a task called by name. */
    static Any of(List<? extends @Nullable Object> values) {
        return new Any(values);
    }

    /** Two arguments. */
    record Two<A extends @Nullable Object, B extends @Nullable Object>(A first, B second)
            implements Arguments {
        @Override
        public List<? extends @Nullable Object> values() {
            return Arrays.asList(first, second);
        }
    }

    /** Three arguments. */
    record Three<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>(
            A first, B second, C third) implements Arguments {
        @Override
        public List<? extends @Nullable Object> values() {
            return Arrays.asList(first, second, third);
        }
    }

    /** Any number of arguments; the list is copied. */
    record Any(List<? extends @Nullable Object> values) implements Arguments {
        public Any {
            values = Collections.unmodifiableList(Arrays.asList(values.toArray()));
        }
    }
}
