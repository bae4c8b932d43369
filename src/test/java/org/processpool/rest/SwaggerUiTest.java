package org.processpool.rest;

import static io.restassured.RestAssured.when;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@TestProfile(SmallPool.class)
class SwaggerUiTest {

    @TestHTTPResource("/q/swagger-ui/")
    URI page;

    @Test
    void is_there() {
        when().get("/q/swagger-ui/")
                .then()
                .statusCode(200)
                .contentType("text/html")
                .body(containsString("/q/openapi"));
    }

    @Test
    void shows_the_operations_in_a_browser(@TempDir Path directory) throws Exception {
        Optional<Path> browser =
                Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser")
                        .map(Path::of)
                        .filter(Files::isExecutable)
                        .findFirst();
        assumeTrue(browser.isPresent(), "chromium is not installed");
        Path dom = directory.resolve("dom.html");
        Process process =
                new ProcessBuilder(
                                browser.get().toString(),
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--user-data-dir=" + directory.resolve("profile"),
                                "--virtual-time-budget=20000",
                                "--dump-dom",
                                page.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .redirectOutput(dom.toFile())
                        .start();
        boolean ended = process.waitFor(1, TimeUnit.MINUTES);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        assertThat(ended).as("the browser ends by itself").isTrue();
        assertThat(Files.readString(dom, UTF_8))
                .contains("operations-Tasks-applyTask", "Process Pool")
                .doesNotContain("Failed to load API definition", "Resolver error");
    }
}
