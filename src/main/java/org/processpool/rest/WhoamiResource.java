package org.processpool.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.processpool.security.Caller;

/** Who the service takes a client for. */
@Path("/v1/whoami")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Home")
public class WhoamiResource {

    private final Callers callers;
    private final AccessRules rules;

    WhoamiResource(Callers callers, AccessRules rules) {
        this.callers = callers;
        this.rules = rules;
    }

    /**
     * Who asks.
     *
     * @param name as the token says
     * @param role read, submit or operate; each may do what those before it may
     * @param tenant whose jobs and rooms they see; empty where there is one tenant
     * @param authentication whether the service asks anybody who they are
     */
    @Schema(name = "Whoami")
    record Identity(String name, String role, String tenant, boolean authentication) {}

    @GET
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    @Operation(
            summary = "Who asks",
            description = "What the token stands for; without authentication everybody.")
    @APIResponse(
            responseCode = "200",
            description = "Who it is",
            content =
                    @Content(
                            schema = @Schema(implementation = Identity.class),
                            examples =
                                    @ExampleObject(
                                            name = "alice",
                                            value =
                                                    """
                                                    {"name":"alice","role":"submit","tenant":"",\
                                                    "authentication":true}\
                                                    """)))
    public Identity whoami() {
        Caller caller = callers.current();
        return new Identity(
                caller.name(), caller.role().word(), caller.tenant(), rules.authenticated());
    }
}
