package org.processpool.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Optional;

/** Reading JSON. What only passes through is checked and stays the text it was. */
final class Json {

    static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build();

    private Json() {}

    /** The document, or empty if it is none. */
    static Optional<JsonNode> read(byte[] document) {
        try {
            JsonNode read = MAPPER.readTree(document);
            return read.isMissingNode() ? Optional.empty() : Optional.of(read);
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    /** Why a text is not one JSON value, with line and column; empty if it is one. */
    static Optional<String> fault(String text) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return Optional.of("it is empty");
            }
            parser.skipChildren();
            return parser.nextToken() == null
                    ? Optional.empty()
                    : Optional.of("there is more than one value");
        } catch (JsonProcessingException malformed) {
            return Optional.of(
                    "%s at line %d, column %d"
                            .formatted(
                                    malformed.getOriginalMessage(),
                                    malformed.getLocation().getLineNr(),
                                    malformed.getLocation().getColumnNr()));
        } catch (IOException impossible) {
            throw new IllegalStateException("a string cannot fail to be read", impossible);
        }
    }
}
