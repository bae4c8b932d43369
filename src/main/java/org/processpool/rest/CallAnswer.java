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
import org.processpool.task.Payload;
import org.processpool.wire.TaskDescription;

/** The result of a call as the body of an answer: the bare value. */
final class CallAnswer {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final CBORFactory CBOR = new CBORFactory();

    private CallAnswer() {}

    /**
     * The answer, open for more headers.
     *
     * @throws ProblemException if the worker sent something that is not what it says
     */
    static Response.ResponseBuilder of(Payload result, TaskDescription task) {
        Response.ResponseBuilder answer =
                switch (result.encoding()) {
                    case JSON -> json(result.bytes());
                    case CBOR -> json(fromCbor(result.bytes(), task));
                    case TEXT -> json(quoted(result));
                    case BYTES -> Response.ok(result.bytes(), task.produces());
                };
        return answer.header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.VARY, "Prefer, Accept");
    }

    private static Response.ResponseBuilder json(byte[] utf8) {
        return Response.ok(utf8, MediaType.APPLICATION_JSON_TYPE);
    }

    private static byte[] quoted(Payload text) {
        try {
            return JSON.writeValueAsBytes(text.text());
        } catch (IOException impossible) {
            throw new IllegalStateException("a string is always JSON", impossible);
        }
    }

    private static byte[] fromCbor(byte[] cbor, TaskDescription task) {
        var bytes = new ByteArrayOutputStream(cbor.length * 2);
        try (JsonParser parser = CBOR.createParser(cbor);
                JsonGenerator generator = JSON.createGenerator(bytes)) {
            parser.nextToken();
            generator.copyCurrentStructure(parser);
        } catch (IOException malformed) {
            throw new ProblemException(
                    new Problem(ProblemType.INVALID_RESULT, Phrase.RESULT_NOT_CBOR, task.name()));
        }
        return bytes.toByteArray();
    }
}
