package org.processpool.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import org.processpool.task.Payload;

/** What a worker replies, as text: a string as it is, anything else as JSON. */
final class Spoken {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper CBOR = new CBORMapper();

    private Spoken() {}

    /**
     * The text.
     *
     * @throws IOException if it is not what its encoding says
     */
    static String text(Payload reply) throws IOException {
        return switch (reply.encoding()) {
            case TEXT, BYTES -> reply.text();
            case JSON -> text(JSON.readTree(reply.bytes()));
            case CBOR -> text(CBOR.readTree(reply.bytes()));
        };
    }

    private static String text(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return "";
        }
        return value.isTextual() ? value.textValue() : value.toString();
    }
}
