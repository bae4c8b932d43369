package org.processpool.wire;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Generic types without their variables. Safe for use by several threads. */
public final class Generics {

    /** A generic class with its arguments. */
    private record Applied(Class<?> raw, List<Type> arguments) implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return arguments.toArray(new Type[0]);
        }

        @Override
        public Type getRawType() {
            return raw;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return null;
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(raw.getName()).append('<');
            for (int i = 0; i < arguments.size(); i++) {
                text.append(i == 0 ? "" : ", ").append(arguments.get(i).getTypeName());
            }
            return text.append('>').toString();
        }
    }

    /** An array of a generic class with its arguments. */
    private record ArrayOf(Type component) implements GenericArrayType {
        @Override
        public Type getGenericComponentType() {
            return component;
        }

        @Override
        public String toString() {
            return component.getTypeName() + "[]";
        }
    }

    private Generics() {}

    /**
     * What a class gives for the type parameters of one of its supertypes: for a class that
     * implements {@code Task<Point, String>}, the types of {@code Point} and {@code String}.
     *
     * @return one type per parameter; {@code Object} where the class leaves it open
     * @throws IllegalArgumentException if it is no supertype of the class
     */
    public static List<Type> argumentsOf(Class<?> type, Class<?> supertype) {
        if (!supertype.isAssignableFrom(type)) {
            throw new IllegalArgumentException(
                    "%s is not a %s".formatted(type.getName(), supertype.getName()));
        }
        return argumentsOf(type, Map.of(), supertype);
    }

    private static List<Type> argumentsOf(
            Class<?> type, Map<TypeVariable<?>, Type> bindings, Class<?> supertype) {
        if (type == supertype) {
            List<Type> arguments = new ArrayList<>();
            for (TypeVariable<?> parameter : type.getTypeParameters()) {
                arguments.add(close(parameter, bindings));
            }
            return arguments;
        }
        Type parent = type.getGenericSuperclass();
        if (parent != null && supertype.isAssignableFrom(raw(parent))) {
            return argumentsOf(raw(parent), bindings(close(parent, bindings)), supertype);
        }
        for (Type each : type.getGenericInterfaces()) {
            if (supertype.isAssignableFrom(raw(each))) {
                return argumentsOf(raw(each), bindings(close(each, bindings)), supertype);
            }
        }
        throw new IllegalArgumentException(
                "%s does not name %s".formatted(type.getName(), supertype.getName()));
    }

    /** The type with its variables replaced; open ones become the class of their bound. */
    static Type close(Type type, Map<TypeVariable<?>, Type> bindings) {
        if (type instanceof Class<?>) {
            return type;
        }
        if (type instanceof ParameterizedType applied) {
            List<Type> arguments = new ArrayList<>();
            for (Type argument : applied.getActualTypeArguments()) {
                arguments.add(close(argument, bindings));
            }
            return new Applied((Class<?>) applied.getRawType(), List.copyOf(arguments));
        }
        if (type instanceof GenericArrayType array) {
            Type component = close(array.getGenericComponentType(), bindings);
            return component instanceof Class<?> known ? known.arrayType() : new ArrayOf(component);
        }
        if (type instanceof WildcardType wildcard) {
            return close(wildcard.getUpperBounds()[0], bindings);
        }
        if (type instanceof TypeVariable<?> variable) {
            Type bound = bindings.get(variable);
            return bound != null ? bound : raw(variable);
        }
        throw new IllegalArgumentException("no type of ours: " + type.getTypeName());
    }

    /** What a closed type binds the variables of its class to. */
    static Map<TypeVariable<?>, Type> bindings(Type closed) {
        if (!(closed instanceof ParameterizedType applied)) {
            return Map.of();
        }
        TypeVariable<?>[] parameters = raw(closed).getTypeParameters();
        Type[] arguments = applied.getActualTypeArguments();
        Map<TypeVariable<?>, Type> bindings = new HashMap<>();
        for (int i = 0; i < parameters.length; i++) {
            bindings.put(parameters[i], arguments[i]);
        }
        return bindings;
    }

    /** The argument of a closed generic type, or {@code Object} if it has none. */
    static Type argument(Type closed, int index) {
        return closed instanceof ParameterizedType applied
                ? applied.getActualTypeArguments()[index]
                : Object.class;
    }

    /** The class of a type. */
    static Class<?> raw(Type type) {
        if (type instanceof Class<?> known) {
            return known;
        }
        if (type instanceof ParameterizedType applied) {
            return (Class<?>) applied.getRawType();
        }
        if (type instanceof GenericArrayType array) {
            return raw(array.getGenericComponentType()).arrayType();
        }
        if (type instanceof TypeVariable<?> variable) {
            return raw(variable.getBounds()[0]);
        }
        if (type instanceof WildcardType wildcard) {
            return raw(wildcard.getUpperBounds()[0]);
        }
        throw new IllegalArgumentException("no type of ours: " + type.getTypeName());
    }
}
