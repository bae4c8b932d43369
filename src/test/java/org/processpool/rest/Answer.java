package org.processpool.rest;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An answer as it came over the line.
 *
 * @param method of the request
 * @param path of the request, as sent, without a query
 * @param status HTTP status
 * @param headers by name, in whatever case
 * @param body as text; empty if there was none
 */
record Answer(
        String method, String path, int status, Map<String, List<String>> headers, String body) {

    Answer {
        var anyCase = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        anyCase.putAll(headers);
        headers = anyCase;
    }

    Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /** The media type without parameters; empty if there is none. */
    String mediaType() {
        return header("Content-Type")
                .map(type -> type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT))
                .orElse("");
    }

    @Override
    public String toString() {
        return "%s %s answered %d %s %s"
                .formatted(
                        method,
                        path,
                        status,
                        headers,
                        body.length() > 1000 ? body.substring(0, 1000) + "..." : body);
    }
}
