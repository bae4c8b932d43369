package org.processpool.rest;

import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.processpool.security.Caller;
import org.processpool.security.Role;

/** Lets a request through to a method that is {@link Operating}, or refuses it. */
@Singleton
public class OperatorFilter {

    private static final Logger LOG = Logger.getLogger(OperatorFilter.class);

    /** Filters are made before the service has its configuration. */
    private final Provider<OperatorRights> rights;

    private final Callers callers;

    OperatorFilter(Provider<OperatorRights> rights, Callers callers) {
        this.rights = rights;
        this.callers = callers;
    }

    @Operating
    @ServerRequestFilter
    public void check(ContainerRequestContext request) {
        rights.get().refuseIfReadOnly();
        callers.require(Role.OPERATE);
        if (!callers.current().equals(Caller.ANYBODY)) {
            LOG.infof(
                    "%s: %s %s",
                    callers.current().name(), request.getMethod(), request.getUriInfo().getPath());
        }
    }
}
