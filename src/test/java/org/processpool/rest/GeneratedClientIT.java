package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A client in TypeScript, generated from the document of the running service, compiled and run.
 * Needs node and npm, which fetches three packages of fixed versions and contents the first time.
 */
@QuarkusIntegrationTest
class GeneratedClientIT {

    private static final Path SOURCES = Path.of("src/test/client");
    private static final Path WORK = Path.of("target/generated-client");
    private static final int LONGEST_SECONDS = 120;

    private record Ended(int exitCode, String output) {}

    @Test
    void lists_calls_and_understands_problems() throws Exception {
        assumeTrue(isThere("node") && isThere("npm"), "node and npm are not installed");
        Files.createDirectories(WORK);
        for (String file :
                List.of("package.json", "package-lock.json", "tsconfig.json", "smoke.ts")) {
            Files.copy(
                    SOURCES.resolve(file), WORK.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        URI base = URI.create(RestAssured.baseURI);
        String origin = "http://%s:%d".formatted(base.getHost(), RestAssured.port);
        Ended installed =
                run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
        assumeTrue(
                installed.exitCode() == 0 || !isOffline(installed.output()),
                "npm cannot reach its registry: " + installed.output());
        assertThat(installed.exitCode()).as(installed.output()).isZero();
        succeed(
                "node_modules/.bin/openapi-typescript",
                origin + "/q/openapi?format=json",
                "-o",
                "api.d.ts");
        succeed("node_modules/.bin/tsc");
        String said = succeed("node", "smoke.js", origin);
        assertThat(said)
                .contains(
                        "ok: wordcount is among them",
                        "ok: a problem has its type",
                        "ok: it can be read and has succeeded");
    }

    private static String succeed(String... command) throws Exception {
        Ended ended = run(command);
        assertThat(ended.exitCode())
                .as("%s: %s", String.join(" ", command), ended.output())
                .isZero();
        return ended.output();
    }

    private static Ended run(String... command) throws Exception {
        Path output = WORK.resolve("output.txt");
        Process process =
                new ProcessBuilder(command)
                        .directory(WORK.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        return new Ended(process.exitValue(), Files.readString(output, UTF_8));
    }

    private static boolean isOffline(String output) {
        return output.contains("ENOTFOUND")
                || output.contains("EAI_AGAIN")
                || output.contains("ECONNREFUSED")
                || output.contains("ETIMEDOUT");
    }

    private static boolean isThere(String program) throws InterruptedException {
        try {
            return new ProcessBuilder(program, "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false; // which is what was asked
        }
    }
}
