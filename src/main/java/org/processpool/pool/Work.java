package org.processpool.pool;

import java.io.Serializable;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.processpool.task.TaskName;
import org.processpool.wire.Target;

/**
 * Which code a call runs and what comes back: a registered task by name, or a method of a class on
 * the workers' class path.
 *
 * <p>Made from a method reference, the result's full generic type is read from the method. Made
 * from a lambda, only the erased type is known: a lambda that returns {@code List<Point>} would
 * give a list of maps, so such a lambda is better a method, or followed by {@link #returning}.
 *
 * @param <I> the input's type; {@link Arguments} for code with several parameters
 * @param <O> the result's type
 */
@SuppressWarnings("UnusedTypeParameter") // both say what goes in and what comes out
public final class Work<I extends @Nullable Object, O extends @Nullable Object> {

    /** What a lambda's class stands for, found once per class. */
    private static final ClassValue<Found> FOUND =
            new ClassValue<>() {
                @Override
                protected Found computeValue(Class<?> type) {
                    return new Found();
                }
            };

    private final Target target;
    private final Type resultType;

    private Work(Target target, Type resultType) {
        this.target = target;
        this.resultType = resultType;
    }

    /**
     * A registered task, its result as a JSON-like value: null, Boolean, Integer, Long, Double,
     * BigInteger, String, byte[], List or Map.
     *
     * @throws IllegalArgumentException if it is no {@link TaskName}
     */
    public static Work<@Nullable Object, @Nullable Object> named(String task) {
        return new Work<>(new Target.Named(new TaskName(task)), Object.class);
    }

    /**
     * A registered task.
     *
     * @param result what to make of the result; {@link org.processpool.task.Payload} leaves it
     *     unopened
     */
    public static <O extends @Nullable Object> Work<@Nullable Object, O> named(
            TaskName task, Class<O> result) {
        return new Work<>(new Target.Named(task), result);
    }

    /**
     * Code without arguments.
     *
     * @throws IllegalArgumentException if it captures variables
     */
    public static <O extends @Nullable Object> Work<Arguments, O> of(RemoteCallable<O> code) {
        return found(code);
    }

    /**
     * Code with one argument.
     *
     * @throws IllegalArgumentException if it captures variables
     */
    public static <I extends @Nullable Object, O extends @Nullable Object> Work<I, O> of(
            RemoteFunction<I, O> code) {
        return found(code);
    }

    /**
     * Code with two arguments.
     *
     * @throws IllegalArgumentException if it captures variables
     */
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    O extends @Nullable Object>
            Work<Arguments.Two<A, B>, O> of(RemoteBiFunction<A, B, O> code) {
        return found(code);
    }

    /**
     * Code with three arguments.
     *
     * @throws IllegalArgumentException if it captures variables
     */
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    O extends @Nullable Object>
            Work<Arguments.Three<A, B, C>, O> of(RemoteTriFunction<A, B, C, O> code) {
        return found(code);
    }

    /**
     * The same code with another idea of its result.
     *
     * @param type a class, or a parameterized type such as {@code List<Point>}
     */
    public <R extends @Nullable Object> Work<I, R> returning(Type type) {
        return new Work<>(target, Objects.requireNonNull(type, "type"));
    }

    Target target() {
        return target;
    }

    Type resultType() {
        return resultType;
    }

    @Override
    public String toString() {
        return target.toString();
    }

    private static <I extends @Nullable Object, O extends @Nullable Object> Work<I, O> found(
            Serializable code) {
        return FOUND.get(code.getClass()).in(code);
    }

    /** Finds the method behind a lambda's class and keeps it. */
    private static final class Found {
        private volatile @Nullable Work<?, ?> work;

        @SuppressWarnings(
                "unchecked") // the method fixes the types, the caller's generics mirror it
        <I extends @Nullable Object, O extends @Nullable Object> Work<I, O> in(Serializable code) {
            Work<?, ?> known = work;
            if (known == null) {
                known = resolve(code);
                work = known; // a race resolves the same twice
            }
            return (Work<I, O>) known;
        }

        private static Work<?, ?> resolve(Serializable code) {
            SerializedLambda lambda = describe(code);
            String owner = lambda.getImplClass().replace('/', '.');
            if (lambda.getCapturedArgCount() > 0) {
                throw new IllegalArgumentException(
                        ("the lambda or method reference in %s captures %d value%s of its"
                                        + " surroundings, which cannot travel to another process:"
                                        + " pass them as arguments (several as a record or with"
                                        + " starmap), or make it a static method")
                                .formatted(
                                        lambda.getCapturingClass().replace('/', '.'),
                                        lambda.getCapturedArgCount(),
                                        lambda.getCapturedArgCount() == 1 ? "" : "s"));
            }
            Target.Kind kind =
                    switch (lambda.getImplMethodKind()) {
                        case MethodHandleInfo.REF_invokeStatic -> Target.Kind.STATIC;
                        case MethodHandleInfo.REF_newInvokeSpecial -> Target.Kind.CONSTRUCTOR;
                        default -> Target.Kind.VIRTUAL;
                    };
            Target target =
                    new Target.Method(
                            owner,
                            lambda.getImplMethodName(),
                            lambda.getImplMethodSignature(),
                            kind);
            return new Work<>(target, resultType(lambda, owner, kind, code.getClass()));
        }

        /**
         * Only asks the lambda which method it is. The JDK answers that question through the method
         * that serialization would call; there is no other way to ask.
         */
        private static SerializedLambda describe(Serializable code) {
            try {
                Method writeReplace = code.getClass().getDeclaredMethod("writeReplace");
                writeReplace.setAccessible(true);
                if (writeReplace.invoke(code) instanceof SerializedLambda lambda) {
                    return lambda;
                }
            } catch (NoSuchMethodException notALambda) {
                // told below
            } catch (ReflectiveOperationException | RuntimeException closed) {
                throw new IllegalArgumentException(
                        "cannot see which method %s is; open its package to process-pool"
                                .formatted(code.getClass().getName()),
                        closed);
            }
            throw new IllegalArgumentException(
                    ("%s is neither a lambda nor a method reference: give one of those, or register"
                                    + " a Task and call it by name")
                            .formatted(code.getClass().getName()));
        }

        private static Type resultType(
                SerializedLambda lambda, String owner, Target.Kind kind, Class<?> near) {
            try {
                Class<?> type = Class.forName(owner, false, near.getClassLoader());
                if (kind == Target.Kind.CONSTRUCTOR) {
                    return type;
                }
                MethodType erased =
                        MethodType.fromMethodDescriptorString(
                                lambda.getImplMethodSignature(), near.getClassLoader());
                return concrete(
                        method(type, lambda.getImplMethodName(), erased).getGenericReturnType(),
                        erased.returnType());
            } catch (ReflectiveOperationException | LinkageError missing) {
                throw new IllegalArgumentException(
                        "cannot find %s.%s".formatted(owner, lambda.getImplMethodName()), missing);
            }
        }

        private static Method method(Class<?> owner, String name, MethodType erased)
                throws NoSuchMethodException {
            for (Class<?> at = owner; at != null; at = at.getSuperclass()) {
                try {
                    return at.getDeclaredMethod(name, erased.parameterArray());
                } catch (NoSuchMethodException higher) {
                    // an inherited method: look there
                }
            }
            return owner.getMethod(name, erased.parameterArray());
        }

        /** A type variable says nothing about the value: then the erased type has to do. */
        private static Type concrete(Type generic, Class<?> erased) {
            return mentionsVariable(generic) ? erased : generic;
        }

        private static boolean mentionsVariable(Type type) {
            return switch (type) {
                case Class<?> _ -> false;
                case ParameterizedType p -> {
                    for (Type argument : p.getActualTypeArguments()) {
                        if (mentionsVariable(argument)) {
                            yield true;
                        }
                    }
                    yield false;
                }
                case WildcardType w -> mentionsVariable(w.getUpperBounds()[0]);
                default -> true;
            };
        }
    }
}
