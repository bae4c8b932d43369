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
}
