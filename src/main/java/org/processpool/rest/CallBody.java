package org.processpool.rest;

import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;

/** The body of a request as the input of a call. */
final class CallBody {

    /** What a body can be. */
    static final List<String> SUPPORTED =
            List.of(
                    MediaType.APPLICATION_JSON,
                    MediaType.APPLICATION_OCTET_STREAM,
                    MediaType.TEXT_PLAIN);

    static final String ACCEPT_POST = "Accept-Post";

    private CallBody() {}

    /**
     * The input, unopened: what is to be JSON is not checked to be some. No body is null.
     *
     * @param type its media type, if the client named one; else it is taken for JSON
     * @throws ProblemException if the media type is none of ours
     */
    static Payload read(byte[] body, @Nullable MediaType type) {
        if (isJson(type)) {
            return json(body);
        }
        if (is(type, MediaType.APPLICATION_OCTET_STREAM_TYPE)) {
            return Payload.bytes(body);
        }
        if (is(type, MediaType.TEXT_PLAIN_TYPE) && isUtf8(type)) {
            return new Payload(Payload.Encoding.TEXT, body);
        }
        if (body.length == 0) {
            return json(body); // a client that names a type for nothing, as curl -d '' does
        }
        Problem problem = unsupported(Sentence.of(Phrase.UNREADABLE_BODY, String.valueOf(type)));
        throw new ProblemException(problem, Map.of(ACCEPT_POST, String.join(", ", SUPPORTED)));
    }

    /** The problem of a body that cannot be read. */
    static Problem unsupported(Sentence detail) {
        return new Problem(ProblemType.UNSUPPORTED_MEDIA_TYPE, detail).with("supported", SUPPORTED);
    }

    private static Payload json(byte[] body) {
        return body.length == 0 ? Payload.json("null") : Payload.json(body);
    }

    /** Whether a body of this type, or of none, is JSON. */
    static boolean isJson(@Nullable MediaType type) {
        return type == null
                || is(type, MediaType.APPLICATION_JSON_TYPE)
                || type.getSubtype().endsWith("+json");
    }

    private static boolean is(@Nullable MediaType type, MediaType expected) {
        return type != null
                && type.getType().equalsIgnoreCase(expected.getType())
                && type.getSubtype().equalsIgnoreCase(expected.getSubtype());
    }

    private static boolean isUtf8(@Nullable MediaType type) {
        String charset =
                type == null ? null : type.getParameters().get(MediaType.CHARSET_PARAMETER);
        return charset == null
                || charset.equalsIgnoreCase("UTF-8")
                || charset.equalsIgnoreCase("US-ASCII");
    }
}
