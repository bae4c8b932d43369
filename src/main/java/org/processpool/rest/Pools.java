package org.processpool.rest;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.processpool.pool.ProcessPool;

/** The pools of the service, in a fixed order. */
public final class Pools {

    /** The name of the pool that is always there. */
    public static final String DEFAULT = "default";

    private final Map<String, ProcessPool> byName;

    public Pools(Map<String, ProcessPool> byName) {
        this.byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    }

    /** All of them. */
    public Collection<ProcessPool> all() {
        return byName.values();
    }

    /** The pool of that name, if there is one. */
    public Optional<ProcessPool> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /**
     * The pool of that name.
     *
     * @throws ProblemException if there is none
     */
    ProcessPool get(String name) {
        return named(name)
                .orElseThrow(() ->
                        new ProblemException(
                                new Problem(ProblemType.POOL_NOT_FOUND, Phrase.NO_POOL, name)));
    }

    /**
     * The pool of that name, which is not closed.
     *
     * @throws ProblemException if there is none or it is closed
     */
    ProcessPool open(String name) {
        ProcessPool pool = get(name);
        return switch (pool.snapshot().state()) {
            case RUNNING, PAUSED, BROKEN -> pool;
            case CLOSED, TERMINATED -> throw closed(name);
        };
    }

    /** The problem of a pool that takes no orders any more. */
    static ProblemException closed(String name) {
        return new ProblemException(new Problem(ProblemType.POOL_CLOSED, Phrase.CLOSED, name));
    }
}
