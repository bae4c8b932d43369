package org.processpool.worker;

import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Conversation;
import org.processpool.task.Task;
import org.processpool.task.TaskDefinition;
import org.processpool.task.TaskName;
import org.processpool.wire.Codec;
import org.processpool.wire.EncodingException;
import org.processpool.wire.Generics;
import org.processpool.wire.Target;
import org.processpool.wire.TaskDescription;

/**
 * What this worker can run: the registered tasks and conversations, found at first use, and the
 * methods of every class on its class path. Main thread only.
 */
final class TaskCatalog {

    /** A registered class; no instance of it exists until it is used. */
    private record Entry<S>(
            ServiceLoader.Provider<? extends S> provider, TaskDefinition definition) {
        Class<?> type() {
            return provider.type();
        }
    }

    /** System property with the names of the restricted tasks to offer, between commas. */
    private static final String OFFER = "process-pool.offer";

    private final boolean trouble;
    private final Set<String> offer;
    private @Nullable Map<String, List<Entry<Task<?, ?>>>> tasks;
    private @Nullable Map<String, List<Entry<Conversation<?, ?>>>> conversations;

    /**
     * @param trouble whether tasks that make trouble on purpose are offered
     */
    TaskCatalog(boolean trouble) {
        this(trouble, Set.copyOf(List.of(System.getProperty(OFFER, "").split(",", -1))));
    }

    /**
     * @param trouble whether tasks that make trouble on purpose are offered
     * @param offer the restricted tasks and conversations that are offered
     */
    TaskCatalog(boolean trouble, Set<String> offer) {
        this.trouble = trouble;
        this.offer = offer;
    }

    /**
     * Finds what a target means; a registered task is instantiated.
     *
     * @throws TargetException if there is no such thing, or it cannot be made
     */
    Callee resolve(Target target) throws TargetException {
        return switch (target) {
            case Target.Named(TaskName name) -> task(name);
            case Target.Method method -> method(method);
        };
    }

    private Callee task(TaskName name) throws TargetException {
        Entry<Task<?, ?>> entry = single("task", name, tasks());
        @SuppressWarnings("unchecked") // inputs are bound to the type it declares
        Task<Object, Object> task = (Task<Object, Object>) instance(entry);
        return new Callee.OfTask(task, Generics.argumentsOf(entry.type(), Task.class).get(0));
    }

    /**
     * Makes one side of a new conversation.
     *
     * @throws TargetException if there is no such conversation, or it cannot be made
     */
    Callee.OfConversation conversation(TaskName name) throws TargetException {
        Entry<Conversation<?, ?>> entry = single("conversation", name, conversations());
        @SuppressWarnings("unchecked") // inputs are bound to the type it declares
        Conversation<Object, Object> side = (Conversation<Object, Object>) instance(entry);
        return new Callee.OfConversation(
                side, Generics.argumentsOf(entry.type(), Conversation.class).get(0));
    }

    /** All registered tasks and conversations, by name; those that share a name are left out. */
    List<TaskDescription> describe() {
        List<TaskDescription> descriptions = new ArrayList<>();
        for (List<Entry<Task<?, ?>>> entries : tasks().values()) {
            if (entries.size() == 1) {
                descriptions.add(description(entries.get(0), Task.class, false));
            }
        }
        for (List<Entry<Conversation<?, ?>>> entries : conversations().values()) {
            if (entries.size() == 1) {
                descriptions.add(description(entries.get(0), Conversation.class, true));
            }
        }
        return descriptions;
    }

    private static TaskDescription description(
            Entry<?> entry, Class<?> service, boolean conversation) {
        List<Type> types = Generics.argumentsOf(entry.type(), service);
        TaskDefinition definition = entry.definition();
        return new TaskDescription(
                new TaskName(definition.name()),
                conversation,
                definition.summary(),
                schema(types.get(0)),
                schema(types.get(1)),
                definition.example(),
                definition.timeout(),
                definition.produces());
    }

    private static String schema(Type type) {
        try {
            return Codec.schema(type);
        } catch (EncodingException unsupported) {
            return "{}"; // a call says what is wrong with the type
        }
    }

    private Map<String, List<Entry<Task<?, ?>>>> tasks() {
        Map<String, List<Entry<Task<?, ?>>>> found = tasks;
        if (found == null) {
            found = new TreeMap<>();
            @SuppressWarnings({"unchecked", "rawtypes"}) // a class literal has no type arguments
            ServiceLoader<Task<?, ?>> loader = (ServiceLoader) ServiceLoader.load(Task.class);
            find(loader, found);
            tasks = found;
        }
        return found;
    }

    private Map<String, List<Entry<Conversation<?, ?>>>> conversations() {
        Map<String, List<Entry<Conversation<?, ?>>>> found = conversations;
        if (found == null) {
            found = new TreeMap<>();
            @SuppressWarnings({"unchecked", "rawtypes"}) // a class literal has no type arguments
            ServiceLoader<Conversation<?, ?>> loader =
                    (ServiceLoader) ServiceLoader.load(Conversation.class);
            find(loader, found);
            conversations = found;
        }
        return found;
    }

    private <S> void find(ServiceLoader<S> loader, Map<String, List<Entry<S>>> found) {
        Iterator<ServiceLoader.Provider<S>> providers = loader.stream().iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                ServiceLoader.Provider<S> provider = providers.next();
                TaskDefinition definition = provider.type().getAnnotation(TaskDefinition.class);
                if (definition == null) {
                    complain(provider.type().getName() + " has no @TaskDefinition");
                } else if (isOffered(definition)) {
                    found.computeIfAbsent(
                                    new TaskName(definition.name()).value(), _ -> new ArrayList<>())
                            .add(new Entry<>(provider, definition));
                }
            } catch (ServiceConfigurationError | LinkageError | IllegalArgumentException unusable) {
                complain(String.valueOf(unusable.getMessage()));
            }
        }
    }

    private boolean isOffered(TaskDefinition definition) {
        return (trouble || !definition.trouble())
                && (!definition.restricted() || offer.contains(definition.name()));
    }

    private static void complain(String why) {
        System.err.println("process-pool: a registered task is not offered: " + why);
    }

    private static <S> Entry<S> single(
            String what, TaskName name, Map<String, List<Entry<S>>> offered)
            throws TargetException {
        List<Entry<S>> entries = offered.get(name.value());
        if (entries == null) {
            throw new TargetException(
                    "no %s is named '%s'; this worker has %s"
                            .formatted(
                                    what,
                                    name,
                                    offered.isEmpty()
                                            ? "none"
                                            : String.join(", ", offered.keySet())),
                    null);
        }
        if (entries.size() > 1) {
            throw new TargetException(
                    "more than one %s is named '%s': %s and %s"
                            .formatted(
                                    what,
                                    name,
                                    entries.get(0).type().getName(),
                                    entries.get(1).type().getName()),
                    null);
        }
        return entries.get(0);
    }

    private static <S> S instance(Entry<S> entry) throws TargetException {
        try {
            return entry.provider().get();
        } catch (ServiceConfigurationError | LinkageError unusable) {
            throw new TargetException(
                    "%s cannot be made: %s"
                            .formatted(entry.type().getName(), unusable.getMessage()),
                    unusable);
        }
    }

    private static Callee method(Target.Method target) throws TargetException {
        Class<?> owner = load(target.owner());
        try {
            return switch (target.kind()) {
                case STATIC -> {
                    Method method = method(owner, target);
                    yield new Callee.OfMethod(
                            target.toString(),
                            new Callee.Invocation.Static(method),
                            List.of(method.getGenericParameterTypes()));
                }
                case VIRTUAL -> {
                    Method method = method(owner, target);
                    List<Type> parameters = new ArrayList<>();
                    parameters.add(owner);
                    parameters.addAll(List.of(method.getGenericParameterTypes()));
                    yield new Callee.OfMethod(
                            target.toString(), new Callee.Invocation.Virtual(method), parameters);
                }
                case CONSTRUCTOR -> {
                    Constructor<?> constructor = constructor(owner, target);
                    yield new Callee.OfMethod(
                            target.toString(),
                            new Callee.Invocation.New(constructor),
                            List.of(constructor.getGenericParameterTypes()));
                }
            };
        } catch (InaccessibleObjectException closed) {
            throw new TargetException(
                    "%s is not open to the worker: %s".formatted(target, closed.getMessage()),
                    closed);
        } catch (LinkageError missing) {
            throw new TargetException(
                    ("%s needs a class the worker has not: %s; its class path must include it"
                                    + " (builder.classPath)")
                            .formatted(target, missing.getMessage()),
                    missing);
        }
    }

    private static Class<?> load(String name) throws TargetException {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        ClassLoader loader = context != null ? context : ClassLoader.getSystemClassLoader();
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError missing) {
            throw new TargetException(
                    ("the worker has no class %s; its class path must include it"
                                    + " (builder.classPath)")
                            .formatted(name),
                    missing);
        }
    }

    private static Method method(Class<?> owner, Target.Method target) throws TargetException {
        for (Class<?> at = owner; at != null; at = at.getSuperclass()) {
            Method found = method(at.getDeclaredMethods(), target);
            if (found != null) {
                return found;
            }
        }
        Method inherited = method(owner.getMethods(), target); // from interfaces
        if (inherited == null) {
            throw missing(target);
        }
        return inherited;
    }

    private static @Nullable Method method(Method[] methods, Target.Method target) {
        for (Method method : methods) {
            if (method.getName().equals(target.name())
                    && descriptor(method.getParameterTypes(), method.getReturnType())
                            .equals(target.descriptor())) {
                method.setAccessible(true);
                return method;
            }
        }
        return null;
    }

    private static Constructor<?> constructor(Class<?> owner, Target.Method target)
            throws TargetException {
        for (Constructor<?> constructor : owner.getDeclaredConstructors()) {
            if (descriptor(constructor.getParameterTypes(), void.class)
                    .equals(target.descriptor())) {
                constructor.setAccessible(true);
                return constructor;
            }
        }
        throw missing(target);
    }

    private static TargetException missing(Target.Method target) {
        return new TargetException(
                "the worker's %s has no %s%s: parent and worker run different versions of it"
                        .formatted(target.owner(), target.name(), target.descriptor()),
                null);
    }

    private static String descriptor(Class<?>[] parameters, Class<?> result) {
        StringBuilder descriptor = new StringBuilder("(");
        for (Class<?> parameter : parameters) {
            descriptor.append(parameter.descriptorString());
        }
        return descriptor.append(')').append(result.descriptorString()).toString();
    }
}
