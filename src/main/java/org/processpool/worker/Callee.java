package org.processpool.worker;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Conversation;
import org.processpool.task.Payload;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.wire.Codec;
import org.processpool.wire.DecodingException;
import org.processpool.wire.SequenceReader;

/** User code that can be called, with the types its input binds to. */
sealed interface Callee {

    /**
     * Binds an input.
     *
     * @param star whether it is an array of positional arguments
     * @return what {@link #run} takes
     * @throws DecodingException if it does not fit
     */
    @Nullable Object bind(Payload input, boolean star);

    /**
     * Binds the inputs of a chunk one by one.
     *
     * @throws DecodingException if they are no sequence
     */
    SequenceReader bindEach(Payload inputs, boolean star);

    /**
     * Runs it.
     *
     * @param input what was bound with the same {@code star}
     * @throws Throwable whatever user code threw
     */
    @Nullable Object run(@Nullable Object input, boolean star, TaskContext context)
            throws Throwable;

    /** A registered task. Several arguments are the components of its input, in order. */
    record OfTask(Task<Object, Object> task, Type input) implements Callee {
        @Override
        public @Nullable Object bind(Payload payload, boolean star) {
            return Codec.decode(payload, input);
        }

        @Override
        public SequenceReader bindEach(Payload inputs, boolean star) {
            return SequenceReader.of(inputs, input);
        }

        @Override
        @SuppressWarnings("NullAway") // whether it takes null is for its code to say
        public @Nullable Object run(@Nullable Object bound, boolean star, TaskContext context)
                throws Exception {
            return task.run(bound, context);
        }
    }

    /** One side of an open conversation. */
    record OfConversation(Conversation<Object, Object> conversation, Type input) implements Callee {
        @Override
        public @Nullable Object bind(Payload payload, boolean star) {
            return Codec.decode(payload, input);
        }

        @Override
        public SequenceReader bindEach(Payload inputs, boolean star) {
            return SequenceReader.of(inputs, input);
        }

        @Override
        @SuppressWarnings("NullAway") // whether it takes null is for its code to say
        public @Nullable Object run(@Nullable Object bound, boolean star, TaskContext context)
                throws Exception {
            return conversation.reply(bound, context);
        }
    }

    /**
     * A method or constructor.
     *
     * @param name what to call it in messages
     * @param invocation how it is called with all its arguments
     * @param parameters types of all arguments, the receiver being the first
     */
    record OfMethod(String name, Invocation invocation, List<Type> parameters) implements Callee {

        @Override
        public @Nullable Object bind(Payload payload, boolean star) {
            return star
                    ? Codec.decodeArguments(payload, parameters)
                    : Codec.decode(payload, single());
        }

        @Override
        public SequenceReader bindEach(Payload inputs, boolean star) {
            return star
                    ? SequenceReader.ofArguments(inputs, parameters)
                    : SequenceReader.of(inputs, single());
        }

        private Type single() {
            if (parameters.size() != 1) {
                throw new IllegalArgumentException(
                        "%s takes %d arguments and was given one"
                                .formatted(name, parameters.size()));
            }
            return parameters.get(0);
        }

        @Override
        public @Nullable Object run(@Nullable Object bound, boolean star, TaskContext context)
                throws Throwable {
            @Nullable Object[] arguments =
                    star && bound instanceof Object[] several ? several : new Object[] {bound};
            try {
                return invocation.invoke(arguments);
            } catch (InvocationTargetException thrown) {
                throw Failures.unwrapped(thrown);
            }
        }
    }

    /** A way to call a method or constructor with all its arguments in one array. */
    sealed interface Invocation {

        @Nullable Object invoke(@Nullable Object[] arguments) throws ReflectiveOperationException;

        record Static(Method method) implements Invocation {
            @Override
            public @Nullable Object invoke(@Nullable Object[] arguments)
                    throws ReflectiveOperationException {
                return method.invoke(null, arguments);
            }
        }

        record Virtual(Method method) implements Invocation {
            @Override
            public @Nullable Object invoke(@Nullable Object[] arguments)
                    throws ReflectiveOperationException {
                return method.invoke(
                        arguments[0], Arrays.copyOfRange(arguments, 1, arguments.length));
            }
        }

        record New(Constructor<?> constructor) implements Invocation {
            @Override
            public Object invoke(@Nullable Object[] arguments) throws ReflectiveOperationException {
                return constructor.newInstance(arguments);
            }
        }
    }
}
