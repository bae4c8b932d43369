package org.processpool.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.AsyncResult;

/**
 * How a job is to be ended.
 *
 * @param mode whether its worker may be killed
 * @param grace how long the task may take to give up by itself; empty is the pool's own
 */
record CancelRequest(AsyncResult.CancelMode mode, Optional<Duration> grace) {

    /**
     * What a body looks like, for the API's description only.
     *
     * @param mode soft only asks the task to end; kill, the default, ends its process if need be
     * @param graceMillis how long the task may take before that
     */
    @Schema(name = "CancelRequest", additionalProperties = Schema.False.class)
    record Form(
            @Schema(
                            enumeration = {"soft", "kill"},
                            nullable = true)
                    @Nullable String mode,
            @Schema(minimum = "0", maximum = "3600000", nullable = true)
                    @Nullable Long graceMillis) {}

    private static final long LONGEST_MILLIS = 60 * 60 * 1000;
    private static final Set<String> MEMBERS = Set.of("mode", "graceMillis");

    /**
     * Reads a body; no body is mode kill, which waits for the pool's grace first.
     *
     * @throws ProblemException malformed-json or invalid-request
     */
    static CancelRequest read(byte[] body) {
        if (body.length == 0) {
            return new CancelRequest(AsyncResult.CancelMode.KILL, Optional.empty());
        }
        JsonNode root = JsonSyntax.tree(body);
        Violations violations = new Violations();
        if (!root.isObject()) {
            violations.add(
                    "", Phrase.MUST_BE, Sentence.of(Phrase.AN_OBJECT), InputSchema.found(root));
            violations.throwIfAny();
        }
        root.fieldNames()
                .forEachRemaining(name -> {
                    if (!MEMBERS.contains(name)) {
                        violations.addUnknown(Violations.pointer("", name), name, MEMBERS);
                    }
                });
        AsyncResult.CancelMode mode =
                switch (root.path("mode").asText("kill")) {
                    case "soft" -> AsyncResult.CancelMode.SOFT;
                    case "kill" -> AsyncResult.CancelMode.KILL;
                    default -> {
                        violations.add(
                                "/mode", Phrase.AMONG, "soft | kill", root.path("mode").asText());
                        yield AsyncResult.CancelMode.KILL;
                    }
                };
        JsonNode millis = root.path("graceMillis");
        Optional<Duration> grace = Optional.empty();
        if (!millis.isMissingNode() && !millis.isNull()) {
            if (millis.isIntegralNumber()
                    && millis.canConvertToLong()
                    && millis.longValue() >= 0
                    && millis.longValue() <= LONGEST_MILLIS) {
                grace = Optional.of(Duration.ofMillis(millis.longValue()));
            } else {
                violations.add("/graceMillis", Phrase.FROM_TO, 0, LONGEST_MILLIS, millis);
            }
        }
        violations.throwIfAny();
        return new CancelRequest(mode, grace);
    }
}
