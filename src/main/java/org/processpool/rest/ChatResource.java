package org.processpool.rest;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.processpool.security.Tickets;

/** Tickets to the chat, who is in it, and sending somebody away. */
@Path("/v1/chat")
@Tag(name = "Chat", description = "Who talks to workers; the chat itself is a WebSocket at /chat")
public class ChatResource {

    private final Chats chats;
    private final Callers callers;
    private final Tickets tickets;

    ChatResource(Chats chats, Callers callers, Tickets tickets) {
        this.chats = chats;
        this.callers = callers;
        this.tickets = tickets;
    }

    /**
     * What lets one in once.
     *
     * @param ticket what stands in the URL
     * @param expiresInMillis how long it is good
     */
    record Ticket(String ticket, long expiresInMillis) {}

    @POST
    @Path("/tickets")
    @Produces(MediaType.APPLICATION_JSON)
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    @Operation(
            summary = "A ticket to the chat",
            description =
                    "For a browser, which cannot send a token when it opens a WebSocket: it opens"
                            + " /chat?ticket=… within 30 s instead. A ticket lets in once.")
    @APIResponse(
            responseCode = "200",
            description = "The ticket",
            content =
                    @Content(
                            schema = @Schema(implementation = Ticket.class),
                            examples =
                                    @ExampleObject(
                                            name = "ticket",
                                            value =
                                                    """
                                                    {"ticket":\
                                                    "YQ0rm8mXQhCqXOBGT1S6EuPdRhwPXBZPtZTQfXrVjRg",\
                                                    "expiresInMillis":30000}\
                                                    """)))
    public Ticket ticket() {
        return new Ticket(
                tickets.sell(callers.current()), Duration.ofSeconds(Tickets.SECONDS).toMillis());
    }

    /**
     * Everybody in the chat.
     *
     * @param members in the order of their names
     */
    record ChatterPage(List<Chats.Chatter> members) {}

    @GET
    @Path("/members")
    @Produces(MediaType.APPLICATION_JSON)
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    @Operation(summary = "Who is in the chat")
    @APIResponse(
            responseCode = "200",
            description = "The members",
            content =
                    @Content(
                            schema = @Schema(implementation = ChatterPage.class),
                            examples =
                                    @ExampleObject(
                                            name = "two",
                                            value =
                                                    """
                                                    {"members":[\
                                                    {"id":"k3x9ab","nick":"alice",\
                                                    "state":"talking"},\
                                                    {"id":"p27qmn","nick":"bob",\
                                                    "state":"waiting"}]}\
                                                    """)))
    public ChatterPage members() {
        return new ChatterPage(chats.chatters(callers.current().tenant()));
    }

    @DELETE
    @Path("/members/{id}")
    @Operating
    @Operation(
            summary = "Sends a member of the chat away",
            description = "Its WebSocket is closed with code 4403 and its worker serves the next.")
    @APIResponse(responseCode = "204", description = "It is gone")
    @APIResponse(
            responseCode = "403",
            description = "forbidden: the service is read-only",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    @APIResponse(
            responseCode = "404",
            description = "not-found",
            content = @Content(mediaType = Problem.MEDIA_TYPE))
    public Response dismiss(@RestPath @Parameter(example = "k3x9ab") String id) {
        if (!chats.dismiss(callers.current().tenant(), id)) {
            throw new ProblemException(new Problem(ProblemType.NOT_FOUND, Phrase.NO_CHATTER, id));
        }
        return Response.noContent().build();
    }
}
