package org.processpool.rest;

import io.quarkus.runtime.LaunchMode;
import io.vertx.core.http.HttpClosedException;
import io.vertx.ext.web.handler.HttpException;
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
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.common.headers.MediaTypeHeaderDelegate;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.processpool.job.JobRejectedException;
import org.processpool.job.StoreException;
import org.processpool.pool.CallException;
import org.processpool.pool.PoolRejectedException;

/** Whatever a resource throws becomes a problem. */
@Singleton
public class ProblemMappers {

    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

    private final Audiences audiences;
    private final Problems problems;

    ProblemMappers(Audiences audiences) {
        this.audiences = audiences;
        problems =
                new Problems(
                        LaunchMode.current() == LaunchMode.DEVELOPMENT,
                        () -> audiences.current().traceId());
    }

    @ServerExceptionMapper
    public Response problem(ProblemException thrown) {
        Response.ResponseBuilder answer = thrown.problem().answer(audiences.current());
        thrown.headers()
                .forEach((name, value) -> answer.header(name, null).header(name, value)); // instead
        return answer.build();
    }

    @ServerExceptionMapper
    public Response callEnded(CallException thrown) {
        return problems.of(thrown.outcome()).answer(audiences.current()).build();
    }

    @ServerExceptionMapper
    public Response rejected(PoolRejectedException thrown) {
        return problems.of(thrown).answer(audiences.current()).build();
    }

    @ServerExceptionMapper
    public Response jobRejected(JobRejectedException thrown) {
        return problems.of(thrown).answer(audiences.current()).build();
    }

    @ServerExceptionMapper
    public Response storeFails(StoreException thrown) {
        LOG.warnf(thrown, "the store of jobs fails (trace %s)", audiences.current().traceId());
        return problems.of(thrown).answer(audiences.current()).build();
    }

    @ServerExceptionMapper
    public Response notFound(NotFoundException thrown, UriInfo uri) {
        return new Problem(ProblemType.NOT_FOUND, Phrase.NOTHING_HERE, uri.getPath())
                .answer(audiences.current())
                .build();
    }

    @ServerExceptionMapper
    public Response notAllowed(NotAllowedException thrown, UriInfo uri) {
        List<String> allowed = AllowedMethods.at(uri.getRequestUri().getRawPath());
        return new Problem(
                        ProblemType.METHOD_NOT_ALLOWED,
                        Phrase.PATH_HAS_METHODS,
                        uri.getPath(),
                        String.join(", ", allowed))
                .answer(audiences.current())
                .header(HttpHeaders.ALLOW, String.join(", ", allowed))
                .build();
    }

    @ServerExceptionMapper
    public Response notAcceptable(NotAcceptableException thrown) {
        return new Problem(ProblemType.NOT_ACCEPTABLE, Phrase.ONLY_AS_JSON)
                .with("supported", List.of(MediaType.APPLICATION_JSON))
                .answer(audiences.current())
                .build();
    }

    @ServerExceptionMapper
    public Response notSupported(NotSupportedException thrown) {
        return CallBody.unsupported(Sentence.of(Phrase.UNSUPPORTED_BODY))
                .answer(audiences.current())
                .header(CallBody.ACCEPT_POST, String.join(", ", CallBody.SUPPORTED))
                .build();
    }

    @ServerExceptionMapper
    public Response otherwise(WebApplicationException thrown) {
        int status = thrown.getResponse().getStatus();
        if (status == ProblemType.CONTENT_TOO_LARGE.status()) {
            return new Problem(ProblemType.CONTENT_TOO_LARGE, Phrase.BODY_TOO_LARGE)
                    .answer(audiences.current())
                    .build();
        }
        if (status >= 500) {
            return bug(thrown);
        }
        return status >= 400
                ? new Problem(ProblemType.INVALID_REQUEST, Phrase.NOT_UNDERSTOOD)
                        .answer(audiences.current())
                        .build()
                : thrown.getResponse();
    }

    /**
     * Quarkus reads media types late and says of a bad one only this, so it is known by its place.
     */
    @ServerExceptionMapper
    public Response badMediaType(IllegalArgumentException thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        boolean parsed =
                trace.length > 0
                        && trace[0].getClassName().equals(MediaTypeHeaderDelegate.class.getName());
        return parsed
                ? new Problem(ProblemType.INVALID_HEADER, Phrase.NOT_UNDERSTOOD)
                        .answer(audiences.current())
                        .build()
                : bug(thrown);
    }

    /** A client that went away in the middle of its request hears nothing any more. */
    @ServerExceptionMapper
    public Response gone(IOException thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpClosedException || cause instanceof ClosedChannelException) {
                return new Problem(ProblemType.INVALID_REQUEST, Phrase.NOT_UNDERSTOOD)
                        .answer(audiences.current())
                        .build();
            }
        }
        return bug(thrown);
    }

    /** What Vert.x finds wrong with a request while it is read, such as a query with a stray %. */
    @ServerExceptionMapper
    public Response unreadable(HttpException thrown) {
        if (thrown.getStatusCode() >= 500) {
            return bug(thrown);
        }
        return new Problem(ProblemType.INVALID_REQUEST, Phrase.NOT_UNDERSTOOD)
                .answer(audiences.current())
                .build();
    }

    @ServerExceptionMapper
    public Response bug(Throwable thrown) {
        return problems.ofBug(thrown).answer(audiences.current()).build();
    }
}
