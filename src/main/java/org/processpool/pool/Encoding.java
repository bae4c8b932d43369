package org.processpool.pool;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.wire.Codec;
import org.processpool.wire.SequenceWriter;

/** Turns what a caller gives into what travels. */
final class Encoding {

    private Encoding() {}

    static Payload arguments(List<? extends @Nullable Object> values) {
        return Codec.encodeArguments(values);
    }

    /**
     * One input.
     *
     * @throws PoolRejectedException.PayloadTooLarge if it is over the limit
     */
    static Call.Body single(Work<?, ?> work, @Nullable Object input, int maxPayload) {
        boolean star = input instanceof Arguments;
        Payload payload =
                input instanceof Arguments arguments
                        ? arguments(arguments.values())
                        : Codec.encode(input);
        limit(work, payload, maxPayload);
        return new Call.Body.Single(work.target(), star, payload);
    }

    /** Several inputs, gathered for one call. For one thread. */
    static final class Gathering {
        private final Work<?, ?> work;
        private final int maxPayload;
        private final int expected;
        private @Nullable SequenceWriter writer;
        private boolean star;
        private boolean json;

        Gathering(Work<?, ?> work, int maxPayload, int expectedItems) {
            this.work = work;
            this.maxPayload = maxPayload;
            this.expected = Math.min(1 << 20, 8 * expectedItems);
        }

        void add(@Nullable Object item) {
            SequenceWriter to = writer;
            if (to == null) {
                star = item instanceof Arguments;
                json = item instanceof Payload(Payload.Encoding e, _) && e == Payload.Encoding.JSON;
                to =
                        new SequenceWriter(
                                json ? Payload.Encoding.JSON : Payload.Encoding.CBOR, expected);
                writer = to;
            }
            if (star != item instanceof Arguments) {
                throw new IllegalArgumentException(
                        "the items of a map must all be Arguments, or none");
            }
            if (item instanceof Arguments arguments) {
                to.add(arguments.values());
            } else if (json && item instanceof Payload payload) {
                to.addJson(payload.bytes());
            } else {
                to.add(item);
            }
        }

        int count() {
            return writer == null ? 0 : writer.count();
        }

        /** Bytes so far. */
        int size() {
            return writer == null ? 0 : writer.size();
        }

        Call.Body body() {
            SequenceWriter from = writer;
            if (from == null) {
                throw new IllegalStateException("nothing was gathered");
            }
            int count = from.count();
            Payload payload = from.payload();
            limit(work, payload, maxPayload);
            return new Call.Body.Chunk(work.target(), star, count, payload);
        }
    }

    /** A decoded value as what the work's type promises it to be. */
    @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
    static <O extends @Nullable Object> O promised(@Nullable Object decoded) {
        return (O) decoded;
    }

    static void limit(Work<?, ?> work, Payload payload, int maxPayload) {
        if (payload.size() > maxPayload) {
            throw new PoolRejectedException.PayloadTooLarge(
                    work.toString(), payload.size(), maxPayload);
        }
    }
}
