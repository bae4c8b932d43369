package org.processpool.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.TokenStreamFactory;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;

/** The two data formats, each loaded at its first use. */
enum Formats {
    JSON {
        @Override
        TokenStreamFactory factory() {
            return JsonHolder.FACTORY;
        }
    },
    CBOR {
        @Override
        TokenStreamFactory factory() {
            return CborHolder.FACTORY;
        }
    };

    /** Deepest nesting of a value. */
    static final int DEPTH = 1000;

    /** Most digits of a number. */
    private static final int DIGITS = 100_000;

    /** Depth is watched when shapes are written. */
    private static final StreamWriteConstraints UNLIMITED =
            StreamWriteConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build();

    abstract TokenStreamFactory factory();

    JsonParser parser(byte[] bytes, int from, int length) throws IOException {
        return factory().createParser(bytes, from, length);
    }

    JsonGenerator generator(ByteSink sink) throws IOException {
        return factory().createGenerator(sink);
    }

    private static StreamReadConstraints limits() {
        return StreamReadConstraints.builder()
                .maxNestingDepth(DEPTH)
                .maxStringLength(Integer.MAX_VALUE)
                .maxNumberLength(DIGITS)
                .build();
    }

    private static final class JsonHolder {
        static final JsonFactory FACTORY =
                new JsonFactoryBuilder()
                        .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
                        .rootValueSeparator("")
                        .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                        .streamReadConstraints(limits())
                        .streamWriteConstraints(UNLIMITED)
                        .build();
    }

    private static final class CborHolder {
        static final CBORFactory FACTORY =
                CBORFactory.builder()
                        .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
                        .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                        .streamReadConstraints(limits())
                        .streamWriteConstraints(UNLIMITED)
                        .build();
    }
}
