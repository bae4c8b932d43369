package org.processpool.rest;

import static java.util.stream.Collectors.joining;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;

/** The page behind each problem's type. */
@Path("/problems")
@Tag(name = "Problems", description = "What each type of problem means")
public class ProblemResource {

    private final String base;

    ProblemResource(CallLimits settings) {
        base = settings.problemBase().orElse("");
    }

    /**
     * A type of problem.
     *
     * @param type as in problems
     * @param title as in problems
     * @param status HTTP status
     * @param meaning what it means and what to do
     */
    @Schema(name = "ProblemType")
    record Entry(String type, String title, int status, String meaning) {
        static Entry of(ProblemType type, String base) {
            return new Entry(type.uri(base), type.title(), type.status(), type.meaning());
        }
    }

    /**
     * All types of problems.
     *
     * @param problems by status
     */
    record ProblemPage(List<Entry> problems) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "All types of problems")
    @APIResponse(
            responseCode = "200",
            description = "The types",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = ProblemPage.class)),
                @Content(mediaType = MediaType.TEXT_HTML)
            })
    public ProblemPage list() {
        return new ProblemPage(all().map(type -> Entry.of(type, base)).toList());
    }

    @GET
    @Produces(Page.HTML)
    @Operation(hidden = true)
    public Response page() {
        return Page.of("Problems", all().map(ProblemResource::html).collect(joining("\n")));
    }

    @GET
    @Path("/{slug:[a-z-]+}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "One type of problem")
    @APIResponse(
            responseCode = "200",
            description = "The type",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = Entry.class)),
                @Content(mediaType = MediaType.TEXT_HTML)
            })
    public Entry one(@RestPath @Parameter(example = "not-found") String slug) {
        return Entry.of(find(slug), base);
    }

    @GET
    @Path("/{slug:[a-z-]+}")
    @Produces(Page.HTML)
    @Operation(hidden = true)
    public Response onePage(String slug) {
        ProblemType type = find(slug);
        return Page.of(
                type.title(), html(type) + "\n<p><a href=\"/problems\">All problems</a></p>");
    }

    private static Stream<ProblemType> all() {
        return Arrays.stream(ProblemType.values());
    }

    private static ProblemType find(String slug) {
        return ProblemType.ofSlug(slug)
                .orElseThrow(() ->
                        new ProblemException(
                                new Problem(ProblemType.NOT_FOUND, Phrase.NO_PROBLEM, slug)));
    }

    private static String html(ProblemType type) {
        return """
        <h2><a href="%s">%s</a></h2>
        <p><strong>%d %s.</strong> %s</p>\
        """
                .formatted(type.path(), type.slug(), type.status(), type.title(), type.meaning());
    }
}
