package org.processpool.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer that says what went wrong (RFC 9457).
 *
 * @param type what kind of thing
 * @param detail what happened this time, for people
 * @param extensions facts for programs, in order; a value that is null is left out, and lists of
 *     {@link Violation} are told in the reader's language
 */
record Problem(ProblemType type, Sentence detail, Map<String, Object> extensions) {

    static final String MEDIA_TYPE = "application/problem+json";

    private static final ObjectMapper JSON = new ObjectMapper();

    Problem(ProblemType type, Phrase detail, Object... arguments) {
        this(type, Sentence.of(detail, arguments), Map.of());
    }

    Problem(ProblemType type, Sentence detail) {
        this(type, detail, Map.of());
    }

    /** With a text that somebody else said and that nobody translates. */
    Problem(ProblemType type, String quoted) {
        this(type, Sentence.quoted(quoted), Map.of());
    }

    /**
     * A problem that was written down before, such as the end of a job.
     *
     * @param members all its members
     */
    static Problem restored(Map<String, Object> members) {
        String path = String.valueOf(members.get("type"));
        ProblemType type =
                ProblemType.ofSlug(path.substring(path.lastIndexOf('/') + 1))
                        .orElseThrow(() -> new IllegalStateException("no problem is " + path));
        var extensions = new LinkedHashMap<>(members);
        extensions.keySet().removeAll(List.of("type", "title", "status", "detail", "traceId"));
        return new Problem(
                type, Sentence.quoted(String.valueOf(members.get("detail"))), extensions);
    }

    /** The same with one more fact, unless that is null. */
    Problem with(String name, @Nullable Object value) {
        if (value == null) {
            return this;
        }
        var more = new LinkedHashMap<>(extensions);
        more.put(name, value);
        return new Problem(type, detail, more);
    }

    /** The members, for a problem inside of something else. */
    Map<String, Object> members(Audience audience) {
        var members = new LinkedHashMap<String, Object>();
        members.put("type", type.uri(audience.problemBase()));
        members.put("title", type.title());
        members.put("status", type.status());
        members.put("detail", detail.in(audience.language()));
        extensions.forEach((name, value) -> members.put(name, told(value, audience.language())));
        members.put("traceId", audience.traceId());
        return members;
    }

    private static Object told(Object value, Language language) {
        return switch (value) {
            case Violation violation -> violation.in(language);
            case List<?> list -> list.stream().map(each -> told(each, language)).toList();
            default -> value;
        };
    }

    /** The body. */
    byte[] json(Audience audience) {
        try {
            return JSON.writeValueAsBytes(members(audience));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("extensions of " + type + " are no JSON", impossible);
        }
    }

    /** The headers an answer of this kind always has. */
    Map<String, String> headers(Audience audience) {
        var headers = new LinkedHashMap<String, String>();
        headers.put(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE);
        headers.put(HttpHeaders.CONTENT_LANGUAGE, audience.language().tag());
        headers.put(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE);
        headers.put(HttpHeaders.CACHE_CONTROL, "no-store");
        if (type.retryAfterSeconds() > 0) {
            headers.put(HttpHeaders.RETRY_AFTER, Integer.toString(type.retryAfterSeconds()));
        }
        return headers;
    }

    /** The answer, open for more headers. */
    Response.ResponseBuilder answer(Audience audience) {
        Response.ResponseBuilder answer = Response.status(type.status()).entity(json(audience));
        headers(audience).forEach(answer::header);
        return answer;
    }
}
