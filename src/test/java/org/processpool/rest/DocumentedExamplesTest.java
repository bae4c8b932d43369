package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the documents show on a console is what happens. */
@QuarkusTest
@TestProfile(DocumentedPool.class)
class DocumentedExamplesTest {

    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final String DOCUMENTED = "localhost:8080";

    @TestHTTPResource("/")
    URI root;

    @Test
    void the_shortest_introduction_is_true() throws Exception {
        run(Path.of("src/test/resources/org/processpool/rest/examples.md"));
    }

    @Test
    void the_description_of_the_rest_api_is_true() throws Exception {
        Path document = Path.of("docs/rest.md");
        assumeTrue(Files.exists(document), "docs/rest.md is not written yet");
        run(document);
    }

    private void run(Path document) throws Exception {
        List<ConsoleExample> examples = ConsoleExample.of(Files.readString(document));
        assertThat(examples).as("examples of " + document).isNotEmpty();
        try (var shell = new Shell()) {
            for (String tool : List.of("curl", "jq")) {
                assumeTrue(
                        shell.run("command -v " + tool, LONGEST).size() == 1,
                        tool + " is not installed");
            }
            for (ConsoleExample example : examples) {
                String here = root.getHost() + ":" + root.getPort();
                List<String> output =
                        shell.run(example.command().replace(DOCUMENTED, here), LONGEST);
                assertThat(example.fits(output))
                        .as(
                                "%s:%d\n$ %s\nshould write\n%s\nand wrote\n%s",
                                document,
                                example.line(),
                                example.command(),
                                String.join("\n", example.expected()),
                                String.join("\n", output))
                        .isTrue();
            }
        }
    }
}
