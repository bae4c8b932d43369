package org.processpool.quarkus;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.vertx.http.runtime.filters.QuarkusRequestWrapper;
import io.vertx.core.http.HttpServerRequest;
import java.lang.reflect.Method;
import org.jboss.logging.Logger;

/**
 * Requests that have become WebSockets. When it stops, Quarkus waits for the requests under way,
 * and to its count one that was upgraded is under way for ever: no stop would be quicker than
 * {@code quarkus.shutdown.timeout}. So it is told that such a request is done, in the only way
 * there is.
 */
@RegisterForReflection(targets = QuarkusRequestWrapper.class)
final class UpgradedRequests {

    private static final Logger LOG = Logger.getLogger(UpgradedRequests.class);

    private UpgradedRequests() {}

    /** The request was answered with 101. */
    static void done(HttpServerRequest request) {
        try {
            QuarkusRequestWrapper counted = QuarkusRequestWrapper.get(request);
            Method done = QuarkusRequestWrapper.class.getDeclaredMethod("done");
            done.setAccessible(true);
            done.invoke(counted);
        } catch (ReflectiveOperationException | RuntimeException other) {
            // another version of Quarkus: then stopping takes longer, and nothing else
            LOG.debugf(other, "stopping will wait for WebSockets that are closed");
        }
    }
}
