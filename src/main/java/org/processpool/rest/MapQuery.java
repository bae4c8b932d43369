package org.processpool.rest;

import io.vertx.core.MultiMap;
import java.util.List;

/**
 * How a map is to be done, as its query says.
 *
 * @param inInputOrder whether results come in the order of the items or as they are there
 * @param chunk items per call, 1 to {@link #MOST_PER_CHUNK}
 * @param chunkGiven whether the client has said so
 * @param stops whether the first failed item is the last
 * @param star whether each item is an array of positional arguments
 * @param detached whether items go on when the client has gone
 */
record MapQuery(
        boolean inInputOrder,
        int chunk,
        boolean chunkGiven,
        boolean stops,
        boolean star,
        boolean detached) {

    /** A chunk's items are held until the last of them has its result. */
    static final int MOST_PER_CHUNK = 10_000;

    private static final List<String> NAMES =
            List.of("order", "chunk", "onError", "star", "detach");

    private enum Order {
        INPUT,
        COMPLETION
    }

    private enum OnError {
        CONTINUE,
        STOP
    }

    private enum Flag {
        FALSE,
        TRUE
    }

    /**
     * Reads a query.
     *
     * @throws ProblemException naming the parameters that are unknown or whose value cannot be
     */
    static MapQuery of(MultiMap query) {
        var violations = new Violations();
        for (String name : query.names()) {
            if (!NAMES.contains(name)) {
                violations.addUnknown(name, name, NAMES);
            }
        }
        violations.throwIfAny();
        var parameters = new Parameters();
        var read =
                new MapQuery(
                        choice(parameters, query, "order", Order.INPUT) == Order.INPUT,
                        (int) parameters.number("chunk", query.get("chunk"), 1, 1, MOST_PER_CHUNK),
                        query.contains("chunk"),
                        choice(parameters, query, "onError", OnError.CONTINUE) == OnError.STOP,
                        choice(parameters, query, "star", Flag.FALSE) == Flag.TRUE,
                        choice(parameters, query, "detach", Flag.FALSE) == Flag.TRUE);
        parameters.throwIfAny();
        return read;
    }

    private static <E extends Enum<E>> E choice(
            Parameters parameters, MultiMap query, String name, E otherwise) {
        return parameters
                .oneOf(name, query.get(name), otherwise.getDeclaringClass())
                .orElse(otherwise);
    }
}
