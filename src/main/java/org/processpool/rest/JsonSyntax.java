package org.processpool.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads JSON to see whether it is some. */
final class JsonSyntax {

    private static final int DIGITS = 100_000;

    /**
     * RFC 8259 has UTF-8 and nothing else, so there is nothing to detect. What is too long for a
     * worker, or nested too deep, is for the worker's own limits to refuse, which are these.
     */
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(1000)
                                    .maxNumberLength(DIGITS)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private static final ObjectMapper TREES =
            JsonMapper.builder(JSON)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .nodeFactory(new Nodes())
                    .build();

    private JsonSyntax() {}

    /** A parser of JSON that was checked here, with the same limits. */
    static JsonParser parser(byte[] utf8) throws IOException {
        return JSON.createParser(utf8);
    }

    /** Makes nodes that know a number written with a fraction or an exponent for what it is. */
    private static final class Nodes extends JsonNodeFactory {
        private static final long serialVersionUID = 1;

        @Override
        public ValueNode numberNode(@Nullable BigDecimal value) {
            return value == null ? nullNode() : new Fraction(value);
        }
    }

    /**
     * No integer to a worker, not even 1.0. Whoever compares it gets a value that is as large as
     * any bound but can be written out, which the schema library does: the digits of 1e999999999
     * would fill the memory.
     */
    private static final class Fraction extends DecimalNode {
        private static final long serialVersionUID = 1;
        private static final int LARGEST_EXPONENT = 1000;

        Fraction(BigDecimal value) {
            super(value);
        }

        @Override
        public BigDecimal decimalValue() {
            BigDecimal value = super.decimalValue();
            long exponent = (long) value.precision() - value.scale();
            return Math.abs(exponent) <= LARGEST_EXPONENT && value.scale() <= DIGITS
                    ? value
                    : BigDecimal.valueOf(value.signum())
                            .scaleByPowerOfTen(exponent > 0 ? LARGEST_EXPONENT : -LARGEST_EXPONENT);
        }

        @Override
        public boolean canConvertToExactIntegral() {
            return false;
        }
    }

    /** What is done with a parser that stands at the first token of a value; it reads all of it. */
    @FunctionalInterface
    interface Reading<R extends @Nullable Object> {
        R of(JsonParser parser) throws IOException;
    }

    /**
     * Reads all of it.
     *
     * @throws ProblemException unless it is exactly one JSON value in UTF-8, not nested too deep
     */
    static void check(byte[] utf8) {
        if (isShortInteger(utf8)) {
            return; // not worth a parser
        }
        read(
                utf8,
                parser -> {
                    parser.skipChildren();
                    parser.finishToken();
                    return null;
                });
    }

    /**
     * The value as a tree.
     *
     * @throws ProblemException as {@link #check}
     */
    static JsonNode tree(byte[] utf8) {
        return read(utf8, TREES::readTree);
    }

    /**
     * The value as somebody reads it.
     *
     * @throws ProblemException as {@link #check}
     */
    static <R extends @Nullable Object> R read(byte[] utf8, Reading<R> reading) {
        refuseOtherThanUtf8(utf8);
        try (JsonParser parser = JSON.createParser(utf8)) {
            if (parser.nextToken() == null) {
                throw malformed(Sentence.of(Phrase.BLANK_BODY), parser.currentLocation());
            }
            R value = reading.of(parser);
            if (parser.nextToken() != null) {
                throw malformed(Sentence.of(Phrase.MORE_AFTER_JSON), parser.currentTokenLocation());
            }
            return value;
        } catch (JsonProcessingException malformed) {
            throw malformed(
                    Sentence.of(Phrase.NOT_JSON, malformed.getOriginalMessage()),
                    malformed.getLocation());
        } catch (IOException invalid) {
            throw new UncheckedIOException("an array cannot fail to be read", invalid);
        }
    }

    private static boolean isShortInteger(byte[] utf8) {
        if (utf8.length == 0 || utf8.length > 18 || (utf8[0] == '0' && utf8.length > 1)) {
            return false;
        }
        for (byte each : utf8) {
            if (each < '0' || each > '9') {
                return false;
            }
        }
        return true;
    }

    /** The parser lets overlong forms and surrogates pass. */
    private static void refuseOtherThanUtf8(byte[] bytes) {
        int at = 0;
        while (at < bytes.length && bytes[at] >= 0) {
            at++;
        }
        if (at == bytes.length) {
            return;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, at, bytes.length - at);
        CharBuffer out = CharBuffer.allocate(1024);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CoderResult end = decoder.decode(in, out, true);
        while (end.isOverflow()) {
            out.clear();
            end = decoder.decode(in, out, true);
        }
        if (end.isError()) {
            int line = 1;
            int column = 1;
            for (int i = 0; i < in.position(); i++) {
                column = bytes[i] == '\n' ? 1 : column + 1;
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw new ProblemException(
                    new Problem(ProblemType.MALFORMED_JSON, Phrase.NOT_UTF_8)
                            .with("line", line)
                            .with("column", column));
        }
    }

    private static ProblemException malformed(Sentence detail, @Nullable JsonLocation where) {
        Problem problem = new Problem(ProblemType.MALFORMED_JSON, detail);
        return new ProblemException(
                where == null
                        ? problem
                        : problem.with("line", where.getLineNr())
                                .with("column", where.getColumnNr()));
    }
}
