package org.processpool.wire;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.SequencedCollection;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.processpool.task.Payload;

/** Finds the shape of a type, once per type. Safe for use by several threads. */
final class Shapes {

    private static final ClassValue<Shape> CLASSES =
            new ClassValue<>() {
                @Override
                protected Shape computeValue(Class<?> type) {
                    return resolve(type, type);
                }
            };

    private static final ConcurrentMap<Type, Shape> APPLIED = new ConcurrentHashMap<>();

    private Shapes() {}

    /** The shape of a type; an unsupported one has a shape that refuses every value. */
    static Shape of(Type type) {
        if (type instanceof Class<?> known) {
            return CLASSES.get(known);
        }
        Shape found = APPLIED.get(type);
        return found != null ? found : ofApplied(type);
    }

    private static Shape ofApplied(Type type) {
        Type closed = Generics.close(type, Map.of());
        if (closed instanceof Class<?> known) {
            return CLASSES.get(known);
        }
        Shape found = APPLIED.get(closed);
        if (found == null) {
            // not computeIfAbsent, which must not be entered again for the type's own parts
            Shape resolved = resolve(Generics.raw(closed), closed);
            Shape earlier = APPLIED.putIfAbsent(closed, resolved);
            found = earlier != null ? earlier : resolved;
        }
        APPLIED.put(type, found);
        return found;
    }

    private static Shape resolve(Class<?> raw, Type closed) {
        Scalar scalar = Scalar.of(raw);
        if (scalar != null) {
            return raw.isPrimitive() && raw != void.class ? new PrimitiveShape(scalar) : scalar;
        }
        if (raw == Object.class) {
            return AnyShape.ANY;
        }
        if (raw.isRecord()) {
            return raw == Payload.class ? PayloadShape.PAYLOAD : new RecordShape(raw, closed);
        }
        if (raw.isArray()) {
            Type component =
                    closed instanceof GenericArrayType generic
                            ? generic.getGenericComponentType()
                            : raw.componentType();
            return new ArrayShape(raw.componentType(), of(component));
        }
        if (raw.isEnum()) {
            return new EnumShape(raw);
        }
        if (Enum.class.isAssignableFrom(raw) && raw != Enum.class) {
            return of(raw.getSuperclass()); // a constant with a body of its own
        }
        if (Iterable.class.isAssignableFrom(raw)) {
            return collection(raw, closed);
        }
        if (Map.class.isAssignableFrom(raw)) {
            return map(raw, closed);
        }
        return optional(raw, closed);
    }

    private static Shape collection(Class<?> raw, Type closed) {
        Shape element = of(Generics.argument(closed, 0));
        if (raw == Iterable.class
                || raw == Collection.class
                || raw == SequencedCollection.class
                || raw == List.class
                || raw == ArrayList.class) {
            return new CollectionShape(CollectionShape.Kind.LIST, element);
        }
        if (raw == Set.class
                || raw == SequencedSet.class
                || raw == HashSet.class
                || raw == LinkedHashSet.class) {
            return new CollectionShape(CollectionShape.Kind.SET, element);
        }
        if (raw == SortedSet.class || raw == NavigableSet.class || raw == TreeSet.class) {
            return new CollectionShape(CollectionShape.Kind.SORTED_SET, element);
        }
        if (raw == Queue.class || raw == Deque.class || raw == ArrayDeque.class) {
            return new CollectionShape(CollectionShape.Kind.QUEUE, element);
        }
        return Collection.class.isAssignableFrom(raw)
                ? new CollectionShape(CollectionShape.Kind.OTHER, AnyShape.ANY)
                : new UnsupportedShape(closed);
    }

    private static Shape map(Class<?> raw, Type closed) {
        Shape key = of(Generics.argument(closed, 0));
        Shape value = of(Generics.argument(closed, closed instanceof Class<?> ? 0 : 1));
        if (raw == Map.class
                || raw == SequencedMap.class
                || raw == HashMap.class
                || raw == LinkedHashMap.class) {
            return new MapShape(MapShape.Kind.HASHED, key, value);
        }
        if (raw == SortedMap.class || raw == NavigableMap.class || raw == TreeMap.class) {
            return new MapShape(MapShape.Kind.SORTED, key, value);
        }
        return new MapShape(MapShape.Kind.OTHER, AnyShape.ANY, AnyShape.ANY);
    }

    private static Shape optional(Class<?> raw, Type closed) {
        if (raw == Optional.class) {
            return new OptionalShape(
                    OptionalShape.Kind.REFERENCE, of(Generics.argument(closed, 0)));
        }
        if (raw == OptionalInt.class) {
            return new OptionalShape(OptionalShape.Kind.INT, Scalar.INT);
        }
        if (raw == OptionalLong.class) {
            return new OptionalShape(OptionalShape.Kind.LONG, Scalar.LONG);
        }
        if (raw == OptionalDouble.class) {
            return new OptionalShape(OptionalShape.Kind.DOUBLE, Scalar.DOUBLE);
        }
        return new UnsupportedShape(closed);
    }
}
