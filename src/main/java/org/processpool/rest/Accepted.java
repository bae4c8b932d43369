package org.processpool.rest;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.common.util.MediaTypeHelper;

/**
 * The media types a client takes (RFC 9110, 12.5.1).
 *
 * @param types the best first
 */
record Accepted(List<MediaType> types) {

    static Accepted of(RoutingContext exchange) {
        String header = exchange.request().getHeader(HttpHeaders.ACCEPT);
        return new Accepted(
                header == null || header.isBlank()
                        ? List.of(MediaType.WILDCARD_TYPE)
                        : MediaTypeHelper.parseHeader(header));
    }

    /** Whether it takes this type. */
    boolean takes(String type) {
        MediaType wanted = MediaType.valueOf(type);
        return types.stream().anyMatch(wanted::isCompatible);
    }

    /** Whether it names this very type, which is not what it gets otherwise. */
    boolean prefers(String type) {
        MediaType wanted = MediaType.valueOf(type);
        return types.stream()
                .anyMatch(each ->
                        each.getType().equals(wanted.getType())
                                && each.getSubtype().equals(wanted.getSubtype()));
    }
}
