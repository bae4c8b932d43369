package org.processpool.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.processpool.rest.Calls.call;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens of an identity provider, signed with a key that is the test's own. */
@QuarkusTest
@TestProfile(IdentityProviderTest.Provided.class)
class IdentityProviderTest {

    /** The service trusts {@link Issuer}. */
    public static final class Provided implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("process-pool.pools.default.processes", "1");
        }

        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(Issuer.class));
        }
    }

    private static ValidatableResponse whoami(String token) {
        return call().header("Authorization", "Bearer " + token).get("/v1/whoami").then();
    }

    @Test
    void knows_whom_the_provider_knows() {
        whoami(Issuer.token("alice", "submit", "acme"))
                .statusCode(200)
                .body("name", equalTo("alice"))
                .body("role", equalTo("submit"))
                .body("tenant", equalTo("acme"));
        call().header("Authorization", "Bearer " + Issuer.token("alice", "submit", "acme"))
                .contentType(ContentType.JSON)
                .body("[10]")
                .post("/v1/tasks/fib:apply")
                .then()
                .statusCode(200)
                .body(equalTo("55"));
    }

    @Test
    void takes_the_highest_of_the_roles_a_token_has() {
        whoami(Issuer.of(Set.of("offline_access", "read", "operate")))
                .statusCode(200)
                .body("role", equalTo("operate"));
    }

    @Test
    void forbids_everything_to_who_has_no_role_here() {
        whoami(Issuer.of(Set.of("admin")))
                .statusCode(403)
                .body("type", equalTo("/problems/forbidden"))
                .body("requiredRole", equalTo("read"))
                .body("detail", containsString("mallory"));
    }

    static Stream<String> worthless() {
        String good = Issuer.token("alice", "operate", "acme");
        return Stream.of(
                Issuer.expired(),
                Issuer.forOthers(),
                Issuer.ofOthers(),
                Issuer.withAnotherKey(),
                Issuer.signedWithPublicKey(),
                Issuer.unsigned(),
                Issuer.token("alice", "operate", "ac\u0000me"),
                Issuer.token("alice", "operate", "a".repeat(256)),
                Issuer.token("al\nice", "operate", "acme"),
                Issuer.token("alice", "operate", ""), // without the claim of the tenant
                good.substring(0, good.length() - 6) + "AAAAAA",
                good.replaceFirst("\\.[^.]+\\.", ".e30."),
                "a.b.c",
                "nonsense");
    }

    @ParameterizedTest
    @MethodSource("worthless")
    void knows_nobody_by_a_token_that_is_not_good(String token) {
        whoami(token)
                .statusCode(401)
                .header("WWW-Authenticate", containsString("invalid_token"))
                .body("type", equalTo("/problems/unauthorized"));
    }

    @Test
    void keeps_the_tenants_of_the_provider_apart() {
        String id =
                call().header("Authorization", "Bearer " + Issuer.token("alice", "submit", "acme"))
                        .contentType(ContentType.JSON)
                        .body("{\"task\":\"fib\",\"args\":[5]}")
                        .post("/v1/jobs")
                        .then()
                        .statusCode(202)
                        .extract()
                        .path("id");
        call().header("Authorization", "Bearer " + Issuer.token("bob", "read", "acme"))
                .get("/v1/jobs/" + id)
                .then()
                .statusCode(200);
        call().header("Authorization", "Bearer " + Issuer.token("eve", "operate", "other"))
                .get("/v1/jobs/" + id)
                .then()
                .statusCode(404);
    }
}
