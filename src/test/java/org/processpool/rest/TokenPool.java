package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A service that asks for tokens, of which there is one for each role and one of another tenant.
 */
public final class TokenPool implements QuarkusTestProfile {

    static final String READER = "reader-token";
    static final String SUBMITTER = "submitter-token";
    static final String OPERATOR = "operator-token";
    static final String STRANGER = "stranger-token";

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "process-pool.pools.default.processes", "1",
                "process-pool.security.tokens-file", tokens().toString(),
                "process-pool.jobs.max-queued-per-tenant", "3",
                "process-pool.rest.requests-per-minute", "600");
    }

    private static Path tokens() {
        try {
            Path file = Files.createTempFile("tokens", "");
            file.toFile().deleteOnExit();
            return Files.write(
                    file,
                    List.of(
                            "reader:read:" + sha256(READER),
                            "submitter:submit:" + sha256(SUBMITTER),
                            "operator:operate:" + sha256(OPERATOR),
                            "stranger:operate:" + sha256(STRANGER) + ":elsewhere"));
        } catch (IOException unable) {
            throw new UncheckedIOException(unable);
        }
    }

    private static String sha256(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
