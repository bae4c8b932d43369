package org.processpool.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A line of a map's answer.
 *
 * @param index which item, from 0; -1 for none
 * @param ok whether it has a result
 * @param result the JSON text of it as the server wrote it, or {@code null}
 * @param problem why there is none, or null
 * @param end whether it is the last line, which is no item's
 */
record ItemLine(long index, boolean ok, String result, @Nullable Problem problem, boolean end) {

    /** Unlike the mapper it minds nothing that follows. */
    private static final ObjectReader PART =
            Json.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * Reads a line.
     *
     * @throws CommandFailed if it is none
     */
    static ItemLine of(byte[] line) throws CommandFailed {
        long index = -1;
        boolean ok = false;
        boolean end = false;
        String result = "null";
        Problem problem = null;
        try (JsonParser parser = Json.MAPPER.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("it is no object");
            }
            for (String name; (name = parser.nextFieldName()) != null; ) {
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "index" -> index = parser.getLongValue();
                    case "ok" -> ok = value == JsonToken.VALUE_TRUE;
                    case "end" -> end = value == JsonToken.VALUE_TRUE;
                    case "result" -> result = text(parser, line);
                    case "error" -> problem = problem(parser);
                    default -> parser.skipChildren();
                }
            }
            if (!parser.hasToken(JsonToken.END_OBJECT)) {
                throw new IOException("it is no whole object");
            }
        } catch (IOException strange) {
            throw new CommandFailed(
                    ExitCode.TROUBLE,
                    new Problem(
                            "Unexpected answer",
                            "a line of the results cannot be read: "
                                    + new String(line, StandardCharsets.UTF_8)));
        }
        return new ItemLine(index, ok, result, problem, end);
    }

    /** The text of the value that the parser is at, as it stands: numbers keep their digits. */
    private static String text(JsonParser parser, byte[] line) throws IOException {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        int to = (int) parser.currentLocation().getByteOffset();
        return new String(line, from, to - from, StandardCharsets.UTF_8);
    }

    private static @Nullable Problem problem(JsonParser parser) throws IOException {
        JsonNode json = PART.readTree(parser);
        return json.isObject() ? new Problem(json) : null;
    }
}
