package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(JobPool.class)
class EventsTest {

    @TestHTTPResource("/")
    private URI server;

    /** One event: its fields by name. */
    private record Event(Map<String, String> fields) {
        String name() {
            return fields.get("event");
        }
    }

    /** An open stream of events. */
    private final class Stream implements AutoCloseable {
        private final HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final HttpResponse<java.io.InputStream> response;
        private final BufferedReader reader;

        Stream(String path, String... headers) throws IOException, InterruptedException {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(server.resolve(path))
                            .header("accept", "text/event-stream");
            if (headers.length > 0) {
                request.headers(headers);
            }
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            reader = new BufferedReader(new InputStreamReader(response.body(), UTF_8));
        }

        /** The next event, or null at the end; comments are passed over. */
        Event next() {
            try {
                while (true) {
                    List<String> lines = new ArrayList<>();
                    String line;
                    while ((line = reader.readLine()) != null && !line.isEmpty()) {
                        lines.add(line);
                    }
                    Map<String, String> fields =
                            lines.stream()
                                    .filter(each -> !each.startsWith(":"))
                                    .map(each -> each.split(": ", 2))
                                    .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
                    if (!fields.isEmpty()) {
                        return new Event(fields);
                    }
                    if (line == null) {
                        return null;
                    }
                }
            } catch (IOException torn) {
                throw new UncheckedIOException(torn);
            }
        }

        Event nextThat(Predicate<Event> wanted) {
            Event event = next();
            while (event != null && !wanted.test(event)) {
                event = next();
            }
            return event;
        }

        @Override
        public void close() {
            client.shutdownNow();
        }
    }

    private static String submit(String json) {
        return call().contentType(ContentType.JSON)
                .body(json)
                .post("/v1/jobs")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    @Test
    void tells_what_happens_to_a_job_until_its_end() throws Exception {
        String id = submit("{\"task\":\"steps\",\"kwargs\":{\"count\":5,\"millis\":1000}}");
        List<String> names = new ArrayList<>();
        try (Stream stream = new Stream("/v1/jobs/" + id + "/events")) {
            Event last = null;
            for (Event event; (event = stream.next()) != null; last = event) {
                names.add(event.name());
            }
            assertThat(last).isNotNull();
            assertThat(last.fields()).containsEntry("id", "end");
            assertThat(last.fields().get("data")).contains("\"result\":5");
        }
        assertThat(names).contains("job.progress").endsWith("job.succeeded");
        call().header("Last-Event-ID", "end")
                .get("/v1/jobs/" + id + "/events")
                .then()
                .statusCode(204)
                .body(equalTo(""));
    }

    @Test
    void goes_on_behind_the_last_event_a_client_has() throws Exception {
        String id = submit("{\"task\":\"steps\",\"kwargs\":{\"count\":30,\"millis\":100}}");
        String seen;
        try (Stream stream = new Stream("/v1/jobs/" + id + "/events")) {
            seen = stream.nextThat(event -> event.name().equals("job.progress")).fields().get("id");
        }
        try (Stream stream = new Stream("/v1/jobs/" + id + "/events", "Last-Event-ID", seen)) {
            Event next = stream.next();
            assertThat(next.name()).isEqualTo("job.progress");
            assertThat(number(next)).isGreaterThan(Long.parseLong(seen.split("-", 2)[1]));
        }
        try (Stream stream =
                new Stream("/v1/jobs/" + id + "/events", "Last-Event-ID", "before-7")) {
            assertThat(stream.next().name()).as("of an earlier life").isEqualTo("gap");
            assertThat(stream.next().fields().get("data")).contains(id);
        }
        call().post("/v1/jobs/" + id + ":cancel").then().statusCode(200);
    }

    private static long number(Event event) {
        return Long.parseLong(event.fields().get("id").split("-", 2)[1]);
    }

    @Test
    void tells_everybody_what_happens() throws Exception {
        try (Stream stream = new Stream("/v1/events?types=job,stats")) {
            String id = submit("{\"task\":\"fib\",\"args\":[5]}");
            Event end =
                    stream.nextThat(event ->
                            event.name().equals("job.succeeded")
                                    && event.fields().get("data").contains(id));
            assertThat(end).isNotNull();
            Event stats = stream.nextThat(event -> event.name().equals("stats"));
            assertThat(stats.fields().get("data")).contains("\"utilization\"");
        }
        call().get("/v1/events?types=jobs")
                .then()
                .statusCode(400)
                .body("violations[0].parameter", equalTo("types"));
    }

    @Test
    void follows_what_a_job_prints() throws Exception {
        String id = submit("{\"task\":\"steps\",\"kwargs\":{\"count\":10,\"millis\":100}}");
        List<String> printed = new ArrayList<>();
        try (Stream stream = new Stream("/v1/jobs/" + id + "/logs")) {
            for (Event event; (event = stream.next()) != null; ) {
                if (event.name().equals("log")) {
                    printed.add(event.fields().get("data"));
                }
            }
        }
        assertThat(printed).hasSize(10);
        assertThat(printed.getLast()).contains("step 10 of 10").contains("\"line\":10");
    }
}
