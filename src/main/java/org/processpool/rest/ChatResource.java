package org.processpool.rest;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
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

/** Who is in the chat, and sending somebody away. */
@Path("/v1/chat/members")
@Tag(name = "Chat", description = "Who talks to workers; the chat itself is a WebSocket at /chat")
public class ChatResource {

    private final Chats chats;

    ChatResource(Chats chats) {
        this.chats = chats;
    }

    /**
     * Everybody in the chat.
     *
     * @param members in the order of their names
     */
    record ChatterPage(List<Chats.Chatter> members) {}

    @GET
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
        return new ChatterPage(chats.chatters());
    }

    @DELETE
    @Path("/{id}")
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
        if (!chats.dismiss(id)) {
            throw new ProblemException(new Problem(ProblemType.NOT_FOUND, Phrase.NO_CHATTER, id));
        }
        return Response.noContent().build();
    }
}
