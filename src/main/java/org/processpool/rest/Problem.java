package org.processpool.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer that says what went wrong (RFC 9457).
 *
 * @param type what kind of thing
 * @param detail what happened this time, for people
 * @param extensions facts for programs, in order; a value that is null is left out
 */
record Problem(ProblemType type, String detail, Map<String, Object> extensions) {

    static final String MEDIA_TYPE = "application/problem+json";

    private static final ObjectMapper JSON = new ObjectMapper();

    Problem(ProblemType type, String detail) {
        this(type, detail, Map.of());
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

    /** The body. */
    byte[] json() {
        var members = new LinkedHashMap<String, Object>();
        members.put("type", type.path());
        members.put("title", type.title());
        members.put("status", type.status());
        members.put("detail", detail);
        members.putAll(extensions);
        try {
            return JSON.writeValueAsBytes(members);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("extensions of " + type + " are no JSON", impossible);
        }
    }

    /** The headers an answer of this kind always has. */
    Map<String, String> headers() {
        var headers = new LinkedHashMap<String, String>();
        headers.put(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE);
        headers.put(HttpHeaders.CACHE_CONTROL, "no-store");
        if (type.retryAfterSeconds() > 0) {
            headers.put(HttpHeaders.RETRY_AFTER, Integer.toString(type.retryAfterSeconds()));
        }
        return headers;
    }

    /** The answer, open for more headers. */
    Response.ResponseBuilder answer() {
        Response.ResponseBuilder answer = Response.status(type.status()).entity(json());
        headers().forEach(answer::header);
        return answer;
    }
}
