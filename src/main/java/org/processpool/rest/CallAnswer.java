package org.processpool.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import org.processpool.task.Payload;

/** The result of a call as the body of an answer: the bare value. */
final class CallAnswer {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final CBORFactory CBOR = new CBORFactory();

    private CallAnswer() {}

    /**
     * The answer, open for more headers.
     *
     * @param produces the media type of a result that is bytes
     * @throws ProblemException if the worker sent something that is not what it says
     */
    static Response.ResponseBuilder of(Payload result, String produces) {
        Response.ResponseBuilder answer =
                result.encoding() == Payload.Encoding.BYTES
                        ? Response.ok(result.bytes(), produces)
                        : Response.ok(json(result), MediaType.APPLICATION_JSON_TYPE);
        return answer.header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.VARY, "Prefer, Accept");
    }

    /**
     * A result that is no bytes, as JSON text; bytes as a string in base64.
     *
     * @throws ProblemException if the worker sent something that is not what it says
     */
    static byte[] json(Payload result) {
        return switch (result.encoding()) {
            case JSON -> onOneLine(result.bytes());
            case CBOR -> fromCbor(result.bytes());
            case TEXT -> quoted(result.text());
            case BYTES -> quoted(Base64.getEncoder().encodeToString(result.bytes()));
        };
    }

    /**
     * Newlines between the tokens of JSON mean no more than blanks, and lines may be counted on.
     */
    private static byte[] onOneLine(byte[] json) {
        byte[] line = null;
        for (int i = 0; i < json.length; i++) {
            if (json[i] == '\n' || json[i] == '\r') {
                line = line == null ? json.clone() : line;
                line[i] = ' ';
            }
        }
        return line == null ? json : line;
    }

    private static byte[] quoted(String text) {
        try {
            return JSON.writeValueAsBytes(text);
        } catch (IOException impossible) {
            throw new IllegalStateException("a string is always JSON", impossible);
        }
    }

    private static byte[] fromCbor(byte[] cbor) {
        var bytes = new ByteArrayOutputStream(cbor.length * 2);
        try (JsonParser parser = CBOR.createParser(cbor);
                JsonGenerator generator = JSON.createGenerator(bytes)) {
            parser.nextToken();
            generator.copyCurrentStructure(parser);
        } catch (IOException malformed) {
            throw new ProblemException(
                    new Problem(ProblemType.INVALID_RESULT, Phrase.RESULT_NOT_CBOR));
        }
        return bytes.toByteArray();
    }
}
