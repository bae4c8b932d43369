package org.processpool.rest;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The name of an operation that has none, made of its method and path, so that it stays the same as
 * long as these do: {@code getTask}, {@code listPoolWorkers}, {@code cancelJob}.
 */
final class OperationNames {

    private final Set<String> paths;

    OperationNames(Set<String> paths) {
        this.paths = Set.copyOf(paths);
    }

    String of(String method, String path) {
        List<String> parts =
                Arrays.stream(path.split("/", -1))
                        .filter(part -> !part.isEmpty() && !part.equals("v1"))
                        .toList();
        if (parts.isEmpty()) {
            return verb(method, false) + "Home";
        }
        String last = parts.getLast();
        int colon = last.indexOf(':');
        if (colon >= 0) {
            return last.substring(colon + 1) + ofOne(parts);
        }
        if (isVariable(last)) {
            return verb(method, false) + ofOne(parts);
        }
        boolean collection = paths.stream().anyMatch(other -> other.startsWith(path + "/{"));
        String owner = parts.size() > 1 ? ofOne(parts.subList(0, parts.size() - 1)) : "";
        return collection && method.equals("POST")
                ? "create" + owner + singular(camel(last))
                : verb(method, collection) + owner + camel(last);
    }

    /** What the last variable stands for: the singular of the collection it is in. */
    private static String ofOne(List<String> parts) {
        for (int i = parts.size() - 1; i >= 0; i--) {
            if (!isVariable(parts.get(i))) {
                return singular(camel(parts.get(i)));
            }
        }
        return "";
    }

    private static boolean isVariable(String part) {
        return part.startsWith("{");
    }

    private static String verb(String method, boolean collection) {
        return switch (method) {
            case "GET" -> collection ? "list" : "get";
            case "PATCH" -> "update";
            case "PUT" -> "replace";
            default -> method.toLowerCase(Locale.ROOT);
        };
    }

    private static String camel(String words) {
        var camel = new StringBuilder();
        for (String word : words.split("[^A-Za-z0-9]+", -1)) {
            if (!word.isEmpty()) {
                camel.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
            }
        }
        return camel.toString();
    }

    private static String singular(String plural) {
        if (plural.endsWith("ies")) {
            return plural.substring(0, plural.length() - 3) + "y";
        }
        return plural.endsWith("s") ? plural.substring(0, plural.length() - 1) : plural;
    }
}
