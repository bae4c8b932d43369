package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.restassured.RestAssured;
import io.restassured.builder.ResponseBuilder;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.http.Header;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds every answer that REST Assured gets against the OpenAPI document of the service that gave
 * it. Paths below {@code /q/} are those of Quarkus and not looked at.
 */
final class ContractFilter implements Filter {

    private final Map<String, Contract> byOrigin = new ConcurrentHashMap<>();

    /** From now on for all calls, in place of an earlier one whichever class loader that was of. */
    static void install() {
        var filters = new ArrayList<>(RestAssured.filters());
        filters.removeIf(
                filter -> filter.getClass().getName().equals(ContractFilter.class.getName()));
        filters.add(new ContractFilter());
        RestAssured.replaceFiltersWith(filters);
    }

    /** The body with the types of problems as the document has them, whatever their base is. */
    private static String relative(String body) {
        return body.replaceAll(
                "\"type\":\"https?://(?!iana\\.)[^\"]*/problems/", "\"type\":\"/problems/");
    }

    @Override
    public Response filter(
            FilterableRequestSpecification request,
            FilterableResponseSpecification expected,
            FilterContext context) {
        Response response = context.next(request, expected);
        URI uri = URI.create(request.getURI().replaceFirst("\\?.*", ""));
        if (uri.getRawPath().startsWith("/q/")) {
            return response;
        }
        String origin = uri.getScheme() + "://" + uri.getRawAuthority();
        Contract contract = byOrigin.computeIfAbsent(origin, ContractFilter::fetch);
        boolean endless =
                response.getHeader("Content-Type") != null
                        && response.getHeader("Content-Type").startsWith(Contract.EVENTS);
        var answer =
                new Answer(
                        request.getMethod(),
                        uri.getRawPath(),
                        response.statusCode(),
                        headers(response),
                        endless ? "" : relative(new String(response.asByteArray(), UTF_8)));
        if (endless) {
            refuse(contract.breachesOfHead(answer), answer);
            InputStream lines = new Lines(response.asInputStream(), contract, answer);
            return new ResponseBuilder().clone(response).setBody(lines).build();
        }
        refuse(contract.breaches(answer), answer);
        return response;
    }

    private static void refuse(List<String> breaches, Answer answer) {
        if (!breaches.isEmpty()) {
            throw new AssertionError(
                    "breaks the contract of /q/openapi:\n- %s\n%s"
                            .formatted(String.join("\n- ", breaches), answer));
        }
    }

    private static Map<String, List<String>> headers(Response response) {
        return response.headers().asList().stream()
                .collect(groupingBy(Header::getName, mapping(Header::getValue, toList())));
    }

    /** The contract of the service at such as {@code http://127.0.0.1:8080}. */
    static Contract fetch(String origin) {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var answer =
                    client.send(
                            HttpRequest.newBuilder(URI.create(origin + "/q/openapi?format=json"))
                                    .build(),
                            BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new AssertionError(origin + " has no OpenAPI document: " + answer);
            }
            return Contract.of(Contract.JSON.readTree(answer.body()));
        } catch (IOException lost) {
            throw new UncheckedIOException(lost);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    /** A stream whose lines are looked at while the test reads it, since it may never end. */
    private static final class Lines extends FilterInputStream {
        private final Contract contract;
        private final Answer head;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Lines(InputStream body, Contract contract, Answer head) {
            super(body);
            this.contract = contract;
            this.head = head;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read >= 0) {
                add(read);
            }
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            for (int i = 0; i < read; i++) {
                add(bytes[offset + i]);
            }
            return read;
        }

        private void add(int octet) {
            if (octet == '\n') {
                String text = line.toString(UTF_8);
                line.reset();
                refuse(contract.breachesOfLine(head, text), head);
            } else if (octet != '\r') {
                line.write(octet);
            }
        }
    }
}
