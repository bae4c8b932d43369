package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.RestAssured;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the description of the command line shows is what the packaged jar does. */
@QuarkusIntegrationTest
class DocumentedClientIT {

    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final Path DOCUMENT = Path.of("docs/cli.md");

    @TempDir private Path directory;

    @Test
    void the_description_of_the_command_line_is_true() throws Exception {
        List<ConsoleExample> examples = ConsoleExample.of(Files.readString(DOCUMENT));
        assertThat(examples).isNotEmpty();
        try (var shell = new Shell()) {
            for (String line : preparations()) {
                assertThat(shell.run(line, LONGEST)).as(line).isEmpty();
            }
            for (ConsoleExample example : examples) {
                List<String> output = shell.run(example.command(), LONGEST);
                assertThat(example.fits(output))
                        .as(
                                "%s:%d\n$ %s\nshould write\n%s\nand wrote\n%s",
                                DOCUMENT,
                                example.line(),
                                example.command(),
                                String.join("\n", example.expected()),
                                String.join("\n", output))
                        .isTrue();
            }
        }
    }

    /** The document's own function, with the java and the jar of this build. */
    private List<String> preparations() {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path jar =
                Path.of(System.getProperty("build.output.directory"))
                        .resolve("quarkus-app/quarkus-run.jar")
                        .toAbsolutePath();
        return List.of(
                "cd '%s'".formatted(directory),
                "export PROCESS_POOL_URL=%s:%d".formatted(RestAssured.baseURI, RestAssured.port),
                "process-pool() { '%s' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar '%s' \"$@\"; }"
                        .formatted(java, jar),
                "source <(process-pool generate-completion)");
    }
}
