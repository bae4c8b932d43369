package org.processpool.quarkus;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.DisabledOnIntegrationTest;
import io.quarkus.test.junit.DisabledOnIntegrationTest.ArtifactType;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The service as it is packaged, started as a user starts it. */
@QuarkusIntegrationTest
class PackagedIT {

    private static String apply(String task, String json) throws Exception {
        // not REST Assured, which would write the colon as %3A
        URI uri = URI.create("%s:%d/v1/tasks/%s:apply".formatted(host(), port(), task));
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(uri)
                                    .header("content-type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(json))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static String host() {
        return RestAssured.baseURI;
    }

    private static int port() {
        return RestAssured.port;
    }

    @Test
    void answers_the_call_of_the_readme_with_the_bare_result() throws Exception {
        assertThat(apply("wordcount", "\"to be or not to be\""))
                .isEqualTo("{\"be\":2,\"to\":2,\"not\":1,\"or\":1}");
    }

    @Test
    void lists_tasks_but_none_that_make_trouble() {
        get("/v1/tasks")
                .then()
                .statusCode(200)
                .body("tasks.name", hasItem("primes"))
                .body("tasks.name", not(hasItem("crash")));
    }

    @Test
    void shows_its_workers_with_pids_and_states() {
        given().when()
                .get("/v1/pools/default")
                .then()
                .statusCode(200)
                .body("state", equalTo("RUNNING"))
                .body("workers[0].pid", greaterThan(0));
    }

    @Test
    void keeps_a_job_and_its_result() {
        String job =
                given().contentType("application/json")
                        .body("{\"task\":\"fib\",\"args\":[20]}")
                        .when()
                        .post("/v1/jobs")
                        .then()
                        .statusCode(202)
                        .extract()
                        .path("id");

        given().header("Prefer", "wait=20")
                .when()
                .get("/v1/jobs/{id}/result", job)
                .then()
                .statusCode(200)
                .body(equalTo("6765"));
        get("/v1/jobs/{id}", job).then().body("state", equalTo("SUCCEEDED"));
    }

    @Test
    void refuses_what_does_not_fit_the_schema_of_a_task() throws Exception {
        assertThat(apply("wordcount", "42")).contains("\"status\":4").contains("string");
    }

    @Test
    void moves_payloads_that_go_through_shared_memory() throws Exception {
        String words = "word ".repeat(200_000);
        assertThat(apply("wordcount", '"' + words + '"')).isEqualTo("{\"word\":200000}");
    }

    @Test
    void serves_its_pages_its_contract_and_its_metrics() {
        get("/chat.html").then().statusCode(200);
        get("/asyncapi.yaml").then().statusCode(200);
        get("/q/openapi").then().statusCode(200);
        get("/problems").then().statusCode(200);
        get("/q/health/ready").then().statusCode(200);
        get("/q/metrics").then().statusCode(200).body(containsString("processpool_"));
    }

    @Test
    @DisabledOnIntegrationTest(forArtifactTypes = ArtifactType.CONTAINER)
    void gives_each_worker_a_process_of_the_kind_it_is_itself() throws Exception {
        int pid = get("/v1/pools/default").then().extract().path("workers[0].pid");
        Path worker = Path.of("/proc", "" + pid, "exe").toRealPath();
        Path service =
                Path.of(
                                "/proc",
                                ""
                                        + ProcessHandle.of(pid)
                                                .orElseThrow()
                                                .parent()
                                                .orElseThrow()
                                                .pid(),
                                "exe")
                        .toRealPath();

        assertThat(worker).isEqualTo(service);
    }

    @Test
    @DisabledOnIntegrationTest(
            forArtifactTypes = {ArtifactType.NATIVE_BINARY, ArtifactType.CONTAINER})
    void starts_its_workers_from_the_packaged_jars_and_the_aot_cache() throws Exception {
        int pid = get("/v1/pools/default").then().extract().path("workers[0].pid");
        List<String> command = commandOf(pid);

        assertThat(command).anyMatch(flag -> flag.startsWith("-XX:AOTCache="));
        String classPath = command.get(command.indexOf("-cp") + 1);
        assertThat(classPath.split(":", -1))
                .as("only what a worker needs")
                .hasSize(3)
                .allMatch(place -> place.endsWith(".jar"));
    }

    private static List<String> commandOf(int pid) throws IOException {
        try (InputStream line = Files.newInputStream(Path.of("/proc", "" + pid, "cmdline"))) {
            return List.of(new String(line.readAllBytes(), StandardCharsets.UTF_8).split("\0", -1));
        }
    }
}
