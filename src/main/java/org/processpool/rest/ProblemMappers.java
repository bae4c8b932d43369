package org.processpool.rest;

import io.quarkus.runtime.LaunchMode;
import jakarta.inject.Singleton;
import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.processpool.pool.CallException;
import org.processpool.pool.PoolRejectedException;

/** Whatever a resource throws becomes a problem. */
@Singleton
public class ProblemMappers {

    private final Problems problems = new Problems(LaunchMode.current() == LaunchMode.DEVELOPMENT);

    @ServerExceptionMapper
    public Response problem(ProblemException thrown) {
        Response.ResponseBuilder answer = thrown.problem().answer();
        thrown.headers().forEach(answer::header);
        return answer.build();
    }

    @ServerExceptionMapper
    public Response callEnded(CallException thrown) {
        return problems.of(thrown.outcome()).answer().build();
    }

    @ServerExceptionMapper
    public Response rejected(PoolRejectedException thrown) {
        return problems.of(thrown).answer().build();
    }

    @ServerExceptionMapper
    public Response notFound(NotFoundException thrown, UriInfo uri) {
        return new Problem(ProblemType.NOT_FOUND, "there is nothing at " + uri.getPath())
                .answer()
                .build();
    }

    @ServerExceptionMapper
    public Response notAllowed(NotAllowedException thrown, UriInfo uri) {
        List<String> allowed = AllowedMethods.at(uri.getPath());
        return new Problem(
                        ProblemType.METHOD_NOT_ALLOWED,
                        "%s has %s".formatted(uri.getPath(), String.join(", ", allowed)))
                .answer()
                .header(HttpHeaders.ALLOW, String.join(", ", allowed))
                .build();
    }

    @ServerExceptionMapper
    public Response notAcceptable(NotAcceptableException thrown) {
        return new Problem(ProblemType.NOT_ACCEPTABLE, "this is there as JSON")
                .with("supported", List.of(MediaType.APPLICATION_JSON))
                .answer()
                .build();
    }

    @ServerExceptionMapper
    public Response notSupported(NotSupportedException thrown) {
        return CallBody.unsupported("the body's media type is none of those supported")
                .answer()
                .build();
    }

    @ServerExceptionMapper
    public Response otherwise(WebApplicationException thrown) {
        int status = thrown.getResponse().getStatus();
        if (status == ProblemType.CONTENT_TOO_LARGE.status()) {
            return new Problem(ProblemType.CONTENT_TOO_LARGE, "the body is too large")
                    .answer()
                    .build();
        }
        if (status >= 500) {
            return bug(thrown);
        }
        return status >= 400
                ? new Problem(
                                ProblemType.INVALID_REQUEST,
                                "the path, the query or a header cannot be understood")
                        .answer()
                        .build()
                : thrown.getResponse();
    }

    @ServerExceptionMapper
    public Response bug(Throwable thrown) {
        return problems.ofBug(thrown).answer().build();
    }
}
