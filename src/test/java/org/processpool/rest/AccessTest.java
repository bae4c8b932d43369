package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.processpool.rest.Calls.call;
import static org.processpool.rest.TokenPool.OPERATOR;
import static org.processpool.rest.TokenPool.READER;
import static org.processpool.rest.TokenPool.STRANGER;
import static org.processpool.rest.TokenPool.SUBMITTER;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what, where tokens are asked for. */
@QuarkusTest
@TestProfile(TokenPool.class)
class AccessTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    @TestHTTPResource("/")
    URI root;

    private static RequestSpecification as(String token) {
        return call().header("Authorization", "Bearer " + token);
    }

    private int status(String method, String path, String... headers) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(root.toString().replaceAll("/$", "") + path))
                            .method(method, HttpRequest.BodyPublishers.noBody());
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    // ---- nobody

    @Test
    void wants_to_know_who_asks() {
        call().get("/v1/jobs")
                .then()
                .statusCode(401)
                .contentType("application/problem+json")
                .header("WWW-Authenticate", "Bearer realm=\"process-pool\"")
                .body("type", equalTo("/problems/unauthorized"))
                .body("detail", containsString("Authorization: Bearer"));
        as("guess")
                .get("/v1/jobs")
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", containsString("error=\"invalid_token\""))
                .body("type", equalTo("/problems/unauthorized"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/tasks",
                "/v1/jobs",
                "/v1/events",
                "/v1/stats",
                "/v1/pools",
                "/v1/pools/default/workers/default-1/threads",
                "/v1/chat/members",
                "/v1/whoami",
                "/v1/whatever/is/added",
                "/v1",
                "/v2/later",
                "/not/there",
                "//v1/jobs",
                "/v1//jobs",
                "/problems/../v1/jobs",
                "/chat/../v1/jobs",
                "/chat/%2e%2e/v1/jobs",
                "/q/health/../../v1/jobs",
                "/V1/jobs",
                "/v1/jobs;a=b",
                "/q/info",
                "/q/arc/beans"
            })
    void shows_nobody_what_is_not_for_everybody(String path) throws Exception {
        assertThat(status("GET", path)).as(path).isEqualTo(401);
        assertThat(status("POST", path)).as(path).isEqualTo(401);
        assertThat(status("DELETE", path)).as(path).isEqualTo(401);
        assertThat(status("GET", path, "Authorization", "Basic dXNlcjpwYXNz")).isEqualTo(401);
        assertThat(status("GET", path, "Authorization", "Bearer ")).isEqualTo(401);
        assertThat(status("GET", path + "?access_token=" + OPERATOR)).isEqualTo(401);
        assertThat(status("GET", path, "Cookie", "token=" + OPERATOR)).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/chat.html",
                "/chat/main.js",
                "/asyncapi.yaml",
                "/problems",
                "/problems/unauthorized",
                "/q/health",
                "/q/health/live",
                "/q/health/ready",
                "/q/health/started",
                "/q/metrics",
                "/q/openapi"
            })
    void shows_everybody_pages_descriptions_and_probes(String path) throws Exception {
        assertThat(status("GET", path)).as(path).isEqualTo(200);
        assertThat(status("GET", path, "Authorization", "Bearer guess")).isEqualTo(200);
    }

    // ---- roles

    @Test
    void tells_who_one_is() {
        as(SUBMITTER)
                .get("/v1/whoami")
                .then()
                .statusCode(200)
                .body("name", equalTo("submitter"))
                .body("role", equalTo("submit"))
                .body("tenant", equalTo(""))
                .body("authentication", equalTo(true));
        call().header("Authorization", "bearer   " + STRANGER)
                .get("/v1/whoami")
                .then()
                .statusCode(200)
                .body("tenant", equalTo("elsewhere"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/tasks, read",
        "GET, /v1/jobs, read",
        "GET, /v1/stats, read",
        "GET, /v1/pools/default, read",
        "POST, /v1/tasks/echo:apply, submit",
        "POST, /v1/jobs/x:cancel, submit",
        "DELETE, /v1/jobs/x, submit",
        "POST, /v1/chat/tickets, submit",
        "GET, /v1/pools/default/workers/default-1/threads, operate",
        "POST, /v1/pools/nonsense:recycle, operate",
        "POST, /v1/pools/nonsense/workers/x:kill, operate",
        "DELETE, /v1/chat/members/x, operate",
    })
    void takes_a_role_for_each_thing(String method, String path, String role) throws Exception {
        List<String> tokens = List.of(READER, SUBMITTER, OPERATOR);
        List<String> roles = List.of("read", "submit", "operate");
        for (int i = 0; i < tokens.size(); i++) {
            int status =
                    status(
                            method,
                            path,
                            "Authorization",
                            "Bearer " + tokens.get(i),
                            "Content-Type",
                            "application/json");
            if (i < roles.indexOf(role)) {
                assertThat(status).as(roles.get(i)).isEqualTo(403);
            } else {
                assertThat(status).as(roles.get(i)).isNotIn(401, 403);
            }
        }
    }

    @Test
    void says_which_role_it_takes() {
        as(READER)
                .contentType(ContentType.JSON)
                .body("[1]")
                .post("/v1/tasks/fib:apply")
                .then()
                .statusCode(403)
                .header("WWW-Authenticate", containsString("insufficient_scope"))
                .body("type", equalTo("/problems/forbidden"))
                .body("requiredRole", equalTo("submit"))
                .body("detail", containsString("reader has read"));
        as(SUBMITTER)
                .post("/v1/pools/default:pause")
                .then()
                .statusCode(403)
                .body("requiredRole", equalTo("operate"));
        as(SUBMITTER)
                .contentType(ContentType.JSON)
                .body("[20]")
                .post("/v1/tasks/fib:apply")
                .then()
                .statusCode(200)
                .body(equalTo("6765"));
    }

    // ---- tenants

    @Test
    void has_no_job_of_another_tenant() {
        String id = submitted(SUBMITTER, "tenants");
        ended(SUBMITTER, id);
        as(READER).get("/v1/jobs/" + id).then().statusCode(200);
        for (String path : List.of("", "/result", "/logs", "/events", "/deliveries")) {
            missing(as(STRANGER).get("/v1/jobs/" + id + path).then());
        }
        missing(as(STRANGER).get("/v1/jobs/" + id + "/items").then());
        missing(as(STRANGER).post("/v1/jobs/" + id + ":cancel").then());
        missing(as(STRANGER).post("/v1/jobs/" + id + ":retry").then());
        missing(as(STRANGER).post("/v1/jobs/" + id + "/deliveries/1:redeliver").then());
        missing(as(STRANGER).delete("/v1/jobs/" + id).then());
        as(STRANGER).get("/v1/jobs?label=run:tenants").then().statusCode(200).body("jobs", empty());
        as(READER)
                .get("/v1/jobs?label=run:tenants")
                .then()
                .statusCode(200)
                .body("jobs", hasSize(1));
    }

    @Test
    void lets_no_tenant_fill_the_line_for_others() throws Exception {
        List<String> queued = new ArrayList<>();
        ValidatableResponse last = slow(STRANGER);
        while (last.extract().statusCode() == 202) {
            queued.add(last.extract().path("id"));
            assertThat(queued).hasSizeLessThan(10);
            last = slow(STRANGER);
        }
        last.statusCode(503)
                .body("type", equalTo("/problems/queue-full"))
                .body("limit", equalTo(3));
        String own = submitted(SUBMITTER, "beside");
        queued.forEach(id -> as(STRANGER).post("/v1/jobs/" + id + ":cancel"));
        queued.forEach(id -> ended(STRANGER, id));
        ended(SUBMITTER, own);
        await().atMost(LONG)
                .until(() -> slow(STRANGER).extract().statusCode() == 202); // room again
        as(STRANGER)
                .get("/v1/jobs?state=QUEUED,RUNNING")
                .then()
                .extract()
                .<List<String>>path("jobs.id")
                .forEach(id -> as(STRANGER).post("/v1/jobs/" + id + ":cancel"));
    }

    private static ValidatableResponse slow(String token) {
        return as(token)
                .contentType(ContentType.JSON)
                .body("{\"task\":\"sleep\",\"args\":[60000]}")
                .post("/v1/jobs")
                .then();
    }

    @Test
    void counts_who_was_refused() {
        call().get("/v1/jobs").then().statusCode(401);
        call().header("Origin", "https://evil.example").post("/v1/pools/default:pause");
        assertThat(call().get("/q/metrics").asString())
                .contains("processpool_access_refused_total{reason=\"unauthorized\"}")
                .contains("processpool_access_refused_total{reason=\"foreign-origin\"}");
    }

    @Test
    void keeps_the_keys_of_tenants_apart() {
        String first = keyed(SUBMITTER);
        assertThat(keyed(SUBMITTER)).isEqualTo(first);
        assertThat(keyed(STRANGER)).isNotEqualTo(first);
    }

    @Test
    void tells_events_of_jobs_to_their_own_tenant_only() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(root.resolve("/v1/events?types=job"))
                            .header("Authorization", "Bearer " + STRANGER)
                            .build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            assertThat(answer.statusCode()).isEqualTo(200);
            var lines =
                    new BufferedReader(
                            new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
            assertThat(lines.readLine()).startsWith(":");
            String theirs = submitted(SUBMITTER, "heard");
            ended(SUBMITTER, theirs);
            as(SUBMITTER).delete("/v1/jobs/" + theirs).then().statusCode(204);
            String own = submitted(STRANGER, "heard");
            List<String> heard = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                heard.add(line);
                if (line.contains("\"SUCCEEDED\"")) {
                    break;
                }
            }
            assertThat(heard).anyMatch(line -> line.contains(own));
            assertThat(heard).noneMatch(line -> line.contains(theirs));
            client.shutdownNow(); // else it would wait for the end of the stream
        }
    }

    private static String submitted(String token, String run) {
        return as(token)
                .contentType(ContentType.JSON)
                .body("{\"task\":\"fib\",\"args\":[5],\"labels\":{\"run\":\"%s\"}}".formatted(run))
                .post("/v1/jobs")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static String keyed(String token) {
        return as(token)
                .contentType(ContentType.JSON)
                .header("Idempotency-Key", "\"the-same\"")
                .body("{\"task\":\"fib\",\"args\":[6]}")
                .post("/v1/jobs")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static void ended(String token, String id) {
        await().atMost(LONG)
                .until(() -> as(token).get("/v1/jobs/" + id).then().extract().path("done"));
    }

    private static void missing(ValidatableResponse answer) {
        answer.statusCode(404).body("type", equalTo("/problems/job-not-found"));
    }

    // ---- the chat

    @Test
    void opens_a_websocket_for_a_token_or_once_for_a_ticket() throws Exception {
        assertThat(upgrade("")).contains("401");
        assertThat(upgrade("?ticket=guess")).contains("401");
        String ticket =
                as(SUBMITTER)
                        .post("/v1/chat/tickets")
                        .then()
                        .statusCode(200)
                        .header("Cache-Control", "no-store")
                        .body("expiresInMillis", equalTo(30_000))
                        .extract()
                        .path("ticket");
        assertThat(upgrade("?ticket=" + ticket)).contains("101");
        assertThat(upgrade("?ticket=" + ticket)).contains("401");
        assertThat(upgrade("?ticket=" + SUBMITTER)).contains("401");
        assertThat(upgrade("", "Authorization: Bearer " + SUBMITTER)).contains("101");
        assertThat(upgrade("", "Authorization: Bearer " + READER)).contains("403");
        // a ticket is for the chat and for nothing else
        String another = as(OPERATOR).post("/v1/chat/tickets").then().extract().path("ticket");
        assertThat(status("GET", "/v1/jobs?ticket=" + another)).isEqualTo(401);
        assertThat(status("GET", "/v1/jobs", "Authorization", "Bearer " + another)).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "//", "/.", "/%2e", "/?ticket=guess", "//../"})
    void opens_no_websocket_by_another_name_of_the_door(String behind) throws Exception {
        assertThat(upgrade(behind)).contains("401");
    }

    /** The status line of the answer to a request to upgrade. */
    private String upgrade(String query, String... headers) throws Exception {
        try (Socket socket = new Socket(root.getHost(), root.getPort())) {
            socket.setSoTimeout(30_000);
            List<String> lines =
                    new ArrayList<>(
                            List.of(
                                    "GET /chat" + query + " HTTP/1.1",
                                    "Host: " + root.getAuthority(),
                                    "Connection: Upgrade",
                                    "Upgrade: websocket",
                                    "Sec-WebSocket-Version: 13",
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
            lines.addAll(List.of(headers));
            String text = String.join("\r\n", lines) + "\r\n\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            return new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }
}
