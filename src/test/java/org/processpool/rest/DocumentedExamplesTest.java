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
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** What the documents show on a console is what happens. */
@QuarkusTest
@TestProfile(DocumentedPool.class)
class DocumentedExamplesTest {

    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final String DOCUMENTED = "localhost:8080";

    private static final String DOCUMENTED_TCP = "127.0.0.1 8001";

    @ConfigProperty(name = "process-pool.chat.tcp.port")
    int tcpPort;

    @TestHTTPResource("/")
    URI root;

    @Test
    void the_shortest_introduction_is_true() throws Exception {
        run(Path.of("src/test/resources/org/processpool/rest/examples.md"), "curl", "jq");
    }

    @Test
    void the_description_of_the_rest_api_is_true() throws Exception {
        Path document = Path.of("docs/rest.md");
        assumeTrue(Files.exists(document), "docs/rest.md is not written yet");
        run(document, "curl", "jq");
    }

    @Test
    void the_description_of_the_chat_is_true() throws Exception {
        run(Path.of("docs/chat.md"), "nc", "head", "wc");
    }

    private void run(Path document, String... tools) throws Exception {
        List<ConsoleExample> examples = ConsoleExample.of(Files.readString(document));
        assertThat(examples).as("examples of " + document).isNotEmpty();
        try (var shell = new Shell()) {
            for (String tool : tools) {
                assumeTrue(
                        shell.run("command -v " + tool, LONGEST).size() == 1,
                        tool + " is not installed");
            }
            for (ConsoleExample example : examples) {
                String here = root.getHost() + ":" + root.getPort();
                List<String> output =
                        shell.run(
                                example.command()
                                        .replace(DOCUMENTED, here)
                                        .replace(DOCUMENTED_TCP, "127.0.0.1 " + tcpPort),
                                LONGEST);
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
