package org.processpool.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Reads JSON only to see whether it is some. */
final class JsonSyntax {

    /** RFC 8259 has UTF-8 and nothing else, so there is nothing to detect. */
    private static final JsonFactory JSON =
            JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

    private JsonSyntax() {}

    /**
     * Reads all of it.
     *
     * @throws ProblemException unless it is exactly one JSON value in UTF-8, not nested too deep
     */
    static void check(byte[] utf8) {
        try (JsonParser parser = JSON.createParser(utf8)) {
            if (parser.nextToken() == null) {
                throw malformed("the body is blank", parser.currentLocation());
            }
            parser.skipChildren();
            parser.finishToken();
            if (parser.nextToken() != null) {
                throw malformed("more follows after the JSON value", parser.currentTokenLocation());
            }
        } catch (JsonProcessingException malformed) {
            throw malformed(malformed.getOriginalMessage(), malformed.getLocation());
        } catch (IOException invalid) {
            throw new UncheckedIOException("an array cannot fail to be read", invalid);
        }
    }

    private static ProblemException malformed(String detail, @Nullable JsonLocation where) {
        Problem problem = new Problem(ProblemType.MALFORMED_JSON, detail);
        return new ProblemException(
                where == null
                        ? problem
                        : problem.with("line", where.getLineNr())
                                .with("column", where.getColumnNr()));
    }
}
