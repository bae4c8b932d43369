package org.processpool.rest;

import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Lets a request through to a method that is {@link Operating}, or refuses it. */
@Singleton
public class OperatorFilter {

    private static final String ROLE = "operator";

    /** Filters are made before the service has its configuration. */
    private final Provider<OperatorRights> rights;

    OperatorFilter(Provider<OperatorRights> rights) {
        this.rights = rights;
    }

    @Operating
    @ServerRequestFilter
    public void check() {
        if (rights.get().readOnly()) {
            throw new ProblemException(
                    new Problem(ProblemType.FORBIDDEN, Phrase.READ_ONLY)
                            .with("requiredRole", ROLE));
        }
    }
}
