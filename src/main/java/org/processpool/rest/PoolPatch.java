package org.processpool.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.processpool.pool.PoolChange;

/** Reads a JSON merge patch (RFC 7396) of a pool's settings. */
final class PoolPatch {

    static final String MEDIA_TYPE = "application/merge-patch+json";

    /** What can be patched, its range, and what it is in the pool. */
    private record Member(
            String name, int least, int most, Setter set, Function<PoolChange, OptionalInt> get) {

        boolean mayBe(JsonNode value) {
            return value.isIntegralNumber()
                    && value.canConvertToInt()
                    && value.intValue() >= least
                    && value.intValue() <= most;
        }
    }

    private interface Setter {
        PoolChange in(PoolChange change, int value);
    }

    private static final int MOST_PROCESSES = 4096;

    /** Of two members the one that bounds the other comes first. */
    private static final List<Member> MEMBERS =
            List.of(
                    new Member(
                            "size",
                            1,
                            MOST_PROCESSES,
                            PoolChange::processes,
                            PoolChange::processes),
                    new Member(
                            "minProcesses",
                            0,
                            MOST_PROCESSES,
                            PoolChange::minProcesses,
                            PoolChange::minProcesses),
                    new Member(
                            "maxTasksPerWorker",
                            0,
                            Integer.MAX_VALUE,
                            PoolChange::maxTasksPerChild,
                            PoolChange::maxTasksPerChild),
                    new Member(
                            "queueLimit",
                            0,
                            Integer.MAX_VALUE,
                            PoolChange::queueLimit,
                            PoolChange::queueLimit));

    private PoolPatch() {}

    /**
     * What the body asks for.
     *
     * @param initial the settings that a member of value null brings back
     * @throws ProblemException malformed-json, or invalid-request with all that cannot be
     */
    static PoolChange read(byte[] body, PoolChange initial) {
        JsonNode root = JsonSyntax.tree(body);
        var violations = new Violations();
        if (!root.isObject()) {
            violations.add(
                    "", Phrase.MUST_BE, Sentence.of(Phrase.AN_OBJECT), InputSchema.found(root));
            throw violations.problem();
        }
        List<String> known = MEMBERS.stream().map(Member::name).toList();
        root.fieldNames()
                .forEachRemaining(name -> {
                    if (!known.contains(name)) {
                        violations.addUnknown(Violations.pointer("", name), name, known);
                    }
                });
        PoolChange change = PoolChange.NONE;
        for (Member member : MEMBERS) {
            Optional<JsonNode> value = root.optional(member.name());
            if (value.isPresent()) {
                change = read(member, value.get(), change, initial, violations);
            }
        }
        violations.throwIfAny();
        return change;
    }

    private static PoolChange read(
            Member member,
            JsonNode value,
            PoolChange change,
            PoolChange initial,
            Violations violations) {
        String pointer = Violations.pointer("", member.name());
        if (!value.isNull() && !member.mayBe(value)) {
            if (member.most() == Integer.MAX_VALUE) {
                violations.add(pointer, Phrase.INTEGER_FROM, member.least(), value);
            } else {
                violations.add(pointer, Phrase.FROM_TO, member.least(), member.most(), value);
            }
            return change;
        }
        try {
            return member.set()
                    .in(
                            change,
                            value.isNull()
                                    ? member.get().apply(initial).orElseThrow()
                                    : value.intValue());
        } catch (IllegalArgumentException overSize) {
            violations.add(pointer, Phrase.OVER_SIZE);
            return change;
        }
    }

    /** The problem of a change that does not fit the pool's size as it is. */
    static ProblemException overSize() {
        var violations = new Violations();
        violations.add("/minProcesses", Phrase.OVER_SIZE);
        return violations.problem();
    }
}
