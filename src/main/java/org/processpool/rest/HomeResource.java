package org.processpool.rest;

import static java.util.stream.Collectors.joining;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Where to begin. */
@Path("/")
@Tag(name = "Home", description = "Where to begin")
public class HomeResource {

    private final String version;

    HomeResource(Config config) {
        version = config.getValue("quarkus.application.version", String.class);
    }

    /**
     * What the service is and where its parts are.
     *
     * @param name its name
     * @param version its version
     * @param links paths by what is there
     */
    record Discovery(String name, String version, Map<String, String> links) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "What there is")
    @APIResponse(
            responseCode = "200",
            description = "Where everything is",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = Discovery.class)),
                @Content(mediaType = MediaType.TEXT_HTML)
            })
    public Discovery discovery() {
        return new Discovery("Process Pool", version, links());
    }

    @GET
    @Produces(Page.HTML)
    @Operation(hidden = true)
    public Response page() {
        return Page.of(
                "Process Pool",
                links().entrySet().stream()
                        .map(link ->
                                "<li><a href=\"%s\">%s</a></li>"
                                        .formatted(link.getValue(), link.getKey()))
                        .collect(joining("\n", "<ul>\n", "\n</ul>")));
    }

    private static Map<String, String> links() {
        var links = new LinkedHashMap<String, String>();
        links.put("tasks", "/v1/tasks");
        links.put("jobs", "/v1/jobs");
        links.put("pools", "/v1/pools");
        links.put("events", "/v1/events");
        links.put("stats", "/v1/stats");
        links.put("chat", "/chat.html");
        links.put("chat-members", "/v1/chat/members");
        links.put("problems", "/problems");
        links.put("health", "/q/health");
        links.put("metrics", "/q/metrics");
        links.put("openapi", "/q/openapi");
        links.put("asyncapi", "/asyncapi.yaml");
        links.put("swagger-ui", "/q/swagger-ui");
        return links;
    }
}
