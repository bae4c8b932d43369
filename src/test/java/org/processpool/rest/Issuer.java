package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.smallrye.jwt.build.Jwt;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An identity provider that has nothing but a signing key: its discovery document and that key. */
public final class Issuer implements QuarkusTestResourceLifecycleManager {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final KeyPair KEYS = keys();
    private static final KeyPair OTHER_KEYS = keys();
    private static final String KEY_ID = "first";
    private static final String AUDIENCE = "process-pool";

    private static @Nullable String url;

    private @Nullable HttpServer server;

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public Map<String, String> start() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException unable) {
            throw new IllegalStateException(unable);
        }
        url = "http://127.0.0.1:%d/realms/test".formatted(server.getAddress().getPort());
        server.createContext(
                "/realms/test/.well-known/openid-configuration",
                exchange -> answer(exchange, Map.of("issuer", url, "jwks_uri", url + "/certs")));
        RSAPublicKey key = (RSAPublicKey) KEYS.getPublic();
        server.createContext(
                "/realms/test/certs",
                exchange ->
                        answer(
                                exchange,
                                Map.of(
                                        "keys",
                                        List.of(
                                                Map.of(
                                                        "kty",
                                                        "RSA",
                                                        "use",
                                                        "sig",
                                                        "alg",
                                                        "RS256",
                                                        "kid",
                                                        KEY_ID,
                                                        "n",
                                                        base64(key.getModulus()),
                                                        "e",
                                                        base64(key.getPublicExponent()))))));
        server.start();
        return Map.of(
                "quarkus.oidc.tenant-enabled",
                "true",
                "quarkus.oidc.auth-server-url",
                url,
                "quarkus.oidc.token.audience",
                AUDIENCE,
                "process-pool.security.tenant-claim",
                "org");
    }

    private static String base64(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int from = bytes[0] == 0 ? 1 : 0;
        byte[] unsigned = Arrays.copyOfRange(bytes, from, bytes.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(unsigned);
    }

    private static void answer(HttpExchange exchange, Object json) throws IOException {
        byte[] body = JSON.writeValueAsBytes(json);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** A token as it should be. */
    static String token(String name, String role, String org) {
        return token(name, Set.of(role), org, AUDIENCE, url, Duration.ofMinutes(5), KEYS);
    }

    static String of(Set<String> roles) {
        return token("mallory", roles, "acme", AUDIENCE, url, Duration.ofMinutes(5), KEYS);
    }

    static String expired() {
        return token(
                "alice", Set.of("operate"), "acme", AUDIENCE, url, Duration.ofMinutes(-5), KEYS);
    }

    static String forOthers() {
        return token(
                "alice", Set.of("operate"), "acme", "another", url, Duration.ofMinutes(5), KEYS);
    }

    static String ofOthers() {
        return token(
                "alice",
                Set.of("operate"),
                "acme",
                AUDIENCE,
                "https://other.example",
                Duration.ofMinutes(5),
                KEYS);
    }

    static String withAnotherKey() {
        return token(
                "alice",
                Set.of("operate"),
                "acme",
                AUDIENCE,
                url,
                Duration.ofMinutes(5),
                OTHER_KEYS);
    }

    /** As if the public key were a secret that both know (a well-known mistake of libraries). */
    static String signedWithPublicKey() {
        String header = encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"first\"}");
        return header + "." + claims() + "." + encoded("signature");
    }

    static String unsigned() {
        return encoded("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + claims() + ".";
    }

    private static String claims() {
        long now = System.currentTimeMillis() / 1000;
        return encoded(
                """
                {"iss":"%s","aud":"%s","sub":"alice","upn":"alice","groups":["operate"],\
                "org":"acme","iat":%d,"exp":%d}\
                """
                        .formatted(url, AUDIENCE, now, now + 300));
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }

    private static String token(
            String name,
            Set<String> roles,
            String org,
            String audience,
            @Nullable String issuer,
            Duration life,
            KeyPair keys) {
        long now = System.currentTimeMillis() / 1000;
        var claims =
                Jwt.issuer(issuer)
                        .audience(audience)
                        .subject(name)
                        .upn(name)
                        .groups(roles)
                        .issuedAt(now - 600)
                        .expiresAt(now + life.toSeconds());
        if (!org.isEmpty()) {
            claims.claim("org", org);
        }
        return claims.jws().keyId(KEY_ID).sign(keys.getPrivate());
    }

    @Override
    public void stop() {
        if (server != null) {
            server.stop(0);
        }
    }
}
